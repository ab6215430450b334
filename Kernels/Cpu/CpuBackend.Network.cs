namespace FisherKernels.Kernels.Cpu;

internal sealed partial class CpuBackend
{
    private protected override void GatherCore(DeviceArray<float> from_RD, ReadOnlySpan<int> rows_k, DeviceArray<float> to_kD)
    {
        int columns = from_RD.Columns;
        for (int j = 0; j < rows_k.Length; j++)
        {
            Of(from_RD).Slice(rows_k[j] * columns, columns).CopyTo(Of(to_kD)[(j * columns)..]);
        }
    }

    private protected override void LinearCore(
        DeviceArray<float> x_nI, DeviceArray<float> theta_OI, DeviceArray<float>? bias_O, DeviceArray<float> y_nO)
    {
        Span<float> x = Of(x_nI), theta = Of(theta_OI), y = Of(y_nO);
        int inputs = x_nI.Columns, outputs = theta_OI.Rows;
        for (int a = 0; a < x_nI.Rows; a++)
        {
            for (int o = 0; o < outputs; o++)
            {
                y[a * outputs + o] = (bias_O is null ? 0 : Of(bias_O)[o]) + System.Numerics.Tensors.TensorPrimitives.Dot<float>(
                    x.Slice(a * inputs, inputs), theta.Slice(o * inputs, inputs));
            }
        }
    }

    private protected override void LinearBackwardCore(
        DeviceArray<float> x_nI,
        DeviceArray<float> theta_OI,
        DeviceArray<float> dy_nO,
        DeviceArray<float>? dx_nI,
        DeviceArray<float> dtheta_OI,
        DeviceArray<float>? dbias_O)
    {
        Span<float> x = Of(x_nI), theta = Of(theta_OI), dy = Of(dy_nO), dtheta = Of(dtheta_OI);
        int inputs = x_nI.Columns, outputs = theta_OI.Rows;
        dx_nI?.Clear();
        for (int a = 0; a < x_nI.Rows; a++)
        {
            for (int o = 0; o < outputs; o++)
            {
                float slope = dy[a * outputs + o];
                for (int i = 0; i < inputs; i++)
                {
                    dtheta[o * inputs + i] += slope * x[a * inputs + i];
                }

                if (dx_nI is not null)
                {
                    for (int i = 0; i < inputs; i++)
                    {
                        Of(dx_nI)[a * inputs + i] += slope * theta[o * inputs + i];
                    }
                }

                if (dbias_O is not null)
                {
                    Of(dbias_O)[o] += slope;
                }
            }
        }
    }

    private protected override void ActivateCore(Activation activation, DeviceArray<float> x_nH, DeviceArray<float> y_nH)
    {
        Span<float> x = Of(x_nH), y = Of(y_nH);
        for (int j = 0; j < x.Length; j++)
        {
            y[j] = activation == Activation.Relu
                ? Math.Max(x[j], 0)
                : (float)(0.5 * x[j] * (1 + MathNet.Numerics.SpecialFunctions.Erf(x[j] / Math.Sqrt(2))));
        }
    }

    private protected override void ActivateBackwardCore(
        Activation activation, DeviceArray<float> x_nH, DeviceArray<float> dy_nH, DeviceArray<float> dx_nH)
    {
        Span<float> x = Of(x_nH), dy = Of(dy_nH), dx = Of(dx_nH);
        for (int j = 0; j < x.Length; j++)
        {
            double slope = activation == Activation.Relu
                ? (x[j] > 0 ? 1 : 0)
                : 0.5 * (1 + MathNet.Numerics.SpecialFunctions.Erf(x[j] / Math.Sqrt(2)))
                    + x[j] * Math.Exp(-0.5 * x[j] * x[j]) / Math.Sqrt(2 * Math.PI);
            dx[j] = (float)(dy[j] * slope);
        }
    }

    private protected override void BradleyTerryCore(
        PairGraph graph, DeviceArray<float> r_R, DeviceArray<float> h_n, DeviceArray<float> loss_n, DeviceArray<float> dr_R)
    {
        Span<float> r = Of(r_R), h = Of(h_n), loss = Of(loss_n), dr = Of(dr_R);
        Span<Pair> pairs = Of(graph.Pairs);
        var sum = new double[r.Length];
        for (int i = 0; i < pairs.Length; i++)
        {
            double x = r[pairs[i].First] - r[pairs[i].Second], t = Math.Exp(-Math.Abs(x));
            double p = x >= 0 ? 1 / (1 + t) : t / (1 + t);
            loss[i] = (float)((1 - h[i]) * Math.Max(x, 0) + h[i] * Math.Max(-x, 0) + double.LogP1(t));
            sum[pairs[i].First] += p - h[i];
            sum[pairs[i].Second] -= p - h[i];
        }

        for (int a = 0; a < dr.Length; a++)
        {
            dr[a] = (float)(sum[a] / pairs.Length);
        }
    }

    private protected override void AdamCore(
        DeviceArray<float> theta_P, DeviceArray<float> dtheta_P, DeviceArray<float> m_P, DeviceArray<float> s_P, AdamStep step)
    {
        Span<float> theta = Of(theta_P), dtheta = Of(dtheta_P), m = Of(m_P), s = Of(s_P);
        for (int j = 0; j < theta.Length; j++)
        {
            m[j] = step.Beta1 * m[j] + (1 - step.Beta1) * dtheta[j];
            s[j] = step.Beta2 * s[j] + (1 - step.Beta2) * dtheta[j] * dtheta[j];
            theta[j] -= step.LearningRate * step.WeightDecay * theta[j]
                + step.LearningRate * (m[j] * step.Correction1) / (MathF.Sqrt(s[j] * step.Correction2) + step.Epsilon);
        }
    }
}
