using FisherKernels.Kernels;

namespace FisherKernels.Learning.Batches;

/// <summary>Upper bounds of log det M over all batches from its tangent at any M (MATH.md §5).</summary>
/// <remarks>
/// <code>
/// S(w*) ≤ S(w) + max over allowed w' of g(w)ᵀw' − g(w)ᵀw,    g(w)ᵀw = d − tr(M⁻¹M₀)
/// </code>
/// The maximum is over fewer limits than there may be, which only raises it: the pairs that must be in, those that cannot be, and
/// the one of the
/// others (the size; the caps of one kind of group; the budget, the last pair in part) that gives least. g is float32 and raised by two of
/// its units, so that its rounding does not let the bound fall below what it bounds.
/// </remarks>
internal sealed class ConcaveBound
{
    /// <summary>A gradient in float32, raised by two of its units, is not below what was rounded to it.</summary>
    public const double Raised = 1 + 1.0 / (1 << 22);

    private readonly BatchProblem _problem;
    private readonly PairQuota _quota;
    private readonly bool[]? _fixed;

    // Columns of groups in which some pair that is not fixed has one.
    private readonly int[] _kinds = [];

    public ConcaveBound(BatchProblem problem)
    {
        (_problem, _quota) = (problem, problem.Quota(problem.Required));
        int n = problem.Candidates.Count;
        if (problem.Limits is null && problem.Required.Length == 0)
        {
            return;
        }

        _fixed = [.. Enumerable.Range(0, n).Select(i => !_quota.Allows(i))];
        foreach (int i in problem.Required)
        {
            _fixed[i] = true;
        }

        int kinds = problem.Limits is null || n == 0 ? 0 : problem.Limits.Groups.Count / n;
        _kinds = [.. Enumerable.Range(0, kinds).Where(kind => Enumerable.Range(0, n).Any(i => !_fixed[i] && _quota.Groups(i)[kind] >= 0))];
        int others = _kinds.Length + (_quota.HasCosts ? 1 : 0);
        HasRelaxedLimits = others > 1 || (_quota.HasCosts && problem.Count < n);
    }

    /// <summary>Whether limits are left out.</summary>
    public bool HasRelaxedLimits { get; }

    /// <summary>Whether a pair is in every batch, or in none: its weight is 1 or 0.</summary>
    public bool IsFixed(int pair) => _fixed is not null && _fixed[pair];

    /// <summary>The bound from the tangent at M.</summary>
    /// <param name="precision">M.</param>
    /// <param name="g">g [n] at M.</param>
    public double At(PrecisionMatrix precision, DeviceArray<float> g)
    {
        double sum;
        if (_fixed is null)
        {
            float[] all = g.ToArray();
            sum = _problem.Features.Owner.Top(g, _problem.Count).Sum(i => (double)all[i]);
        }
        else
        {
            sum = Most(g.ToArray());
        }

        return Tangent(precision, _problem.Start, sum);
    }

    /// <summary>The tangent's maximum, and log det M itself where rounding took it below that.</summary>
    /// <param name="precision">M.</param>
    /// <param name="start">M₀.</param>
    /// <param name="sum">The maximum of gᵀw' with g in float32.</param>
    public static double Tangent(PrecisionMatrix precision, PrecisionMatrix start, double sum)
    {
        double own = precision.Dimension - precision.TraceOfInverseTimes(start.Precision);
        return precision.LogDeterminant + Math.Max(sum * Raised - own, 0);
    }

    /// <summary>log det M with every candidate in it, which no batch exceeds; raised by more than what rounding of such a sum
    /// leaves, and not below a batch's own.</summary>
    /// <param name="logDetOfAll">log det M with all of them; infinite where it has no factor.</param>
    /// <param name="precision">M of a batch.</param>
    public static double OfAll(double logDetOfAll, PrecisionMatrix precision) =>
        Math.Max(logDetOfAll + 1e-9 * precision.Dimension, precision.LogDeterminant);

    private double Most(float[] g)
    {
        double fixedSum = _problem.Required.Sum(i => (double)g[i]);
        int left = _problem.Count - _problem.Required.Length;
        int[] order = [.. Enumerable.Range(0, g.Length).Where(i => !_fixed![i]).OrderByDescending(i => g[i])];
        double least = order.Take(left).Sum(i => (double)g[i]);
        foreach (int kind in _kinds)
        {
            least = Math.Min(least, Capped(g, order, left, kind));
        }

        return fixedSum + (_quota.HasCosts ? Math.Min(least, Paid(g, order)) : least);
    }

    // A partition matroid: in descending order, what the caps allow.
    private double Capped(float[] g, int[] order, int left, int kind)
    {
        var used = new Dictionary<int, int>();
        double sum = 0;
        foreach (int i in order)
        {
            int group = _quota.Groups(i)[kind];
            if (left == 0)
            {
                break;
            }

            if (group >= 0)
            {
                int before = used.GetValueOrDefault(group);
                if (before >= _quota.Left(group))
                {
                    continue;
                }

                used[group] = before + 1;
            }

            sum += g[i];
            left--;
        }

        return sum;
    }

    // A knapsack whose last pair may be taken in part.
    private double Paid(float[] g, int[] order)
    {
        double money = _quota.RemainingBudget, sum = 0;
        foreach (int i in order.OrderByDescending(i => g[i] / _quota.Cost(i)))
        {
            double share = Math.Min(1, money / _quota.Cost(i));
            sum += share * g[i];
            money -= share * _quota.Cost(i);
            if (share < 1)
            {
                break;
            }
        }

        return sum;
    }
}
