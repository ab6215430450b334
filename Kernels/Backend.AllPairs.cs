namespace FisherKernels.Kernels;

// Every comparison of R responses, a < b, without a list of them: MATH.md §6.
public abstract partial class Backend
{
    /// <summary>Responses that all pairs can be taken of: pair (a, b) is number a·R + b of 32 bits.</summary>
    public const int MostResponsesOfAllPairs = 1 << 16;

    /// <summary>Fisher information of all R(R − 1)/2 pairs: I = Σ_{a&lt;b} v_ab δδᵀ, v = p(1 − p) of r[a] − r[b] (MATH.md §2,
    /// §6).</summary>
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

    /// <summary>The k best of all pairs a &lt; b by g = v ‖z_a − z_b‖², best first; equal scores in ascending order of (a, b), NaN
    /// last.</summary>
    /// <remarks>The same pairs and the same bits as <see cref="LogDetGradient"/> and <see cref="Top"/> give for the whole list.</remarks>
    /// <param name="z_Rd">[R, d], whitened features, R ≤ 65,536.</param>
    /// <param name="r_R">[R], rewards.</param>
    /// <param name="k">How many, 0 ≤ k ≤ R(R − 1)/2.</param>
    public (Pair[] Pairs, float[] Scores) AllPairsTop(DeviceArray<double> z_Rd, DeviceArray<float> r_R, int k)
    {
        RequireOwned(z_Rd);
        RequireFew(z_Rd.Rows, nameof(z_Rd));
        Require(r_R, z_Rd.Rows);
        RequireAmong(k, z_Rd.Rows);
        return Read(k == 0 ? [] : AllPairsTopCore(z_Rd, r_R, k), z_Rd.Rows);
    }

    /// <summary>The k best of all pairs a &lt; b by g = v δᵀM⁻¹δ with M = λ·1 + I_past + I of all pairs, as <see cref="AllPairsTop"/>
    /// gives them, and M (MATH.md §3, §6).</summary>
    /// <remarks>What <see cref="AllPairsInformation"/>, <see cref="PrecisionMatrix"/>, <see cref="Whiten"/> and <see cref="AllPairsTop"/>
    /// give one after the other; a device does not wait for the host in between.</remarks>
    /// <param name="phi_Rd">[R, d], features, R ≤ 65,536.</param>
    /// <param name="r_R">[R], rewards.</param>
    /// <param name="past_dd">[d, d], I_past, symmetric up to rounding; null for none.</param>
    /// <param name="ridge">λ ≥ 0, finite, at most <see cref="PrecisionMatrix.MostRidge"/>.</param>
    /// <param name="k">How many, 0 ≤ k ≤ R(R − 1)/2.</param>
    /// <exception cref="ArgumentException">Arrays of another backend or of shapes that do not fit together; features, rewards or a past
    /// that are not finite.</exception>
    /// <exception cref="SingularInformationException">M has no Cholesky factor in float64.</exception>
    public BestOfAllPairs AllPairsBest(DeviceArray<float> phi_Rd, DeviceArray<float> r_R, DeviceArray<double>? past_dd, double ridge, int k)
    {
        RequireOwned(phi_Rd);
        RequireFew(phi_Rd.Rows, nameof(phi_Rd));
        Require(r_R, phi_Rd.Rows);
        RequireAmong(k, phi_Rd.Rows);
        CholeskyFactor.RequireRidge(ridge);
        if (past_dd is not null)
        {
            Require(past_dd, phi_Rd.Columns, phi_Rd.Columns);
        }

        (Pair[] pairs, float[] scores) = Read(AllPairsBestCore(phi_Rd, r_R, past_dd, ridge, k, out PrecisionMatrix precision), phi_Rd.Rows);
        return new(pairs, scores, precision);
    }

    /// <summary>The work of <see cref="AllPairsInformation"/>, of arguments that are checked and not empty.</summary>
    protected abstract void AllPairsInformationCore(
        DeviceArray<float> phi_Rd, DeviceArray<float> r_R, DeviceArray<double> fisher_dd);

    /// <summary>The work of <see cref="AllPairsTop"/>, k ≥ 1.</summary>
    /// <returns>The k largest keys (<see cref="TopKey"/>) of a score and of a·R + b as its index, in descending order.</returns>
    protected abstract ReadOnlySpan<ulong> AllPairsTopCore(DeviceArray<double> z_Rd, DeviceArray<float> r_R, int k);

    /// <summary>The work of <see cref="AllPairsBest"/>, k ≥ 0.</summary>
    /// <returns>The k largest keys (<see cref="TopKey"/>) of a score and of a·R + b as its index, in descending order.</returns>
    protected virtual ReadOnlySpan<ulong> AllPairsBestCore(
        DeviceArray<float> phi_Rd, DeviceArray<float> r_R, DeviceArray<double>? past_dd, double ridge, int k, out PrecisionMatrix precision)
    {
        BestScratch scratch = TakeBestScratch();
        DeviceArray<double> matrix_dd = scratch.Matrix(phi_Rd.Columns), z_Rd = scratch.Whitened(phi_Rd.Rows, phi_Rd.Columns);
        try
        {
            AllPairsInformation(phi_Rd, r_R, matrix_dd);
            precision = Factored(matrix_dd, past_dd, ridge);
            Whiten(phi_Rd, matrix_dd, z_Rd);
            return k == 0 ? [] : AllPairsTopCore(z_Rd, r_R, k);
        }
        finally
        {
            _bestScratch = scratch;
        }
    }

    // Descending: scores from the largest, numbers from the smallest.
    private static (Pair[] Pairs, float[] Scores) Read(ReadOnlySpan<ulong> keys, int responses)
    {
        (Pair[] Pairs, float[] Scores) read = (new Pair[keys.Length], new float[keys.Length]);
        for (int j = 0; j < keys.Length; j++)
        {
            uint number = (uint)TopKey.Index(keys[j]);
            read.Pairs[j] = new((int)(number / (uint)responses), (int)(number % (uint)responses));
            read.Scores[j] = TopKey.Score(keys[j]);
        }

        return read;
    }

    private static void RequireAmong(int k, int responses)
    {
        long pairs = responses * (responses - 1L) / 2;
        if (k < 0 || k > pairs)
        {
            throw new ArgumentOutOfRangeException(nameof(k), k, $"{k} of {pairs} pairs were asked for.");
        }
    }

    private static void RequireFew(int responses, string name)
    {
        if (responses > MostResponsesOfAllPairs)
        {
            throw new ArgumentException(
                $"{name} has {responses} rows; all pairs are taken of at most {MostResponsesOfAllPairs}. Draw some of the responses.",
                name);
        }
    }
}

/// <summary>The best of all pairs a &lt; b, best first, and the matrix they were judged by.</summary>
/// <param name="Pairs">First &lt; Second, [k]: largest score first, equal ones in ascending order, NaN last.</param>
/// <param name="Scores">g = v δᵀM⁻¹δ of each, [k], in nats of log det M per unit weight.</param>
/// <param name="Precision">M = λ·1 + I_past + I of all pairs.</param>
public sealed record BestOfAllPairs(Pair[] Pairs, float[] Scores, PrecisionMatrix Precision);
