using FisherKernels.Kernels;

namespace FisherKernels.Learning.Design;

/// <summary>
/// D-optimal design over candidate pairs: M = λ1 + I_past + I, and how fast log det M grows with each pair (MATH.md §2, §3).
/// </summary>
internal static class FisherDesign
{
    /// <summary>I = Σ v_i δ_i δ_iᵀ, [d, d] row by row.</summary>
    /// <param name="graph">n pairs over R responses.</param>
    /// <param name="features">Φ [R, d].</param>
    /// <param name="variances">v [n], ≥ 0.</param>
    public static double[] Information(PairGraph graph, DeviceArray<float> features, DeviceArray<float> variances)
    {
        ArgumentNullException.ThrowIfNull(features);
        Backend backend = features.Owner;
        using DeviceArray<double> fisher = backend.Allocate<double>(features.Columns, features.Columns);
        backend.Information(graph, features, variances, fisher);
        return fisher.ToArray();
    }

    /// <summary>v = p(1 − p) [n] under given rewards; the caller disposes it.</summary>
    /// <param name="graph">n pairs over R responses.</param>
    /// <param name="rewards">r [R].</param>
    public static DeviceArray<float> Variances(PairGraph graph, DeviceArray<float> rewards)
    {
        ArgumentNullException.ThrowIfNull(graph);
        ArgumentNullException.ThrowIfNull(rewards);
        DeviceArray<float> v = rewards.Owner.Allocate<float>(graph.Count);
        try
        {
            rewards.Owner.PairVariances(graph, rewards, v);
            return v;
        }
        catch
        {
            v.Dispose();
            throw;
        }
    }

    /// <summary>n ones; the caller disposes them.</summary>
    internal static DeviceArray<float> Ones(Backend backend, int count)
    {
        var ones = new float[count];
        Array.Fill(ones, 1);
        return backend.Upload<float>(ones, count);
    }
}
