using System.Numerics.Tensors;
using FisherKernels.Kernels;
using FisherKernels.Kernels.Numerics;

namespace FisherKernels.Learning.Batches;

/// <summary>log det M over weights, 0 ≤ w ≤ 1 and Σ w = c, in which pairs may be taken in part: a concave problem, and an upper
/// bound of the batches (MATH.md §5).</summary>
/// <remarks>
/// A step is one pass over all pairs for the gradients and the bound, then exchanges of weight t between a pair of large gradient
/// and one of small,
/// each the exact maximum along its line (Böhning 1986; Harman, Filová and Richtárik 2020):
/// <code>
/// det M after w_j += t, w_i −= ρt, over det M:   1 + t(g_j − ρ g_i) − ρ t² (g_i g_j − v_i v_j (δ_iᵀM⁻¹δ_j)²)
/// </code>
/// ρ = 1; where pairs are paid, the ratio of their costs, so that what is spent stays. Pairs that must be in keep their 1, and caps
/// of groups are kept.
/// </remarks>
internal sealed class Relaxation
{
    private const int MostExchanges = 512;

    // Passes that may gain less than the tolerance in all: what exchanges then seem to gain is rounding, or never ends.
    private const int Patience = 32;

    // Of weights and their sums.
    private const double Rounding = 1e-12;

    private readonly BatchProblem _problem;
    private readonly ConcaveBound _bound;
    private readonly PairQuota _quota;
    private readonly double[] _groupWeight;
    private readonly double[] _deltaUp, _deltaDown, _uUp, _uDown;
    private double _sum, _mark = double.NegativeInfinity;
    private int _idle;

    /// <summary>From a batch.</summary>
    public Relaxation(BatchProblem problem, ReadOnlySpan<int> indices)
    {
        (_problem, _bound, _quota) = (problem, new ConcaveBound(problem), problem.Quota([]));
        int d = problem.Dimension;
        (_deltaUp, _deltaDown, _uUp, _uDown) = (new double[d], new double[d], new double[d], new double[d]);
        Weights = new double[problem.Candidates.Count];
        _groupWeight = new double[problem.Limits?.Caps.Count ?? 0];
        foreach (int i in indices)
        {
            Move(i, 1);
        }
    }

    /// <summary>w [n].</summary>
    public double[] Weights { get; }

    /// <summary>The least bound so far, in nats; infinity before the first step.</summary>
    public double UpperBound { get; private set; } = double.PositiveInfinity;

    /// <summary>The largest log det M at the weights of a pass, in nats.</summary>
    public double Reached { get; private set; } = double.NegativeInfinity;

    /// <summary>One pass and its exchanges; false where none gains anything.</summary>
    /// <param name="tolerance">Nats that an exchange has to gain.</param>
    public bool Step(double tolerance)
    {
        int n = Weights.Length;
        if (n == 0 || _problem.Dimension == 0)
        {
            return false;
        }

        PrecisionMatrix precision = Precision();
        (_mark, _idle) = precision.LogDeterminant > _mark + tolerance ? (precision.LogDeterminant, 0) : (_mark, _idle + 1);
        Reached = Math.Max(Reached, precision.LogDeterminant);
        DeviceArray<float> gradient = _problem.Gradient(precision);
        UpperBound = Math.Min(UpperBound, _bound.At(precision, gradient));
        float[] g = gradient.ToArray();
        int[] up = [.. Sorted(i => Weights[i] < 1 && !_bound.IsFixed(i), i => -g[i] / _quota.Cost(i))];
        int[] down = [.. Sorted(i => Weights[i] > 0 && !_bound.IsFixed(i), i => g[i] / _quota.Cost(i))];
        var inverse = new UpdatedInverse(precision);
        bool gained = false;
        for (int k = 0; k < up.Length; k++)
        {
            int partner = Partner(up[k], down, k);
            gained |= partner >= 0 && Exchange(ref inverse, up[k], partner, tolerance / n);
        }

        return gained && _idle < Patience;

        // Descending gradients against ascending ones.
        IEnumerable<int> Sorted(Func<int, bool> taken, Func<int, double> key) =>
            Enumerable.Range(0, n).Where(taken)
                .Order(Comparer<int>.Create((i, j) => key(i).CompareTo(key(j)) is var order and not 0 ? order : i.CompareTo(j)))
                .Take(MostExchanges);
    }

