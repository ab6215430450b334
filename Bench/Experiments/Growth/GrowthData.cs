using FisherKernels.Bench.Experiments.Generate;
using FisherKernels.Kernels;
using FisherKernels.Learning;

namespace FisherKernels.Bench.Experiments.Growth;

/// <summary>What a selection is given: features as a last layer has them, rewards, and pairs of any two responses.</summary>
internal sealed class GrowthData
{
    /// <summary>Draws it.</summary>
    /// <param name="size">How much of it.</param>
    /// <param name="seed">Seeds every draw.</param>
    public GrowthData(GrowthSize size, int seed)
    {
        (int n, int responses, int d) = size;
        SeededRandom ofFeatures = new(seed, 0), ofRewards = new(seed, 1), ofPairs = new(seed, 2);
        Features = new float[responses * d];
        Normals.Fill(ofFeatures, Features);
        for (int a = 0; a < responses; a++)
        {
            // What a response's features have in common; a unit is silent where its sum is negative.
            float common = Normals.Next(ofFeatures);
            foreach (ref float x in Features.AsSpan(a * d, d))
            {
                x = Math.Max(x + common, 0);
            }
        }

        Rewards = new float[responses];
        Normals.Fill(ofRewards, Rewards);
        Pairs = new Pair[n];
        foreach (ref Pair pair in Pairs.AsSpan())
        {
            int a = ofPairs.NextBelow(responses);
            pair = new Pair(a, (a + 1 + ofPairs.NextBelow(responses - 1)) % responses);
        }

        Past = new double[d * d];
        for (int j = 0; j < d; j++)
        {
            Past[j * d + j] = 1;
        }
    }

    /// <summary>Φ [R, d]: rectified normals, any two of a response's correlated by ½ before they are rectified.</summary>
    public float[] Features { get; }

    /// <summary>r [R], standard normal.</summary>
    public float[] Rewards { get; }

    /// <summary>[n], of two different responses each.</summary>
    public Pair[] Pairs { get; }

    /// <summary>I_past [d, d] = 1.</summary>
    public double[] Past { get; }
}
