using FisherKernels.Kernels;

namespace FisherKernels.Outside;

// Fisher information and what is chosen by it.
public sealed partial class OutsideBackend
{
    protected override void PairVariancesCore(PairGraph graph, DeviceArray<float> r_R, DeviceArray<float> v_n)
    {
        ArgumentNullException.ThrowIfNull(graph);
        Span<Pair> pairs = In(graph.Pairs);
        Span<float> r = In(r_R), v = In(v_n);
        for (int i = 0; i < pairs.Length; i++)
        {
            v[i] = Variance(r, pairs[i]);
        }
    }

    protected override void InformationCore(
        PairGraph graph, DeviceArray<float> phi_Rd, DeviceArray<float> v_n, DeviceArray<double> fisher_dd)
    {
        ArgumentNullException.ThrowIfNull(graph);
        ArgumentNullException.ThrowIfNull(fisher_dd);
        fisher_dd.Clear();
        Span<Pair> pairs = In(graph.Pairs);
        Span<float> v = In(v_n);
        var delta = new double[phi_Rd.Columns];
        for (int i = 0; i < pairs.Length; i++)
        {
            Subtract(In(phi_Rd), pairs[i], delta);
            AddOuter(v[i], delta, In(fisher_dd));
        }
    }

    protected override void WhitenCore(DeviceArray<float> phi_Rd, DeviceArray<double> inverse_dd, DeviceArray<double> z_Rd) =>
        Whitened(In(phi_Rd), In(inverse_dd), phi_Rd.Columns).CopyTo(In(z_Rd));

    protected override void LogDetGradientCore(PairGraph graph, DeviceArray<double> z_Rd, DeviceArray<float> v_n, DeviceArray<float> g_n)
    {
        ArgumentNullException.ThrowIfNull(graph);
        Span<Pair> pairs = In(graph.Pairs);
        Span<float> v = In(v_n), g = In(g_n);
        for (int i = 0; i < pairs.Length; i++)
        {
            g[i] = Gradient(In(z_Rd), pairs[i], z_Rd.Columns, v[i]);
        }
    }

    protected override int[] TopCore(DeviceArray<float> score_n, int k)
    {
        float[] score = In(score_n).ToArray();
        return [.. score.Select((one, i) => TopKey.Create(one, i)).OrderDescending().Take(k).Select(TopKey.Index)];
    }

    protected override GreedyBatch GreedyCore(
        PairGraph graph, DeviceArray<float> phi_Rd, DeviceArray<float> v_n, PrecisionMatrix precision, int count, PairQuota quota)
    {
        ArgumentNullException.ThrowIfNull(graph);
        ArgumentNullException.ThrowIfNull(precision);
        ArgumentNullException.ThrowIfNull(quota);
        Span<Pair> pairs = In(graph.Pairs);
        Span<float> v = In(v_n);
        int d = precision.Dimension;
        var fisher = new double[d * d];
        var delta = new double[d];
        List<int> chosen = [];
        List<double> gains = [];
        while (chosen.Count < count)
        {
            // Anew in every step, from M as the pairs before make it.
            double[] z = Whitened(In(phi_Rd), precision.Plus(fisher).InverseCholesky, d);
            (int best, double most) = (-1, double.NegativeInfinity);
            for (int i = 0; i < pairs.Length; i++)
            {
                double gain = LogOnePlus(v[i] * Distance(z, pairs[i], d)) / quota.Cost(i);
                if (gain > most && !chosen.Contains(i) && quota.Allows(i))
                {
                    (best, most) = (i, gain);
                }
            }

            if (best < 0)
            {
                break;
            }

            chosen.Add(best);
            gains.Add(most * quota.Cost(best));
            quota.Take(best);
            Subtract(In(phi_Rd), pairs[best], delta);
            AddOuter(v[best], delta, fisher);
        }

        return new GreedyBatch([.. chosen], [.. gains]);
    }

    protected override void AllPairsInformationCore(DeviceArray<float> phi_Rd, DeviceArray<float> r_R, DeviceArray<double> fisher_dd)
    {
        ArgumentNullException.ThrowIfNull(fisher_dd);
        fisher_dd.Clear();
        var delta = new double[phi_Rd.Columns];
        foreach (Pair pair in AllPairs(phi_Rd.Rows))
        {
            Subtract(In(phi_Rd), pair, delta);
            AddOuter(Variance(In(r_R), pair), delta, In(fisher_dd));
        }
    }

    protected override ReadOnlySpan<ulong> AllPairsTopCore(DeviceArray<double> z_Rd, DeviceArray<float> r_R, int k)
    {
        var keys = new List<ulong>();
        foreach (Pair pair in AllPairs(z_Rd.Rows))
        {
            float score = Gradient(In(z_Rd), pair, z_Rd.Columns, Variance(In(r_R), pair));
            keys.Add(TopKey.Create(score, pair.First * z_Rd.Rows + pair.Second));
        }

        return keys.OrderDescending().Take(k).ToArray();
    }

    private static IEnumerable<Pair> AllPairs(int responses) =>
        from a in Enumerable.Range(0, responses) from b in Enumerable.Range(a + 1, responses - a - 1) select new Pair(a, b);

    private static float Variance(ReadOnlySpan<float> r, Pair pair)
    {
        double t = Math.Exp(-Math.Abs((double)r[pair.First] - r[pair.Second]));
        return (float)(t / ((1 + t) * (1 + t)));
    }

    private static float Gradient(ReadOnlySpan<double> z, Pair pair, int d, float v) => (float)(v * Distance(z, pair, d));

    private static double Distance(ReadOnlySpan<double> z, Pair pair, int d)
    {
        double sum = 0;
        for (int j = 0; j < d; j++)
        {
            double difference = z[pair.First * d + j] - z[pair.Second * d + j];
            sum += difference * difference;
        }

        return sum;
    }

    private static void Subtract(ReadOnlySpan<float> phi, Pair pair, Span<double> delta)
    {
        for (int j = 0; j < delta.Length; j++)
        {
            delta[j] = (double)phi[pair.First * delta.Length + j] - phi[pair.Second * delta.Length + j];
        }
    }

    private static void AddOuter(double weight, ReadOnlySpan<double> delta, Span<double> sum)
    {
        for (int j = 0; j < delta.Length; j++)
        {
            for (int k = 0; k < delta.Length; k++)
            {
                sum[j * delta.Length + k] += weight * delta[j] * delta[k];
            }
        }
    }

    private static double[] Whitened(ReadOnlySpan<float> phi, ReadOnlySpan<double> inverse, int d)
    {
        var z = new double[phi.Length];
        for (int entry = 0; entry < z.Length; entry++)
        {
            (int a, int j) = (entry / d, entry % d);
            for (int k = 0; k <= j; k++)
            {
                z[entry] += inverse[j * d + k] * phi[a * d + k];
            }
        }

        return z;
    }
}