    // M at w: of the pairs with weight only.
    private PrecisionMatrix Precision()
    {
        int d = _problem.Dimension;
        var fisher = new double[d * d];
        for (int i = 0; i < Weights.Length; i++)
        {
            if (Weights[i] > 0)
            {
                _problem.AddOuter(i, Weights[i], _deltaUp, fisher);
            }
        }

        return _problem.Precision(fisher);
    }

    // The pair in the same place; under limits the one of least gradient that they let give weight to this one, −1 for none.
    private int Partner(int up, int[] down, int k) => _problem.Limits is null
        ? k < down.Length ? down[k] : -1
        : Array.FindIndex(down, other => other != up && Weights[other] > 0 && Slack(up, other) > 0) is >= 0 and var found
            ? down[found] : -1;

    private bool Exchange(ref UpdatedInverse inverse, int up, int down, double tolerance)
    {
        if (up == down)
        {
            return false;
        }

        _problem.Delta(up, _deltaUp);
        _problem.Delta(down, _deltaDown);
        double vUp = _problem.V[up], vDown = _problem.V[down];
        double qUp = inverse.Multiply(_deltaUp, _uUp), cross = TensorPrimitives.Dot<double>(_deltaDown, _uUp),
            qDown = inverse.Multiply(_deltaDown, _uDown);
        double gUp = vUp * qUp, gDown = vDown * qDown, rate = _quota.Cost(up) / _quota.Cost(down), slope = gUp - rate * gDown;
        if (!(slope > 0))
        {
            return false;
        }

        double curvature = rate * Math.Max(gUp * gDown - vUp * vDown * cross * cross, 0);
        double most = Math.Min(Math.Min(1 - Weights[up], Weights[down] / rate), Slack(up, down));
        double t = Math.Min(curvature > 0 ? slope / (2 * curvature) : most, most);
        if (!(t > 0))
        {
            return false;
        }

        // A weight or a room that is used up gains little where it was small, but makes way for others.
        bool isUsedUp = t == most && slope > tolerance;
        if (!isUsedUp && !(t * (slope - t * curvature) > tolerance))
        {
            return false;
        }

        Move(up, t);
        Move(down, -t * rate);
        inverse.Update(t * vUp, _uUp, qUp);
        double q = inverse.Multiply(_deltaDown, _uDown);
        if (1 - t * rate * vDown * q < UpdatedInverse.Vanishing)
        {
            inverse = new UpdatedInverse(Precision());
        }
        else
        {
            inverse.Update(-t * rate * vDown, _uDown, q);
        }

        return true;
    }

    // How far the size and the caps let the weight of a pair grow while that of another falls.
    private double Slack(int up, int down)
    {
        double rate = _quota.Cost(up) / _quota.Cost(down);
        double slack = rate >= 1 ? double.PositiveInfinity : Room(_problem.Count, _sum) / (1 - rate);
        ReadOnlySpan<int> others = _quota.Groups(down);
        foreach (int group in _quota.Groups(up))
        {
            if (group >= 0)
            {
                double room = Room(_quota.Left(group), _groupWeight[group]);
                bool isShared = others.Contains(group);
                slack = Math.Min(slack, !isShared ? room : rate >= 1 ? double.PositiveInfinity : room / (1 - rate));
            }
        }

        return slack;

        static double Room(int cap, double used) => cap - used < Rounding ? 0 : cap - used;
    }

    private void Move(int pair, double change)
    {
        // To the bounds exactly, not to within rounding.
        double before = Weights[pair], now = Math.Clamp(before + change, 0, 1);
        Weights[pair] = now < Rounding ? 0 : now > 1 - Rounding ? 1 : now;
        _sum += Weights[pair] - before;
        foreach (int group in _quota.Groups(pair))
        {
            if (group >= 0)
            {
                _groupWeight[group] += Weights[pair] - before;
            }
        }
    }
}
