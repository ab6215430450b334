using FisherKernels.Bench.Cases;
using FisherKernels.Kernels;
using MathNet.Numerics;

namespace FisherKernels.Tests.Reference;

/// <summary>Each operation as MATH.md writes it, in double: slow and obvious. The standard that every backend is held to.</summary>
public static class Definition
{
    public static IReadOnlyList<double[]> Of(Operation operation) => operation switch
    {
        Gather op => [Gather(Wide(op.From_RD), op.Rows_k, op.From_RD.Columns)],
        Linear op => [
            Linear(Wide(op.X_nI), Wide(op.Theta_OI), op.Bias_O is null
                ? null : Wide(op.Bias_O), op.X_nI.Rows, op.X_nI.Columns, op.Theta_OI.Rows)],
        LinearActivate op => LinearActivate(op),
        LinearBackward op => LinearBackward(op),
        Activate op => [[.. Wide(op.X_nH).Select(x => Activate(op.Activation, x))]],
        ActivateBackward op => [[.. Wide(op.X_nH).Zip(Wide(op.DY_nH), (x, dy) => dy * Slope(op.Activation, x))]],
        BradleyTerry op => BradleyTerry(op.Pairs, Wide(op.R_R), Wide(op.H_n)),
        Adam op => Adam(Wide(op.Theta_P), Wide(op.DTheta_P), Wide(op.M_P), Wide(op.S_P), op.Step),
        PairVariances op => [PairVariances(op.Pairs, Wide(op.R_R))],
        Information op => [Information(op.Pairs, Wide(op.Phi_Rd), Wide(op.V_n), op.Phi_Rd.Columns)],
        Whiten op => [Whiten(Wide(op.Phi_Rd), op.Inverse_dd.Numbers, op.Phi_Rd.Rows, op.Phi_Rd.Columns)],
        LogDetGradient op => [LogDetGradient(op.Pairs, op.Z_Rd.Numbers, Wide(op.V_n), op.Z_Rd.Columns)],
        Top op => [[.. Top(Wide(op.Score_n), op.K).Select(number => (double)number)]],
        Best op => Best(op),
        Greedy op => Greedy(op),
        AllPairsInformation op =>
            [Information(AllPairs(op.R_R.Rows), Wide(op.Phi_Rd), PairVariances(AllPairs(op.R_R.Rows), Wide(op.R_R)), op.Phi_Rd.Columns)],
        AllPairsTop op => AllPairsTop(op.Z_Rd.Numbers, Wide(op.R_R), op.Z_Rd.Columns, op.K),
        AllPairsBest op => AllPairsBest(op),
        _ => throw new ArgumentException($"{operation.GetType().Name} has no definition.", nameof(operation)),
    };

    public static double[] Wide(Matrix<float> x) => [.. x.Numbers.Select(number => (double)number)];

    public static double[] Gather(double[] from, int[] rows, int columns) =>
        [.. rows.SelectMany(row => from.Skip(row * columns).Take(columns))];

    public static double[] Linear(double[] x, double[] theta, double[]? bias, int n, int inputs, int outputs)
    {
        var y = new double[n * outputs];
        for (int a = 0; a < n; a++)
        {
            for (int o = 0; o < outputs; o++)
            {
                double sum = bias?[o] ?? 0;
                for (int i = 0; i < inputs; i++)
                {
                    sum += x[a * inputs + i] * theta[o * inputs + i];
                }

                y[a * outputs + o] = sum;
            }
        }

        return y;
    }

    private static double[][] LinearActivate(LinearActivate op)
    {
        double[] y = Linear(
            Wide(op.X_nI), Wide(op.Theta_OI), op.Bias_O is null ? null : Wide(op.Bias_O), op.X_nI.Rows, op.X_nI.Columns, op.Theta_OI.Rows);
        double[] a = [.. y.Select(y => Activate(op.Activation, y))];
        return op.Keeps ? [y, a] : [a];
    }

    public static (double[] Dx, double[] DTheta, double[] DBias) LinearBackward(
        double[] x, double[] theta, double[] dy, int n, int inputs, int outputs)
    {
        double[] dx = new double[n * inputs], dtheta = new double[outputs * inputs], dbias = new double[outputs];
        for (int a = 0; a < n; a++)
        {
            for (int o = 0; o < outputs; o++)
            {
                dbias[o] += dy[a * outputs + o];
                for (int i = 0; i < inputs; i++)
                {
                    dx[a * inputs + i] += dy[a * outputs + o] * theta[o * inputs + i];
                    dtheta[o * inputs + i] += dy[a * outputs + o] * x[a * inputs + i];
                }
            }
        }

        return (dx, dtheta, dbias);
    }

