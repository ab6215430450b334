namespace FisherKernels.Kernels;

// Fisher information and what is chosen by it: MATH.md §2, §3.
//
// Between the features and the scores everything is float64: a ridge of 1e-6 beside an information of 1e4, fewer pairs
// than dimensions or a dead feature leave float32 without a digit (MATH.md §8), and a product of two floats is exact in
// float64. Features, rewards, variances and scores are float32.
public abstract partial class Backend
{
    /// <summary>v = p(1 − p) of every pair, p = σ(r[a] − r[b]).</summary>
    /// <remarks>From |x| alone, v = t/(1 + t)² with t = e^−|x|: even in x, and never p·(1 − p) with p rounded to 1.</remarks>
    /// <param name="graph">n pairs over R responses.</param>
    /// <param name="r_R">[R], rewards.</param>
    /// <param name="v_n">[n], out, in [0, 1/4].</param>
    public void PairVariances(PairGraph graph, DeviceArray<float> r_R, DeviceArray<float> v_n)
    {
        RequireOwned(graph);
        Require(r_R, graph.Responses);
        Require(v_n, graph.Count);
        if (graph.Count > 0)
        {
            PairVariancesCore(graph, r_R, v_n);
        }
    }

    /// <summary>Fisher information I = Σ v_i δ_i δ_iᵀ = Φᵀ Λ Φ, Λ the Laplacian of the pairs weighted by v (MATH.md §2).</summary>
    /// <remarks>Nothing of size n × d is stored; ΛΦ, R × d, is scratch of the backend.</remarks>
    /// <param name="graph">n pairs over R responses.</param>
    /// <param name="phi_Rd">[R, d], features.</param>
    /// <param name="v_n">[n], weight of each pair, ≥ 0.</param>
    /// <param name="fisher_dd">[d, d], out, symmetric to rounding, summed in float64.</param>
    public void Information(PairGraph graph, DeviceArray<float> phi_Rd, DeviceArray<float> v_n, DeviceArray<double> fisher_dd)
    {
        RequireOwned(graph);
        RequireOwned(phi_Rd);
        Require(phi_Rd, graph.Responses, phi_Rd.Columns);
        Require(v_n, graph.Count);
        Require(fisher_dd, phi_Rd.Columns, phi_Rd.Columns);
        if (graph.Count == 0)
        {
            fisher_dd.Clear();
        }
        else if (fisher_dd.Length > 0)
        {
            InformationCore(graph, phi_Rd, v_n, fisher_dd);
        }
    }

    /// <summary>Z = Φ L⁻ᵀ, rows z_a = L⁻¹ φ_a (MATH.md §3).</summary>
    /// <param name="phi_Rd">[R, d], features.</param>
    /// <param name="inverse_dd">[d, d], L⁻¹, lower triangular: what lies above the diagonal is not read
    /// (<see cref="PrecisionMatrix.InverseCholesky"/>).</param>
    /// <param name="z_Rd">[R, d], out.</param>
    public void Whiten(DeviceArray<float> phi_Rd, DeviceArray<double> inverse_dd, DeviceArray<double> z_Rd)
    {
        RequireOwned(phi_Rd);
        Require(inverse_dd, phi_Rd.Columns, phi_Rd.Columns);
        Require(z_Rd, phi_Rd.Rows, phi_Rd.Columns);
        if (z_Rd.Length > 0)
        {
            WhitenCore(phi_Rd, inverse_dd, z_Rd);
        }
    }

    /// <summary>g = v ‖z_a − z_b‖² for every pair: how fast log det M grows with its weight (MATH.md §3).</summary>
    /// <param name="graph">n pairs over R responses.</param>
    /// <param name="z_Rd">[R, d], whitened features.</param>
    /// <param name="v_n">[n], variances.</param>
    /// <param name="g_n">[n], out, ≥ 0.</param>
    public void LogDetGradient(PairGraph graph, DeviceArray<double> z_Rd, DeviceArray<float> v_n, DeviceArray<float> g_n)
    {
        RequireOwned(graph);
        RequireOwned(z_Rd);
        Require(z_Rd, graph.Responses, z_Rd.Columns);
        Require(v_n, graph.Count);
        Require(g_n, graph.Count);
        if (z_Rd.Columns == 0)
        {
            g_n.Clear();
        }
        else if (graph.Count > 0)
        {
            LogDetGradientCore(graph, z_Rd, v_n, g_n);
        }
    }

    /// <summary>The numbers of the k largest scores, largest first; equal scores in ascending order of their number, NaN last.</summary>
    /// <param name="score_n">[n], scores; −0 and 0 are equal.</param>
    /// <param name="k">How many, 0 ≤ k ≤ n.</param>
    public int[] Top(DeviceArray<float> score_n, int k)
    {
        RequireOwned(score_n);
        Require(score_n, score_n.Rows);
        if (k < 0 || k > score_n.Rows)
        {
            throw new ArgumentOutOfRangeException(nameof(k), k, $"{k} of {score_n.Rows} scores were asked for.");
        }

        return k == 0 ? [] : TopCore(score_n, k);
    }

    /// <summary>The work of <see cref="PairVariances"/>, of arguments that are checked and not empty.</summary>
    protected abstract void PairVariancesCore(PairGraph graph, DeviceArray<float> r_R, DeviceArray<float> v_n);

    /// <summary>The work of <see cref="Information"/>, of arguments that are checked and not empty.</summary>
    protected abstract void InformationCore(
        PairGraph graph, DeviceArray<float> phi_Rd, DeviceArray<float> v_n, DeviceArray<double> fisher_dd);

    /// <summary>The work of <see cref="Whiten"/>, of arguments that are checked and not empty.</summary>
    protected abstract void WhitenCore(DeviceArray<float> phi_Rd, DeviceArray<double> inverse_dd, DeviceArray<double> z_Rd);

    /// <summary>The work of <see cref="LogDetGradient"/>, of arguments that are checked and not empty.</summary>
    protected abstract void LogDetGradientCore(
        PairGraph graph, DeviceArray<double> z_Rd, DeviceArray<float> v_n, DeviceArray<float> g_n);

    /// <summary>The work of <see cref="Top"/>, of arguments that are checked and not empty.</summary>
    protected abstract int[] TopCore(DeviceArray<float> score_n, int k);
}
