namespace FisherKernels.Kernels.Cpu;

internal sealed partial class CpuBackend
{
    private protected override void PairVariancesCore(PairGraph graph, DeviceArray<float> r_R, DeviceArray<float> v_n)
    {
        Span<float> r = Of(r_R), v = Of(v_n);
        Span<Pair> pairs = Of(graph.Pairs);
        for (int i = 0; i < pairs.Length; i++)
        {
            float t = MathF.Exp(-MathF.Abs(r[pairs[i].First] - r[pairs[i].Second]));
            v[i] = t / ((1 + t) * (1 + t));
        }
    }

    private protected override void InformationCore(
        PairGraph graph, DeviceArray<float> phi_Rd, DeviceArray<float> v_n, DeviceArray<double> fisher_dd)
    {
        Span<float> phi = Of(phi_Rd), v = Of(v_n);
        Span<Pair> pairs = Of(graph.Pairs);
        int d = phi_Rd.Columns;
        var laplacian = new double[phi_Rd.Length];
        for (int i = 0; i < pairs.Length; i++)
        {
            (int a, int b) = (pairs[i].First * d, pairs[i].Second * d);
            for (int j = 0; j < d; j++)
            {
                double flow = v[i] * ((double)phi[a + j] - phi[b + j]);
                laplacian[a + j] += flow;
                laplacian[b + j] -= flow;
            }
        }

        Span<double> fisher = Of(fisher_dd);
        fisher.Clear();
        for (int a = 0; a < phi_Rd.Rows; a++)
        {
            for (int j = 0; j < d; j++)
            {
                for (int k = 0; k < d; k++)
                {
                    fisher[j * d + k] += phi[a * d + j] * laplacian[a * d + k];
                }
            }
        }
    }

    private protected override void WhitenCore(DeviceArray<float> phi_Rd, DeviceArray<double> inverse_dd, DeviceArray<double> z_Rd)
    {
        Span<float> phi = Of(phi_Rd);
        Span<double> inverse = Of(inverse_dd), z = Of(z_Rd);
        int d = phi_Rd.Columns;
        for (int a = 0; a < phi_Rd.Rows; a++)
        {
            for (int j = 0; j < d; j++)
            {
                double sum = 0;
                for (int k = 0; k <= j; k++)
                {
                    sum += inverse[j * d + k] * phi[a * d + k];
                }

                z[a * d + j] = sum;
            }
        }
    }

    private protected override void LogDetGradientCore(
        PairGraph graph, DeviceArray<double> z_Rd, DeviceArray<float> v_n, DeviceArray<float> g_n)
    {
        Span<double> z = Of(z_Rd);
        Span<float> v = Of(v_n), g = Of(g_n);
        Span<Pair> pairs = Of(graph.Pairs);
        int d = z_Rd.Columns;
        for (int i = 0; i < pairs.Length; i++)
        {
            double distance2 = 0;
            for (int j = 0; j < d; j++)
            {
                double dz = z[pairs[i].First * d + j] - z[pairs[i].Second * d + j];
                distance2 += dz * dz;
            }

            g[i] = (float)(v[i] * distance2);
        }
    }

    private protected override int[] TopCore(DeviceArray<float> score_n, int k)
    {
        Span<float> score = Of(score_n);
        var keys = new ulong[score.Length];
        for (int i = 0; i < keys.Length; i++)
        {
            keys[i] = TopKey.Of(score[i], i);
        }

        Array.Sort(keys);
        var top = new int[k];
        for (int j = 0; j < k; j++)
        {
            top[j] = TopKey.Number(keys[^(j + 1)]);
        }

        return top;
    }
}
