using System.Numerics;
using System.Numerics.Tensors;

namespace FisherKernels.Learning.Acquisition;

/// <summary>The joint outcomes of the pairs chosen so far, and what each would leave of the draws: the state of BatchBALD (Kirsch
/// et al. 2019).</summary>
/// <remarks>
/// <code>
/// row m      an outcome of every chosen pair, of probability q_m = mean_s P_ms and weight w_m, Σ w = 1
/// π_ms       P_ms / Σ_s P_ms, the draws' weights once m has happened; stored [S, M]: a candidate meets M rows at once
/// t_m        Σ_s π_ms p_bs: two outcomes, so the second is 1 − t and H(b | m) = h(t_m) in nats
///
/// H(chosen, b)                  = − Σ_m w_m log q_m + Σ_m w_m h(t_m)
/// I(b ; draw | chosen outcomes) =   Σ_m w_m (h(t_m) − Σ_s π_ms h(p_bs))          ≥ 0 in every row
///
/// h″(t) = −1/(t(1 − t)) ≤ −4, hence with u = Σ_m w_m t_m and C the covariance of the rows of π
/// Σ_m w_m h(t_m)               ≤   h(u) − 2 Σ_m w_m (t_m − u)² = h(u) − 2 pᵀCp            S² products instead of M·S and M logarithms
/// </code>
/// Exact: all outcomes that can happen, w = q, while at most <c>exactRows</c>. Sampled: M rows drawn once in proportion to q,
/// w = 1/M, each extended by the next chosen pair's outcome drawn from its own t_m; for such rows the first line is the
/// importance-weighted −(1/M) Σ g log g / q of the paper's section 3.4. The second line is unbiased, and never below 0, since
/// both of its halves see the same rows: the error of a gain is a share of the gain, not of a joint entropy of hundreds of nats.
/// Both drawings are systematic (one uniform for all rows), which never is worse than independent ones here.
/// </remarks>
internal sealed class JointOutcomes
{
    // Rows are padded to whole groups of registers; padding has weight 0.
    private static readonly int Group = 4 * Vector<double>.Count;

    // Far above what sums of numbers below 1 lose by rounding.
    private const double Rounding = 1e-10;

    private readonly int _samples, _exactRows, _sampledRows;
    private readonly double[] _covariance, _along;  // C [S, S padded], Cp [S padded]
    private double[] _posterior, _weights, _logs;   // π [S, capacity], w [capacity], log q [capacity]
    private double[] _mean;                         // Σ_m w_m π_ms [S]
    private double[] _t, _u, _log;
    private int _rows, _capacity;

    /// <summary>Of no pair: one row that tells nothing.</summary>
    public JointOutcomes(int samples, int exactRows, int sampledRows)
        : this([.. Enumerable.Repeat(1.0, samples)], samples, exactRows, sampledRows) => Exact = true;

    /// <summary>Of sampled outcomes given as their probability under each draw, P [M, S].</summary>
    public JointOutcomes(double[] probabilities, int samples, int exactRows, int sampledRows)
    {
        (_samples, _exactRows, _sampledRows) = (samples, exactRows, sampledRows);
        int padded = Padded(samples);
        (_covariance, _along) = (new double[samples * padded], new double[padded]);
        int rows = probabilities.Length / samples;
        (_posterior, _weights, _logs, _mean, _t, _u, _log) = ([], [], [], [], [], [], []);
        Resize(rows);
        for (int m = 0; m < rows; m++)
        {
            double sum = TensorPrimitives.Sum<double>(probabilities.AsSpan(m * samples, samples));
            (_weights[m], _logs[m]) = (1.0 / rows, Math.Log(sum / samples));
            for (int s = 0; s < samples; s++)
            {
                _posterior[s * _capacity + m] = probabilities[m * samples + s] / sum;
            }
        }

        Average();
    }

    /// <summary>Whether every outcome that can happen has its row.</summary>
    public bool Exact { get; private set; }

    /// <summary>H of the chosen pairs' outcomes, nats.</summary>
    public double Entropy => -TensorPrimitives.Dot<double>(_weights, _logs);