    // Φ(x) = ½ erfc(−x/√2): 1 + erf loses the left tail.
    public static double Activate(Activation activation, double x) =>
        activation == Activation.Relu ? Math.Max(x, 0) : x * 0.5 * SpecialFunctions.Erfc(-x / Math.Sqrt(2));

    public static double Slope(Activation activation, double x) => activation == Activation.Relu
        ? (x > 0 ? 1 : 0)
        : 0.5 * SpecialFunctions.Erfc(-x / Math.Sqrt(2)) + x * Math.Exp(-x * x / 2) / Math.Sqrt(2 * Math.PI);

    public static double[][] BradleyTerry(Pair[] pairs, double[] r, double[] h)
    {
        double[] loss = new double[pairs.Length], dr = new double[r.Length];
        for (int i = 0; i < pairs.Length; i++)
        {
            double x = r[pairs[i].First] - r[pairs[i].Second];
            loss[i] = (1 - h[i]) * SoftPlus(x) + h[i] * SoftPlus(-x);
            double slope = (1 - h[i]) * Sigma(x) - h[i] * Sigma(-x);
            dr[pairs[i].First] += slope / pairs.Length;
            dr[pairs[i].Second] -= slope / pairs.Length;
        }

        return [loss, dr];
    }

    public static double[][] Adam(double[] theta, double[] dtheta, double[] m, double[] s, AdamStep step) =>
        Adam(theta, dtheta, m, s, step.Step, new(step.LearningRate, step.WeightDecay, step.Beta1, step.Beta2, step.Epsilon));

    public static double[][] Adam(double[] theta, double[] dtheta, double[] m, double[] s, int step, AdamRates rates)
    {
        (double rate, double decay, double beta1, double beta2, double epsilon) = rates;
        double[] next_m = [.. m.Zip(dtheta, (m, g) => beta1 * m + (1 - beta1) * g)];
        double[] next_s = [.. s.Zip(dtheta, (s, g) => beta2 * s + (1 - beta2) * g * g)];
        double[] next = [.. theta.Select((old, j) => old * (1 - rate * decay)
            - rate * (next_m[j] / (1 - Math.Pow(beta1, step))) / (Math.Sqrt(next_s[j] / (1 - Math.Pow(beta2, step))) + epsilon))];
        return [next, next_m, next_s];
    }

    public static double[] PairVariances(Pair[] pairs, double[] r) =>
        [.. pairs.Select(pair => Sigma(r[pair.First] - r[pair.Second]) * Sigma(r[pair.Second] - r[pair.First]))];

    // Pair by pair, not by the Laplacian.
    public static double[] Information(Pair[] pairs, double[] phi, double[] v, int d)
    {
        var fisher = new double[d * d];
        for (int i = 0; i < pairs.Length; i++)
        {
            double[] delta = Difference(phi, pairs[i], d);
            for (int j = 0; j < d; j++)
            {
                for (int k = 0; k < d; k++)
                {
                    fisher[j * d + k] += v[i] * delta[j] * delta[k];
                }
            }
        }

        return fisher;
    }

    public static double[] Whiten(double[] phi, double[] inverse, int rows, int d)
    {
        var z = new double[rows * d];
        for (int a = 0; a < rows; a++)
        {
            for (int j = 0; j < d; j++)
            {
                for (int k = 0; k <= j; k++)
                {
                    z[a * d + j] += inverse[j * d + k] * phi[a * d + k];
                }
            }
        }

        return z;
    }

    public static double[] LogDetGradient(Pair[] pairs, double[] z, double[] v, int d) =>
        [.. pairs.Select((pair, i) => v[i] * Difference(z, pair, d).Sum(dz => dz * dz))];

    public static int[] Top(double[] score, int k) =>
        [.. Enumerable.Range(0, score.Length).OrderBy(i => double.IsNaN(score[i])).ThenByDescending(i => score[i]).Take(k)];

    public static double[][] Best(Best op)
    {
        (double[] g, PrecisionMatrix m) = Gradients(op.Pairs, op.Phi_Rd, Wide(op.V_n), op.Past_dd, op.Ridge);
        int[] top = Top(g, op.K);
        return [g, [.. top.Select(i => (double)i)], [.. top.Select(i => g[i])], m.Precision.ToArray()];
    }

    public static double[][] AllPairsBest(AllPairsBest op)
    {
        Pair[] pairs = AllPairs(op.R_R.Rows);
        (double[] g, PrecisionMatrix m) = Gradients(pairs, op.Phi_Rd, PairVariances(pairs, Wide(op.R_R)), op.Past_dd, op.Ridge);
        int[] top = Top(g, op.K);
        return
        [
            [.. top.Select(i => (double)pairs[i].First)], [.. top.Select(i => (double)pairs[i].Second)], [.. top.Select(i => g[i])],
            m.Precision.ToArray(),
        ];
    }

