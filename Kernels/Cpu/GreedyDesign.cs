using System.Numerics.Tensors;
using System.Runtime.Intrinsics;
using FisherKernels.Kernels.Numerics;

namespace FisherKernels.Kernels.Cpu;

/// <summary>Greedy D-optimal batch (<see cref="Backend.Greedy"/>), in two ways that choose the same.</summary>
/// <remarks>
/// <list type="bullet">
/// <item>A pass over all: after a pair is taken every gain is made new, R·d + n operations on all threads. While M has directions
/// without information
/// a pair changes the gains of nearly all others, and this is cheapest.</item>
/// <item>A list: the gains of the best few hundred are made new after each pair, and the others' old gains are bounds, since a gain
/// only falls
/// (Minoux 1978). Once the best of the list is below the largest bound outside, all pairs taken meanwhile are brought to everyone
/// in one product.</item>
/// </list>
/// Which of them is next hangs on how far the last list came, so on the pairs alone and not on the number of threads.
/// </remarks>
internal sealed class GreedyDesign
{
    private const int PairBlock = 2 * CpuBackend.PairBlock, ResponseBlock = 256;

    // Pairs on the list, and taken from it at most before the others hear of it.
    private const int ListLength = 512, ListSteps = 32;

    // A list that gives fewer costs more than so many passes, which come next then.
    private const int Few = 6;

    // What rounding left of a gain stays while gains fall: all is computed afresh when the best has fallen so far.
    private const double Fallen = 1.0 / (1 << 20);

    private readonly Workers _threads;
    private readonly Pair[] _pairs;
    private readonly double[] _phi, _y, _s, _v, _g, _key;
    private readonly int _d, _responses;
    private readonly PairQuota _quota;
    private readonly PrecisionMatrix _start;
    private readonly (double Key, int Number)[] _found;
    private readonly List<int> _numbers = [];
    private readonly List<double> _gains = [];

    // The pairs taken since all gains were made new: u and v/(1 + v q) of each.
    private readonly double[] _delta, _us, _weights = new double[ListSteps];
    private readonly double[] _packed;
    private int _steps;

    private readonly TopSelection _top = new();
    private readonly float[] _rough;
    private readonly int[] _list;
    private readonly double[] _listDelta, _listG, _listKey;
    private UpdatedInverse _inverse;

    public GreedyDesign(
        Workers threads, Pair[] pairs, int responses, ReadOnlySpan<float> phi, ReadOnlySpan<float> v, PrecisionMatrix precision,
        PairQuota quota)
    {
        (_threads, _pairs, _quota, _start, _d, _responses) = (threads, pairs, quota, precision, precision.Dimension, responses);
        (_phi, _v) = (new double[phi.Length], new double[v.Length]);
        TensorPrimitives.ConvertTruncating(phi, _phi);
        TensorPrimitives.ConvertTruncating(v, _v);
        (_y, _s) = (new double[phi.Length], new double[responses * ListSteps]);
        (_g, _key, _rough) = (new double[pairs.Length], new double[pairs.Length], new float[pairs.Length]);
        (_delta, _us) = (new double[_d], new double[ListSteps * _d]);
        _packed = new double[Gemm.Panels<double>(ListSteps) * Gemm.Width<double>() * _d];
        _list = new int[Math.Min(ListLength, pairs.Length)];
        (_listDelta, _listG, _listKey) = (new double[_list.Length * _d], new double[_list.Length], new double[_list.Length]);
        _inverse = new UpdatedInverse(precision);
        _found = new (double, int)[Blocks.Count(pairs.Length, PairBlock)];
    }

    public GreedyBatch Choose(int count)
    {
        Refresh();
        double fresh = double.NaN;
        int passes = Few;
        while (_numbers.Count < count)
        {
            (double best, int number) = Best();
            if (number < 0)
            {
                break;
            }

            if (best < fresh * Fallen)
            {
                Refresh();
                (best, number) = Best();
                fresh = best;
            }

            fresh = double.IsNaN(fresh) ? best : fresh;
            if (passes-- > 0)
            {
                Take(number);
            }
            else
            {
                int taken = TakeFromList(count);
                if (taken == 0)
                {
                    // Many keys that are alike to the last digit of a float: the list may lack the best.
                    Take(number);
                }

                passes = taken < Few ? Few : 0;
            }

            Lower();
        }

        return new([.. _numbers], [.. _gains]);
    }