    /// <summary>H of which draw is right once the outcomes are known, nats: log S at first, 0 when there is nothing left to
    /// learn.</summary>
    public double Remaining
    {
        get
        {
            double remaining = 0;
            for (int s = 0; s < _samples; s++)
            {
                for (int m = 0; m < _rows; m++)
                {
                    double share = _posterior[s * _capacity + m];
                    remaining -= share > 0 ? _weights[m] * share * Math.Log(share) : 0;
                }
            }

            return remaining;
        }
    }

    /// <summary>I(b; draw | outcomes), nats, ≥ 0.</summary>
    public double Gain(ReadOnlySpan<double> probabilities, ReadOnlySpan<double> entropies)
    {
        double gain = Conditional(probabilities) - TensorPrimitives.Dot(entropies, _mean);
        return gain < 0 ? 0 : gain;   // rounding; a NaN stays one
    }

    /// <summary>No less than <see cref="Gain"/>, and sooner known; +∞ while there are fewer rows than draws, where it would not
    /// be.</summary>
    public double GainAtMost(ReadOnlySpan<double> probabilities, ReadOnlySpan<double> entropies)
    {
        if (_capacity < _along.Length)
        {
            return double.PositiveInfinity;
        }

        Multiply(_covariance, _along, probabilities);
        double u = Math.Clamp(TensorPrimitives.Dot(probabilities, _mean), 0, 1);
        double variance = TensorPrimitives.Dot(probabilities, _along.AsSpan(0, _samples));
        return Predictions.Term(u) + Predictions.Term(1 - u) - 2 * variance - TensorPrimitives.Dot(entropies, _mean) + Rounding;
    }

    /// <summary>H(chosen, b), nats.</summary>
    public double JointEntropy(ReadOnlySpan<double> probabilities) => Entropy + Conditional(probabilities);

    /// <summary>Adds a pair to the chosen ones.</summary>
    public void Extend(ReadOnlySpan<double> probabilities, SeededRandom random)
    {
        if (Exact && 2 * _rows > _exactRows)
        {
            Resample(random);
        }

        Predict(probabilities);
        if (Exact)
        {
            Split(probabilities);
        }
        else
        {
            Draw(probabilities, random);
        }

        Average();
    }

    // Σ_m w_m h(t_m)
    private double Conditional(ReadOnlySpan<double> probabilities)
    {
        const double Tiny = double.Epsilon * (1L << 52);   // 0 · log of it is 0
        Predict(probabilities);
        TensorPrimitives.Min<double>(_t, 1, _t);
        TensorPrimitives.Subtract<double>(1, _t, _u);
        TensorPrimitives.Max<double>(_t, Tiny, _log);
        TensorPrimitives.Log<double>(_log, _log);
        TensorPrimitives.Multiply<double>(_t, _log, _t);
        TensorPrimitives.Max<double>(_u, Tiny, _log);
        TensorPrimitives.Log<double>(_log, _log);
        TensorPrimitives.MultiplyAdd<double>(_u, _log, _t, _t);
        return -TensorPrimitives.Dot<double>(_weights, _t);
    }

    // t = πᵀp
    private void Predict(ReadOnlySpan<double> probabilities) => Multiply(_posterior, _t, probabilities);

    // to = matrixᵀp: four registers of columns at a time, so that each probability is broadcast once for all of them.
    private static void Multiply(ReadOnlySpan<double> matrix, Span<double> to, ReadOnlySpan<double> probabilities)
    {
        int width = Vector<double>.Count;
        for (int m = 0; m < to.Length; m += Group)
        {
            Vector<double> t0 = default, t1 = default, t2 = default, t3 = default;
            for (int s = 0; s < probabilities.Length; s++)
            {
                var p = new Vector<double>(probabilities[s]);
                ReadOnlySpan<double> row = matrix.Slice(s * to.Length + m, Group);
                t0 = Vector.FusedMultiplyAdd(new Vector<double>(row), p, t0);
                t1 = Vector.FusedMultiplyAdd(new Vector<double>(row[width..]), p, t1);
                t2 = Vector.FusedMultiplyAdd(new Vector<double>(row[(2 * width)..]), p, t2);
                t3 = Vector.FusedMultiplyAdd(new Vector<double>(row[(3 * width)..]), p, t3);
            }

            t0.CopyTo(to[m..]);
            t1.CopyTo(to[(m + width)..]);
            t2.CopyTo(to[(m + 2 * width)..]);
            t3.CopyTo(to[(m + 3 * width)..]);
        }
    }

