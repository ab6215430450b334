using System.Numerics.Tensors;
using FisherKernels.Kernels;
using FisherKernels.Kernels.Numerics;

namespace FisherKernels.Learning.Design;

/// <summary>
/// Sequential D-optimal design: one pair is asked, its label changes M by rank one, and every candidate is scored anew (MATH.md §5).
/// </summary>
/// <remarks>
/// <code>
/// M ← M + v δδᵀ,  M⁻¹ ← M⁻¹ − v u uᵀ/(1 + v q),  g_i ← g_i − v_i v (s_a − s_b)²/(1 + v q)     u = M⁻¹δ, q = δᵀu, s = Φu
/// </code>
/// M = λ1 + I_past + what was taught; the candidates themselves are not in it. A label adds log(1 + v q) to log det M, which
/// orders pairs as g = v q does: the best pair by past-aware gradient is the best pair, and no first-order approximation is left.
/// Model and rewards are held fixed; after training, begin anew. One label costs one pass over the responses and one over
/// the candidates on the caller's thread and allocates nothing. Equal scores go to the lower index. A design serves one thread at a
/// time; designs share nothing, and each thread may have its own.
/// </remarks>
public sealed class SequentialDesign
{
    // What rounding left in a score stays while the scores fall, and each label adds to it. All is computed afresh when the best
    // score has halved, which happens some dozens of times, and after so many labels at the latest.
    private const int Lifetime = 1024;

    private readonly int _d;
    private readonly double _ridge;
    private readonly Pair[] _pairs;         // [n]
    private readonly double[] _phi;         // [R, d], centred: δ is the same, and s_a − s_b cancels less
    private readonly double[] _v;           // [n]
    private readonly double[] _information; // [d, d], I_past and what was taught
    private readonly UpdatedInverse _inverse;

    private readonly WhiteningFactor _factor;
    private readonly double[] _z;           // [R, d], Z = Φ L⁻ᵀ as of the last refresh
    private readonly double[] _s;           // [R]
    private readonly double[] _g;           // [n], v_i q_i; NaN where labelled
    private readonly double[] _delta;       // [d]
    private readonly double[] _u;           // [d]
    private int _best;
    private double _freshBest;
    private int _age;

    /// <summary>Scores every candidate.</summary>
    /// <param name="candidates">n pairs over R responses; it is not kept.</param>
    /// <param name="features">Φ [R, d]; not kept.</param>
    /// <param name="rewards">r [R] under the same model; not kept.</param>
    /// <param name="past">I_past [d, d] row by row, of the pairs labelled before, or null for none.</param>
    /// <param name="ridge">λ ≥ 0.</param>
    /// <exception cref="ArgumentException">Arrays of other sizes.</exception>
    /// <exception cref="InputException">Features or rewards that are not finite.</exception>
    /// <exception cref="SingularInformationException">λ1 + I_past has no Cholesky factor in float64.</exception>
    public SequentialDesign(
        PairGraph candidates, DeviceArray<float> features, DeviceArray<float> rewards, double[]? past = null, double ridge = 1e-6)
    {
        ArgumentNullException.ThrowIfNull(candidates);
        ArgumentNullException.ThrowIfNull(features);
        ArgumentNullException.ThrowIfNull(rewards);
        if (features.Rows != candidates.Responses)
        {
            throw new ArgumentException(
                $"features has {features.Rows} rows, the candidates are pairs of {candidates.Responses} responses.", nameof(features));
        }

        int responses = features.Rows;
        (_d, _ridge, _pairs) = (features.Columns, ridge, candidates.OnHost.ToArray());
        using (DeviceArray<float> variances = FisherDesign.Variances(candidates, rewards))
        {
            _v = [.. variances.ToArray().Select(v => (double)v)];
        }

        float[] phi = features.ToArray();
        RequireFinite(phi, _d, "feature");
        RequireFinite(rewards.ToArray(), 1, "reward");
        _information = past is null ? new double[_d * _d] : [.. past];
        _factor = new WhiteningFactor(_d);
        _factor.Factor(_information, ridge);
        (_phi, _z) = (new double[phi.Length], new double[phi.Length]);
        TensorPrimitives.ConvertTruncating<float, double>(phi, _phi);
        Vectors.Centre(_phi, _d);
        _inverse = new UpdatedInverse(_d);
        _s = new double[responses];
        _g = new double[_pairs.Length];
        _delta = new double[_d];
        _u = new double[_d];
        Refresh();
    }

    /// <summary>n, the number of candidates.</summary>
    public int Count => _pairs.Length;