    private void Take(int pair)
    {
        TensorPrimitives.Subtract(Row(_phi, _pairs[pair].First), Row(_phi, _pairs[pair].Second), _delta);
        Span<double> u = Row(_us, _steps);
        double v = _v[pair], q = Math.Max(_inverse.Multiply(_delta, u), 0);
        _numbers.Add(pair);
        _gains.Add(Logarithm.OnePlus(v * q));
        _inverse.Update(v, u, q);
        _quota.Take(pair);
        _g[pair] = double.NaN;
        _weights[_steps++] = v / (1 + v * q);
    }

    private int TakeFromList(int count)
    {
        for (int i = 0; i < _key.Length; i++)
        {
            _rough[i] = (float)_key[i];
        }

        _top.Run(_rough, _list);
        _list.AsSpan().Sort();
        (double bound, int bounded) = Outside();
        for (int k = 0; k < _list.Length; k++)
        {
            (int a, int b) = (_pairs[_list[k]].First, _pairs[_list[k]].Second);
            TensorPrimitives.Subtract(Row(_phi, a), Row(_phi, b), Row(_listDelta, k));
            (_listG[k], _listKey[k]) = (_g[_list[k]], _key[_list[k]]);
        }

        while (_steps < ListSteps && _numbers.Count < count)
        {
            int best = TensorPrimitives.IndexOfMax<double>(_listKey), pair = _list[best];
            double key = _listKey[best];
            if (double.IsNegativeInfinity(key) || key < bound || (key == bound && bounded < pair))
            {
                break;
            }

            _listKey[best] = double.NegativeInfinity;
            if (!_quota.Allows(pair))
            {
                // What is full stays full, and money is only spent.
                _g[pair] = double.NaN;
                continue;
            }

            Take(pair);
            ReadOnlySpan<double> u = Row(_us, _steps - 1);
            double weight = _weights[_steps - 1];
            for (int k = 0; k < _list.Length; k++)
            {
                if (!double.IsNegativeInfinity(_listKey[k]))
                {
                    double change = Vectors.Dot(Row(_listDelta, k), u);
                    _listG[k] -= weight * _v[_list[k]] * (change * change);
                    _listKey[k] = Key(_list[k], Math.Max(_listG[k], 0));
                }
            }
        }

        return _steps;
    }

    // The largest key that is not on the list, in ascending order of numbers.
    private (double Key, int Number) Outside()
    {
        (double bound, int number, int k) = (double.NegativeInfinity, -1, 0);
        for (int i = 0; i < _key.Length; i++)
        {
            if (k < _list.Length && _list[k] == i)
            {
                k++;
            }
            else if (_key[i] > bound)
            {
                (bound, number) = (_key[i], i);
            }
        }

        return (bound, number);
    }

    // Orders as the gain does, or as the gain per cost.
    private double Key(int pair, double vq) => _quota.HasCosts ? Logarithm.OnePlus(vq) / _quota.Cost(pair) : vq;