    // Every row once with each outcome; what cannot happen is dropped, so that no row is divided by 0.
    private void Split(ReadOnlySpan<double> probabilities)
    {
        (double[] posterior, double[] weights, double[] logs, int rows, int capacity) = (_posterior, _weights, _logs, _rows, _capacity);
        var children = new List<(int Row, bool Won, double Sum)>(2 * rows);
        for (int m = 0; m < rows; m++)
        {
            // Of either outcome by its own sum: 1 − t has lost the digits of a small one.
            double won = 0, lost = 0;
            for (int s = 0; s < _samples; s++)
            {
                won += posterior[s * capacity + m] * probabilities[s];
                lost += posterior[s * capacity + m] * (1 - probabilities[s]);
            }

            if (weights[m] * won > 0)
            {
                children.Add((m, true, won));
            }

            if (weights[m] * lost > 0)
            {
                children.Add((m, false, lost));
            }
        }

        Resize(children.Count);
        for (int child = 0; child < _rows; child++)
        {
            (int m, bool won, double sum) = children[child];
            (_weights[child], _logs[child]) = (weights[m] * sum, logs[m] + Math.Log(sum));
            for (int s = 0; s < _samples; s++)
            {
                _posterior[s * _capacity + child] = posterior[s * capacity + m] * (won ? probabilities[s] : 1 - probabilities[s]) / sum;
            }
        }
    }

    // Σ of t up to row m, plus one uniform, passes a whole number with chance t_m.
    private void Draw(ReadOnlySpan<double> probabilities, SeededRandom random)
    {
        double passed = random.NextUniform();
        for (int m = 0; m < _rows; m++)
        {
            double next = passed + Math.Clamp(_t[m], 0, 1);
            bool won = Math.Floor(next) > Math.Floor(passed);
            passed = next;
            double wins = 0, losses = 0;
            for (int s = 0; s < _samples; s++)
            {
                wins += _posterior[s * _capacity + m] * probabilities[s];
                losses += _posterior[s * _capacity + m] * (1 - probabilities[s]);
            }

            // Rounding may let through what cannot happen.
            won = won ? wins > 0 : !(losses > 0);
            double sum = won ? wins : losses;
            _logs[m] += Math.Log(sum);
            for (int s = 0; s < _samples; s++)
            {
                _posterior[s * _capacity + m] *= (won ? probabilities[s] : 1 - probabilities[s]) / sum;
            }
        }
    }

    // The exact rows, each as often as the grid (j + u)/M meets its weight.
    private void Resample(SeededRandom random)
    {
        (double[] posterior, double[] weights, double[] logs, int rows, int capacity) = (_posterior, _weights, _logs, _rows, _capacity);
        double offset = random.NextUniform(), total = TensorPrimitives.Sum<double>(weights), reached = weights[0];
        Resize(_sampledRows);
        for (int j = 0, m = 0; j < _rows; j++)
        {
            while (reached < (j + offset) / _rows * total && m < rows - 1)
            {
                reached += weights[++m];
            }

            (_weights[j], _logs[j]) = (1.0 / _rows, logs[m]);
            for (int s = 0; s < _samples; s++)
            {
                _posterior[s * _capacity + j] = posterior[s * capacity + m];
            }
        }

        Exact = false;
    }

    private void Average()
    {
        for (int s = 0; s < _samples; s++)
        {
            _mean[s] = TensorPrimitives.Dot<double>(_weights, Draw(s));
        }

        int padded = _along.Length;
        for (int s = 0; s < _samples && _capacity >= padded; s++)
        {
            TensorPrimitives.Multiply(_weights, Draw(s), _t);
            for (int other = 0; other <= s; other++)
            {
                _covariance[s * padded + other] = _covariance[other * padded + s] = TensorPrimitives.Dot(_t, Draw(other))
                    - _mean[s] * _mean[other];
            }
        }

        ReadOnlySpan<double> Draw(int s) => _posterior.AsSpan(s * _capacity, _capacity);
    }

    private void Resize(int rows)
    {
        _rows = rows;
        _capacity = Padded(rows);
        _posterior = new double[_samples * _capacity];
        (_weights, _logs, _t, _u, _log) =
            (new double[_capacity], new double[_capacity], new double[_capacity], new double[_capacity], new double[_capacity]);
        _mean = new double[_samples];
    }

    private static int Padded(int count) => (count + Group - 1) / Group * Group;
}
