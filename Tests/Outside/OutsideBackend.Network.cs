using FisherKernels.Kernels;
using MathNet.Numerics;

namespace FisherKernels.Outside;

// The reward model.
public sealed partial class OutsideBackend
{
    protected override void GatherCore(DeviceArray<float> from_RD, ReadOnlySpan<int> rows_k, DeviceArray<float> to_kD)
    {
        Span<float> from = In(from_RD), to = In(to_kD);
        int columns = from_RD.Columns;
        for (int j = 0; j < rows_k.Length; j++)
        {
            from.Slice(rows_k[j] * columns, columns).CopyTo(to[(j * columns)..]);
        }
    }

    protected override void LinearCore(
        DeviceArray<float> x_nI, DeviceArray<float> theta_OI, DeviceArray<float>? bias_O, DeviceArray<float> y_nO)
    {
        Span<float> x = In(x_nI), theta = In(theta_OI), bias = bias_O is null ? [] : In(bias_O), y = In(y_nO);
        int inputs = x_nI.Columns, outputs = theta_OI.Rows;
        for (int a = 0; a < x_nI.Rows; a++)
        {
            for (int o = 0; o < outputs; o++)
            {
                double sum = bias.IsEmpty ? 0 : bias[o];
                for (int i = 0; i < inputs; i++)
                {
                    sum += (double)x[a * inputs + i] * theta[o * inputs + i];
                }

                y[a * outputs + o] = (float)sum;
            }
        }
    }

    protected override void LinearBackwardCore(
        DeviceArray<float> x_nI,
        DeviceArray<float> theta_OI,
        DeviceArray<float> dy_nO,
        DeviceArray<float>? dx_nI,
        DeviceArray<float> dtheta_OI,
        DeviceArray<float>? dbias_O)
    {
        int n = x_nI.Rows, inputs = x_nI.Columns, outputs = theta_OI.Rows;
        if (dx_nI is not null)
        {
            AddProduct(In(dy_nO), outputs, 1, In(theta_OI), In(dx_nI), (n, outputs, inputs), isAdded: false);
        }

        AddProduct(In(dy_nO), 1, outputs, In(x_nI), In(dtheta_OI), (outputs, n, inputs), isAdded: true);
        if (dbias_O is not null)
        {
            float[] ones = [.. Enumerable.Repeat(1f, n)];
            AddProduct(In(dy_nO), 1, outputs, ones, In(dbias_O), (outputs, n, 1), isAdded: true);
        }
    }

    protected override void ActivateCore(Activation activation, DeviceArray<float> x_nH, DeviceArray<float> y_nH)
    {
        Span<float> x = In(x_nH), y = In(y_nH);
        for (int j = 0; j < x.Length; j++)
        {
            y[j] = activation == Activation.Relu ? (x[j] < 0 ? 0 : x[j]) : (float)(x[j] * NormalBelow(x[j]));
        }
    }

    protected override void ActivateBackwardCore(
        Activation activation, DeviceArray<float> x_nH, DeviceArray<float> dy_nH, DeviceArray<float> dx_nH)
    {
        Span<float> x = In(x_nH), dy = In(dy_nH), dx = In(dx_nH);
        for (int j = 0; j < x.Length; j++)
        {
            double slope = activation == Activation.Relu
                ? (x[j] > 0 ? 1 : 0)
                : NormalBelow(x[j]) + x[j] * Math.Exp(-(double)x[j] * x[j] / 2) / Math.Sqrt(2 * Math.PI);
            dx[j] = (float)(dy[j] * slope);
        }
    }

    protected override void BradleyTerryCore(
        PairGraph graph, DeviceArray<float> r_R, DeviceArray<float> h_n, DeviceArray<float> loss_n, DeviceArray<float> dr_R)
    {
        ArgumentNullException.ThrowIfNull(graph);
        Span<Pair> pairs = In(graph.Pairs);
        Span<float> r = In(r_R), h = In(h_n), loss = In(loss_n), dr = In(dr_R);
        var sums = new double[dr.Length];
        for (int i = 0; i < pairs.Length; i++)
        {
            double x = (double)r[pairs[i].First] - r[pairs[i].Second], smaller = LogOnePlus(Math.Exp(-Math.Abs(x)));
            loss[i] = (float)((1.0 - h[i]) * (Math.Max(x, 0) + smaller) + h[i] * (Math.Max(-x, 0) + smaller));
            double slope = ((1.0 - h[i]) * Sigma(x) - h[i] * Sigma(-x)) / pairs.Length;
            sums[pairs[i].First] += slope;
            sums[pairs[i].Second] -= slope;
        }

        for (int a = 0; a < sums.Length; a++)
        {
            dr[a] = (float)sums[a];
        }
    }

    protected override void AdamCore(
        DeviceArray<float> theta_P, DeviceArray<float> dtheta_P, DeviceArray<float> m_P, DeviceArray<float> s_P, AdamStep step)
    {
        Span<float> theta = In(theta_P), gradient = In(dtheta_P), m = In(m_P), s = In(s_P);
        double beta1 = step.Beta1, beta2 = step.Beta2, rate = step.LearningRate;
        for (int j = 0; j < theta.Length; j++)
        {
            double first = beta1 * m[j] + (1 - beta1) * gradient[j], second = beta2 * s[j] + (1 - beta2) * gradient[j] * gradient[j];
            double root = Math.Sqrt(second / (1 - Math.Pow(beta2, step.Step))) + step.Epsilon;
            theta[j] = (float)(theta[j] * (1 - rate * step.WeightDecay) - rate * first / (1 - Math.Pow(beta1, step.Step)) / root);
            (m[j], s[j]) = ((float)first, (float)second);
        }
    }

    // sum += left · right, left(i, k) at i · down + k · across, right row by row.
    private static void AddProduct(
        ReadOnlySpan<float> left, int down, int across, ReadOnlySpan<float> right, Span<float> sum,
        (int Rows, int Terms, int Columns) size, bool isAdded)
    {
        var row = new double[size.Columns];
        for (int i = 0; i < size.Rows; i++)
        {
            Array.Clear(row);
            for (int k = 0; k < size.Terms; k++)
            {
                double factor = left[i * down + k * across];
                for (int j = 0; j < size.Columns; j++)
                {
                    row[j] += factor * right[k * size.Columns + j];
                }
            }

            for (int j = 0; j < size.Columns; j++)
            {
                sum[i * size.Columns + j] = (float)(row[j] + (isAdded ? sum[i * size.Columns + j] : 0));
            }
        }
    }

    // Φ(x) = ½ erfc(−x/√2): 1 + erf loses the left tail.
    private static double NormalBelow(double x) => 0.5 * SpecialFunctions.Erfc(-x / Math.Sqrt(2));
}