    // M⁻¹ from the sum M, and every gain from it: v (φ_a − φ_b)ᵀ(y_a − y_b), y = M⁻¹φ.
    private void Refresh()
    {
        if (_numbers.Count > 0)
        {
            var fisher = new double[_d * _d];
            foreach (int i in _numbers)
            {
                TensorPrimitives.Subtract(Row(_phi, _pairs[i].First), Row(_phi, _pairs[i].Second), _delta);
                Vectors.AddOuterProduct(_v[i], _delta, fisher);
            }

            _inverse = new UpdatedInverse(_start.Plus(fisher));
        }

        Blocks.Run(_threads, Blocks.Count(_responses, ResponseBlock), (long)_responses * _d * _d, block =>
        {
            for (int a = block * ResponseBlock; a < Math.Min((block + 1) * ResponseBlock, _responses); a++)
            {
                Vectors.MultiplySymmetric(_inverse.Inverse, Row(_phi, a), Row(_y, a));
            }
        });
        Blocks.Run(_threads, _found.Length, (long)_pairs.Length * _d, block =>
        {
            for (int i = block * PairBlock; i < Math.Min((block + 1) * PairBlock, _pairs.Length); i++)
            {
                if (!double.IsNaN(_g[i]))
                {
                    (int a, int b) = (_pairs[i].First, _pairs[i].Second);
                    _g[i] = _v[i] * Vectors.DotOfDifferences(Row(_phi, a), Row(_phi, b), Row(_y, a), Row(_y, b));
                }
            }
        });
    }

    // Every gain after M took in the pairs of these steps.
    private void Lower()
    {
        int steps = _steps, columns = steps == 1 ? 1 : ListSteps;
        if (steps > 1)
        {
            Gemm.Pack<double>(_us, 1, _d, _d, steps, _packed);
        }

        Blocks.Run(_threads, Blocks.Count(_responses, ResponseBlock), (long)_responses * _d * steps, block =>
        {
            int first = block * ResponseBlock, rows = Math.Min(ResponseBlock, _responses - first);
            if (steps > 1)
            {
                Gemm.Multiply<double>(
                    rows, steps, _d, _phi.AsSpan(first * _d), _d, 1, _packed, _s.AsSpan(first * columns), columns, add: false);
                return;
            }

            for (int a = first; a < first + rows; a++)
            {
                _s[a] = Vectors.Dot(Row(_phi, a), Row(_us, 0));
            }
        });

        // Whole vectors: what lies beyond the steps counts for nothing.
        _weights.AsSpan(steps).Clear();
        Blocks.Run(_threads, _found.Length, (4L + steps) * _pairs.Length, block =>
        {
            for (int i = block * PairBlock; i < Math.Min((block + 1) * PairBlock, _pairs.Length); i++)
            {
                int a = _pairs[i].First * columns, b = _pairs[i].Second * columns;
                if (steps == 1)
                {
                    double change = _s[a] - _s[b];
                    _g[i] -= _weights[0] * _v[i] * (change * change);
                    continue;
                }

                Vector256<double> sum = default;
                for (int k = 0; k < steps; k += Vector256<double>.Count)
                {
                    Vector256<double> change = Vector256.Create(_s.AsSpan(a + k)) - Vector256.Create(_s.AsSpan(b + k));
                    sum = Vector256.FusedMultiplyAdd(Vector256.Create(_weights.AsSpan(k)) * change, change, sum);
                }

                _g[i] -= _v[i] * Vector256.Sum(sum);
            }
        });
        _steps = 0;
    }

    // Every key, and the best pair that is allowed, −1 for none; one that is not never will be.
    private (double Key, int Number) Best()
    {
        Blocks.Run(_threads, _found.Length, 4L * _pairs.Length, block =>
        {
            (double best, int number) = (double.NegativeInfinity, -1);
            for (int i = block * PairBlock; i < Math.Min((block + 1) * PairBlock, _pairs.Length); i++)
            {
                if (!double.IsNaN(_g[i]) && !_quota.Allows(i))
                {
                    _g[i] = double.NaN;
                }

                _key[i] = double.IsNaN(_g[i]) ? double.NegativeInfinity : Key(i, Math.Max(_g[i], 0));
                if (_key[i] > best)
                {
                    (best, number) = (_key[i], i);
                }
            }

            _found[block] = (best, number);
        });
        (double most, int first) = (double.NegativeInfinity, -1);
        foreach ((double key, int number) in _found)
        {
            (most, first) = key > most ? (key, number) : (most, first);
        }

        return (most, first);
    }

    private Span<double> Row(double[] matrix, int row) => matrix.AsSpan(row * _d, _d);
}
