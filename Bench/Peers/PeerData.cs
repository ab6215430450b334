using FisherKernels.Kernels;
using FisherKernels.Learning;
using FisherKernels.Learning.Models;

namespace FisherKernels.Bench.Peers;

/// <summary>What every peer works on: one seed, the sizes of the paper's round.</summary>
internal sealed class PeerData
{
    public const int Responses = 5_000, Dimension = 2_048, Width = 64, Candidates = 20_000, Labelled = 10_000, Batch = 500, Draws = 20, Small = 10;

    public PeerData()
    {
        var random = new SeededRandom(1);
        Embeddings = Normals(random, Responses * Dimension);
        Model = BradleyTerryMlp.Untrained(new MlpShape(Dimension, [Width, Width, Width], Activation.Gelu), null, 1);
        Pairs = Draw(random, Candidates);
        Taught = Draw(random, Labelled);
        Preferences = [.. Enumerable.Range(0, Labelled).Select(_ => random.NextUniform() < 0.5 ? 1f : 0f)];
        Features = [.. Normals(random, Responses * Width).Select(x => Math.Max(x, 0))];
        Rewards = Normals(random, Responses);
        Probabilities = [.. Enumerable.Range(0, Candidates * Draws).Select(_ => 1 / (1 + Math.Exp(-2 * random.NextNormal())))];
    }

    /// <summary>Ψ [R, D].</summary>
    public float[] Embeddings { get; }

    /// <summary>2,048 → 64 → 64 → 64 → 1, GELU.</summary>
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

    private static float[] Normals(SeededRandom random, int count) => [.. Enumerable.Range(0, count).Select(_ => (float)random.NextNormal())];

    private static Pair[] Draw(SeededRandom random, int count) => [.. Enumerable.Range(0, count).Select(_ =>
    {
        int a = random.NextBelow(Responses);
        return new Pair(a, (a + 1 + random.NextBelow(Responses - 1)) % Responses);
    })];
}