    /// <summary>Candidates labelled so far.</summary>
    public int Labelled { get; private set; }

    /// <summary>How often all was computed afresh, the beginning included.</summary>
    internal int Refreshes { get; private set; }

    /// <summary>g_i = v_i q_i of every candidate beside what is labelled now; NaN where it is labelled itself.</summary>
    public ReadOnlySpan<double> Gradient => _g;

    /// <summary>The candidate that would tell most, of those without a label; null where each has one.</summary>
    public NextPair? Query() => _best < 0 ? null : new(_best, _pairs[_best], Logarithm.OnePlus(Math.Max(_g[_best], 0)));

    /// <summary>Takes in that a candidate was labelled. Which way the label went changes nothing: v is the same for both.</summary>
    /// <param name="candidate">Its index, 0 … n − 1; not labelled before.</param>
    /// <exception cref="ArgumentOutOfRangeException">No such candidate.</exception>
    /// <exception cref="ArgumentException">It has a label already.</exception>
    /// <exception cref="SingularInformationException">
    /// M has grown so far beyond λ that float64 holds no inverse; of no use after that, begin anew with a larger λ.
    /// </exception>
    public void Teach(int candidate)
    {
        if ((uint)candidate >= (uint)_pairs.Length)
        {
            throw new ArgumentOutOfRangeException(
                nameof(candidate), candidate, $"There are {_pairs.Length} candidates, numbered from 0.");
        }

        if (double.IsNaN(_g[candidate]))
        {
            throw new ArgumentException(
                $"Candidate {candidate} has a label already; a pair that may be asked twice is listed twice.", nameof(candidate));
        }

        double v = _v[candidate];
        TensorPrimitives.Subtract<double>(Row(_phi, _pairs[candidate].First), Row(_phi, _pairs[candidate].Second), _delta);
        double q = _inverse.Multiply(_delta, _u);
        _inverse.Update(v, _u, q);
        Vectors.AddOuterProduct(v, _delta, _information);
        for (int a = 0; a < _s.Length; a++)
        {
            _s[a] = Vectors.Dot(Row(_phi, a), _u);
        }

        _g[candidate] = double.NaN;
        Labelled++;
        Lower(v / (1 + v * q));
        if (_best >= 0 && (++_age == Lifetime || _g[_best] < _freshBest / 2))
        {
            Refresh();
        }
    }

    // One pass: every score, and the best of those that are no NaN.
    private void Lower(double weight)
    {
        (Pair[] pairs, double[] v, double[] s, double[] g) = (_pairs, _v, _s, _g);
        (int best, double most) = (-1, double.NegativeInfinity);
        for (int i = 0; i < pairs.Length; i++)
        {
            double change = s[pairs[i].First] - s[pairs[i].Second], now = g[i] - weight * v[i] * (change * change);
            g[i] = now;
            if (now > most)
            {
                (best, most) = (i, now);
            }
        }

        _best = best;
    }

    // M⁻¹ from M, and g = v δᵀM⁻¹δ = v ‖z_a − z_b‖² of all that have no label.
    private void Refresh()
    {
        _factor.Factor(_information, _ridge);
        _inverse.Begin(_factor.InverseCholesky, _factor.LogDeterminant);
        _factor.Whiten(_phi, _z);
        _best = -1;
        for (int i = 0; i < _pairs.Length; i++)
        {
            if (!double.IsNaN(_g[i]))
            {
                _g[i] = _v[i] * Vectors.SquaredDistance(Row(_z, _pairs[i].First), Row(_z, _pairs[i].Second));
                _best = _best < 0 || _g[i] > _g[_best] ? i : _best;
            }
        }

        (_age, _freshBest) = (0, _best < 0 ? 0 : _g[_best]);
        Refreshes++;
    }

    private Span<double> Row(double[] matrix, int row) => matrix.AsSpan(row * _d, _d);

    internal static void RequireFinite(float[] numbers, int columns, string what)
    {
        int wrong = Vectors.IndexOfNonFinite<float>(numbers);
        if (wrong >= 0)
        {
            throw new InputException(FormattableString.Invariant(
                $"Response {wrong / columns} has the {what} {numbers[wrong]}; all must be finite. ")
                + "Look at the model that gave it, or leave the response out.");
        }
    }
}

/// <summary>The pair to ask next.</summary>
/// <param name="Candidate">Its index among the candidates.</param>
/// <param name="Pair">The responses.</param>
/// <param name="Gain">log(1 + v q), what its label adds to log det M, in nats; ≥ 0.</param>
public readonly record struct NextPair(int Candidate, Pair Pair, double Gain);
