using FisherKernels.Kernels;
using FisherKernels.Learning.Acquisition;

namespace FisherKernels.Bench.Cases;

/// <summary>What pairs are chosen from, on the host: drawn from a seed, with features as a last layer has them.</summary>
/// <param name="Features">Φ [R, d], rectified normals.</param>
/// <param name="Rewards">r [R], standard normal.</param>
/// <param name="Candidates">[n], drawn from all pairs.</param>
public sealed record SelectionProblem(Matrix<float> Features, Matrix<float> Rewards, Pair[] Candidates)
{
    /// <summary>The same numbers for the same sizes and seed.</summary>
    public static SelectionProblem Create(int responses, int width, int candidates, int seed)
    {
        var draw = new Draw(seed);
        Matrix<float> features = draw.Normal(responses, width);
        return new(
            features with { Numbers = [.. features.Numbers.Select(x => Math.Max(x, 0))] }, draw.Normal(responses),
            draw.Pairs(candidates, responses));
    }
}