    // Of every pair, rounded to float32 as every backend returns them: what rounding of float64 alone tells apart is equal.
    private static (double[] Gradient, PrecisionMatrix Precision) Gradients(
        Pair[] pairs, Matrix<float> phi_Rd, double[] v, Matrix<double>? past_dd, double ridge)
    {
        int d = phi_Rd.Columns;
        double[] phi = Wide(phi_Rd), fisher = Information(pairs, phi, v, d);
        PrecisionMatrix m = past_dd is null ? new(d, ridge, fisher) : new(d, ridge, fisher, past_dd.Numbers);
        double[] z = Whiten(phi, m.InverseCholesky.ToArray(), phi_Rd.Rows, d);
        return ([.. LogDetGradient(pairs, z, v, d).Select(g => (double)(float)g)], m);
    }

    // Every step from M as the pairs chosen so far make it; a taken pair has the gain NaN.
    public static double[][] Greedy(Greedy op)
    {
        double[] phi = Wide(op.Phi_Rd), v = Wide(op.V_n);
        var quota = new PairQuota(op.Limits, op.Pairs.Length);
        List<int> chosen = [];
        List<double> gains = [];
        while (chosen.Count < op.Count)
        {
            int d = op.Phi_Rd.Columns;
            double[] fisher = Information([.. chosen.Select(i => op.Pairs[i])], phi, [.. chosen.Select(i => v[i])], d);
            double[] z = Whiten(phi, new PrecisionMatrix(d, op.Ridge, fisher).InverseCholesky.ToArray(), op.Phi_Rd.Rows, d);
            double[] gain = [.. LogDetGradient(op.Pairs, z, v, d).Select((g, i) => chosen.Contains(i) ? double.NaN : LogOnePlus(g))];
            int[] allowed = [.. Enumerable.Range(0, gain.Length).Where(i => !double.IsNaN(gain[i]) && quota.Allows(i))];
            if (allowed.Length == 0)
            {
                break;
            }

            int best = allowed.MaxBy(i => gain[i] / quota.Cost(i));
            quota.Take(best);
            chosen.Add(best);
            gains.Add(gain[best]);
        }

        return [[.. chosen.Select(number => (double)number)], [.. gains]];
    }

    public static Pair[] AllPairs(int responses) =>
        [.. from a in Enumerable.Range(0, responses) from b in Enumerable.Range(a + 1, responses - a - 1) select new Pair(a, b)];

    public static double[][] AllPairsTop(double[] z, double[] r, int d, int k)
    {
        Pair[] pairs = AllPairs(r.Length);
        double[] score = LogDetGradient(pairs, z, PairVariances(pairs, r), d);
        int[] top = Top(score, k);
        return [[.. top.Select(i => (double)pairs[i].First)], [.. top.Select(i => (double)pairs[i].Second)],
            [.. top.Select(i => score[i])]];
    }

    public static double Sigma(double x) => x >= 0 ? 1 / (1 + Math.Exp(-x)) : Math.Exp(x) / (1 + Math.Exp(x));

    // double.LogP1 is Log(x + 1), and loses a small x.
    public static double LogOnePlus(double x) => Math.Abs(x) < 0.5 ? 2 * Math.Atanh(x / (2 + x)) : Math.Log(1 + x);

    public static double SoftPlus(double x) => Math.Max(x, 0) + LogOnePlus(Math.Exp(-Math.Abs(x)));

    private static double[] Difference(double[] rows, Pair pair, int d) =>
        [.. Enumerable.Range(0, d).Select(j => rows[pair.First * d + j] - rows[pair.Second * d + j])];

    private static double[][] LinearBackward(LinearBackward op)
    {
        (double[] dx, double[] dtheta, double[] dbias) = LinearBackward(
            Wide(op.X_nI), Wide(op.Theta_OI), Wide(op.DY_nO), op.X_nI.Rows, op.X_nI.Columns, op.Theta_OI.Rows);
        List<double[]> outputs = [[.. dtheta.Zip(Wide(op.DTheta_OI), (sum, start) => sum + start)]];
        if (op.DBias_O is not null)
        {
            outputs.Add([.. dbias.Zip(Wide(op.DBias_O), (sum, start) => sum + start)]);
        }

        if (op.WithDx)
        {
            outputs.Add(dx);
        }

        return [.. outputs];
    }
}

/// <summary>The constants of <see cref="AdamStep"/> in float64.</summary>
public readonly record struct AdamRates(double LearningRate, double WeightDecay, double Beta1, double Beta2, double Epsilon);
