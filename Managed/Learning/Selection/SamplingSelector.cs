using FisherKernels.Kernels;
using FisherKernels.Learning.Acquisition;
using FisherKernels.Learning.Batches;

namespace FisherKernels.Learning.Selection;

/// <summary>Draws without replacement in proportion to valueᵝ or e^(β·value) (MATH.md §3; Kirsch et al. 2021).</summary>
/// <remarks>
/// Gumbel top-k: the c largest of log w + Gumbel are c draws without replacement in proportion to w (Vieira 2014; Kool, van Hoof
/// and Welling 2019).
/// </remarks>
internal sealed record SamplingSelector : IBatchSelector
{
    private readonly bool _isExponential;
    private readonly double _beta;

    private SamplingSelector(bool isExponential, double beta) => (_isExponential, _beta) = (isExponential, beta > 0 && double.IsFinite(beta)
        ? beta
        : throw new ArgumentOutOfRangeException(nameof(beta), beta, "β must be finite and above 0."));

    /// <inheritdoc/>
    public string Name => (_isExponential, _beta) switch
    {
        (false, 1) => "sample",
        (false, _) => FormattableString.Invariant($"power={_beta}"),
        (true, 1) => "softmax",
        _ => FormattableString.Invariant($"softmax={_beta}"),
    };

    /// <summary>In proportion to valueᵝ; only candidates with a positive value can be drawn.</summary>
    /// <param name="beta">β > 0, finite: towards 0 every candidate has the same chance, towards infinity the best come first.</param>
    public static SamplingSelector Power(double beta) => new(false, beta);

    /// <summary>In proportion to e^(β·value), the value in the score's own unit.</summary>
    /// <param name="beta">β > 0, finite.</param>
    public static SamplingSelector Softmax(double beta) => new(true, beta);

    /// <inheritdoc/>
    public Batch Select(CandidateProblem problem, IAcquisition acquisition, BatchRequest request)
    {
        ScoredCandidates scored = problem.Score(acquisition);
        var quota = new PairQuota(request.Limits, scored.Scores.Length);
        int[] order = Drawn(scored, acquisition.Name, quota.HasCosts ? 0 : request.Count, problem.Random);
        int[] indices = TopOptimiser.Walk(quota, request.Required, request.Count, order);
        return problem.CreateBatch(indices, [.. indices.Select(scored.Value)], scored.Precision);
    }

    // All that can be drawn, in the order of the draw.
    private int[] Drawn(ScoredCandidates scored, string name, int least, SeededRandom random)
    {
        var keys = new double[scored.Scores.Length];
        int positive = 0;
        for (int i = 0; i < keys.Length; i++)
        {
            double value = scored.Value(i);
            bool isPossible = value > 0 || _isExponential;
            keys[i] = isPossible ? _beta * (_isExponential ? value : Math.Log(value)) + random.NextGumbel() : double.NegativeInfinity;
            positive += isPossible ? 1 : 0;
        }

        if (positive < least)
        {
            throw new InputException(
                $"{least} pairs were to be sampled by {name}, but only {positive} of {keys.Length} have a positive score; take the best "
                    + "scores instead "
                + "(without +sample or +power), draw with +softmax, or ask for fewer.");
        }

        int[] indices = [.. Enumerable.Range(0, keys.Length)];
        Array.Sort(indices, (i, j) => keys[j].CompareTo(keys[i]) is var order and not 0 ? order : i.CompareTo(j));
        return indices[..positive];
    }
}
