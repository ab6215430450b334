using FisherKernels.Kernels;
using FisherKernels.Learning;
using FisherKernels.Learning.Models;

namespace FisherKernels.Bench.Peers;

/// <summary>What every peer works on, of one seed.</summary>
internal sealed class PeerData
{
    public PeerData(PeerSize size)
    {
        Size = size;
        var random = new SeededRandom(1);
        Embeddings = Normals(random, size.Responses * size.Dimension);
        Model = BradleyTerryMlp.Untrained(new MlpShape(size.Dimension, [size.Width, size.Width, size.Width], Activation.Gelu), null, 1);
        Pairs = Draw(random, size.Candidates);
        Taught = Draw(random, size.Labelled);
        Preferences = [.. Enumerable.Range(0, size.Labelled).Select(_ => random.NextUniform() < 0.5 ? 1f : 0f)];
        Features = [.. Normals(random, size.Responses * size.Width).Select(x => Math.Max(x, 0))];
        Rewards = Normals(random, size.Responses);
        Probabilities = [.. Enumerable.Range(0, size.Candidates * size.Draws).Select(_ => 1 / (1 + Math.Exp(-2 * random.NextNormal())))];
    }

    /// <summary>How much there is.</summary>
    public PeerSize Size { get; }

    /// <summary>Ψ [R, D].</summary>
    public float[] Embeddings { get; }

    /// <summary>D → d → d → d → 1, GELU.</summary>
    public BradleyTerryMlp Model { get; }

    /// <summary>[n].</summary>
    public Pair[] Pairs { get; }

    /// <summary>Pairs with labels.</summary>
    public Pair[] Taught { get; }

    /// <summary>Their labels.</summary>
    public float[] Preferences { get; }

    /// <summary>Φ [R, d] for the work that is given features: rectified normals, as a last layer has them.</summary>
    public float[] Features { get; }

    /// <summary>r [R] beside them.</summary>
    public float[] Rewards { get; }

    /// <summary>p [n, S] for BatchBALD.</summary>
    public double[] Probabilities { get; }

    private static float[] Normals(SeededRandom random, int count) =>
        [.. Enumerable.Range(0, count).Select(_ => (float)random.NextNormal())];

    private Pair[] Draw(SeededRandom random, int count) => [.. Enumerable.Range(0, count).Select(_ =>
    {
        int a = random.NextBelow(Size.Responses);
        return new Pair(a, (a + 1 + random.NextBelow(Size.Responses - 1)) % Size.Responses);
    })];
}
