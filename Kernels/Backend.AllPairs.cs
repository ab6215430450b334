namespace FisherKernels.Kernels;

// Every comparison of R responses, a < b, without a list of them: MATH.md §6.
public abstract partial class Backend
{
    /// <summary>Responses that all pairs can be taken of: pair (a, b) is number a·R + b of 32 bits.</summary>
    public const int MostResponsesOfAllPairs = 1 << 16;

    /// <summary>Fisher information of all R(R − 1)/2 pairs: I = Σ_{a&lt;b} v_ab δδᵀ, v = p(1 − p) of r[a] − r[b] (MATH.md §2, §6).</summary>
    /// <remarks>Nothing of size R × R is stored: v is made in tiles, ΛΦ is scratch of the backend.</remarks>
    /// <param name="phi_Rd">[R, d], features, R ≤ 65,536.</param>
    /// <param name="r_R">[R], rewards.</param>
    /// <param name="fisher_dd">[d, d], out, symmetric to rounding, summed in float64.</param>
    public void AllPairsInformation(DeviceArray<float> phi_Rd, DeviceArray<float> r_R, DeviceArray<double> fisher_dd)
    {
        RequireOwned(phi_Rd);
        RequireFew(phi_Rd.Rows, nameof(phi_Rd));
        Require(r_R, phi_Rd.Rows);
        Require(fisher_dd, phi_Rd.Columns, phi_Rd.Columns);
        if (phi_Rd.Rows < 2)
        {
            fisher_dd.Clear();
        }
        else if (fisher_dd.Length > 0)
        {
            AllPairsInformationCore(phi_Rd, r_R, fisher_dd);
        }
    }

    /// <summary>The k best of all pairs a &lt; b by g = v ‖z_a − z_b‖², best first; equal scores in ascending order of (a, b), NaN last.</summary>
    /// <remarks>The same pairs and the same bits as <see cref="LogDetGradient"/> and <see cref="Top"/> give for the whole list.</remarks>
    /// <param name="z_Rd">[R, d], whitened features, R ≤ 65,536.</param>
    /// <param name="r_R">[R], rewards.</param>
    /// <param name="k">How many, 0 ≤ k ≤ R(R − 1)/2.</param>
    public (Pair[] Pairs, float[] Scores) AllPairsTop(DeviceArray<double> z_Rd, DeviceArray<float> r_R, int k)
    {
        RequireOwned(z_Rd);
        RequireFew(z_Rd.Rows, nameof(z_Rd));
        Require(r_R, z_Rd.Rows);
        long pairs = z_Rd.Rows * (z_Rd.Rows - 1L) / 2;
        if (k < 0 || k > pairs)
        {
            throw new ArgumentOutOfRangeException(nameof(k), k, $"{k} of {pairs} pairs were asked for.");
        }

        // Descending: scores from the largest, numbers from the smallest.
        ReadOnlySpan<ulong> keys = k == 0 ? [] : AllPairsTopCore(z_Rd, r_R, k);
        (Pair[] Pairs, float[] Scores) top = (new Pair[k], new float[k]);
        for (int j = 0; j < k; j++)
        {
            uint number = (uint)TopKey.Number(keys[j]);
            top.Pairs[j] = new((int)(number / (uint)z_Rd.Rows), (int)(number % (uint)z_Rd.Rows));
            top.Scores[j] = TopKey.Score(keys[j]);
        }

        return top;
    }

    private protected abstract void AllPairsInformationCore(
        DeviceArray<float> phi_Rd, DeviceArray<float> r_R, DeviceArray<double> fisher_dd);

    /// <summary>Keys of score and number a·R + b, the k largest in descending order.</summary>
    private protected abstract ReadOnlySpan<ulong> AllPairsTopCore(DeviceArray<double> z_Rd, DeviceArray<float> r_R, int k);

    private static void RequireFew(int responses, string name)
    {
        if (responses > MostResponsesOfAllPairs)
        {
            throw new ArgumentException($"{name} has {responses} rows; all pairs are taken of at most {MostResponsesOfAllPairs}. Draw some of the responses.", name);
        }
    }
}
