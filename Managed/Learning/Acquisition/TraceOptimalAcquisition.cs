using System.Numerics.Tensors;
using FisherKernels.Kernels;
using FisherKernels.Kernels.Numerics;
using FisherKernels.Learning.Design;

namespace FisherKernels.Learning.Acquisition;

/// <summary>
/// A-, V- or G-optimal: the pairs whose weight lowers tr(V M⁻¹) fastest, score v δᵀM⁻¹VM⁻¹δ (MATH.md §4; Pukelsheim 2006, ch. 6 and 9).
/// </summary>
/// <remarks>
/// V and G look at the targets of the problem, and at the candidates where it has none. With m target responses instead of
/// comparisons V is their scatter matrix, V = 2/(m − 1) Σ (φ − φ̄)(φ − φ̄)ᵀ, in m·d² operations; G compares all m(m − 1)/2 pairs, in
/// m²·d/2.
/// </remarks>
/// <param name="criterion">Which V.</param>
internal sealed class TraceOptimalAcquisition(TraceCriterion criterion) : IAcquisition
{
    /// <inheritdoc/>
    public Inputs Inputs => Inputs.Features | Inputs.Rewards | Inputs.Ridge
        | (IsPastAware ? Inputs.Past : Inputs.None) | (criterion == TraceCriterion.A ? Inputs.None : Inputs.Targets);

    /// <summary>Whether M holds the information of the labelled pairs, beside λ1 and that of the candidates.</summary>
    public bool IsPastAware { get; init; }

    /// <inheritdoc/>
    public string Name => (IsPastAware ? "pa" : "") + criterion switch
    {
        TraceCriterion.A => "aopt",
        TraceCriterion.V => "vopt",
        _ => "gopt",
    };

    /// <inheritdoc/>
    public string Description => criterion switch
    {
        TraceCriterion.A => "pairs that lower the mean variance of the last layer fastest",
        TraceCriterion.V => "pairs that lower the mean variance of the targets' reward gaps fastest",
        _ => "pairs that lower the variance of the worst target's reward gap fastest",
    } + (IsPastAware ? ", beside what the labelled ones gave" : "");

    /// <inheritdoc/>
    public PrecisionMatrix? Score(CandidateProblem problem, DeviceArray<float> score_n)
    {
        ArgumentNullException.ThrowIfNull(problem);
        DeviceArray<float> v = problem.Variances;
        int d = problem.Features.Columns;
        double[] fisher = FisherDesign.Information(problem.Candidates, problem.Features, v);
        double[]? past = IsPastAware ? problem.PastInformationOnHost : null;
        PrecisionMatrix precision = past is null ? new(d, problem.Ridge, fisher) : new(d, problem.Ridge, fisher, past);
        TraceDesign.Gradient(problem.Candidates, problem.Features, v, precision, Root(problem, precision), score_n);
        return precision;
    }

    // B with BᵀB = V.
    private double[] Root(CandidateProblem problem, PrecisionMatrix precision)
    {
        int d = precision.Dimension;
        if (criterion == TraceCriterion.A)
        {
            var one = new double[d * d];
            for (int j = 0; j < d; j++)
            {
                one[j * d + j] = 1;
            }

            return one;
        }

        Targets targets = problem.Targets ?? new Targets(problem.Candidates, problem.Features);
        if (targets.Features.Columns != d)
        {
            throw new ArgumentException(
                $"The targets have features of {targets.Features.Columns} numbers, the candidates of {d}.", nameof(problem));
        }

        return criterion == TraceCriterion.V
            ? TraceDesign.Root(targets.Graph is { } graph ? MeanOuter(graph, targets.Features) : Scatter(targets.Features), d)
            : Worst(targets, precision);
    }

    // Mean of δδᵀ over pairs.
    private static double[] MeanOuter(PairGraph graph, DeviceArray<float> features)
    {
        using DeviceArray<float> ones = FisherDesign.Ones(features.Owner, graph.Count);
        double[] sum = FisherDesign.Information(graph, features, ones);
        TensorPrimitives.Divide(sum, graph.Count, sum);
        return sum;
    }

    // Mean of δδᵀ over all pairs of m rows: Σ over pairs is m Σ (φ − φ̄)(φ − φ̄)ᵀ, and there are m(m − 1)/2.
    private static double[] Scatter(DeviceArray<float> features)
    {
        float[] phi = features.ToArray();
        int m = features.Rows, d = features.Columns;
        double[] rows = new double[m * d], scatter = new double[d * d];
        TensorPrimitives.ConvertTruncating<float, double>(phi, rows);
        Vectors.Centre(rows, d);
        for (int a = 0; a < m; a++)
        {
            Vectors.AddOuterProduct(1, rows.AsSpan(a * d, d), scatter);
        }

        TensorPrimitives.Multiply(scatter, 2.0 / (m - 1), scatter);
        return scatter;
    }

    // δ* of the target with the largest δᵀM⁻¹δ, the first of equal ones.
    private static double[] Worst(Targets targets, PrecisionMatrix precision)
    {
        DeviceArray<float> features = targets.Features;
        Backend backend = features.Owner;
        int d = features.Columns;
        using DeviceArray<double> inverse = backend.Upload(precision.InverseCholesky, d, d);
        using DeviceArray<double> z = backend.Allocate<double>(features.Rows, d);
        backend.Whiten(features, inverse, z);
        Pair worst = targets.Graph is { } graph ? Widest(graph, z) : Widest(z);
        float[] phi = features.ToArray();
        var delta = new double[d];
        for (int j = 0; j < d; j++)
        {
            delta[j] = (double)phi[worst.First * d + j] - phi[worst.Second * d + j];
        }

        return delta;
    }

    private static Pair Widest(PairGraph graph, DeviceArray<double> z)
    {
        using DeviceArray<float> ones = FisherDesign.Ones(z.Owner, graph.Count), q = z.Owner.Allocate<float>(graph.Count);
        z.Owner.LogDetGradient(graph, z, ones, q);
        return graph.OnHost.ToArray()[z.Owner.Top(q, 1)[0]];
    }

    // ‖z_a − z_b‖ ≤ ‖z_a − z̄‖ + ‖z_b − z̄‖: in descending order of the distance from the mean, whole rows can be passed over.
    private static Pair Widest(DeviceArray<double> z)
    {
        double[] rows = z.ToArray();
        int m = z.Rows, d = z.Columns;
        var mean = new double[d];
        Vectors.Mean(rows, mean);
        double[] reach = d == 0
            ? new double[m]
            : [.. Enumerable.Range(0, m).Select(a => TensorPrimitives.Distance(rows.AsSpan(a * d, d), mean))];
        int[] order = Vectors.Descending(reach);
        Pair worst = new(0, 1);
        double widest = d == 0 ? 0 : TensorPrimitives.Distance(rows.AsSpan(0, d), rows.AsSpan(d, d));

        // Rounding of the bound must not pass over an equal pair of lower numbers.
        const double Slack = 1 - 1e-12;
        for (int i = 0; i < m && 2 * reach[order[i]] >= widest * Slack; i++)
        {
            for (int k = i + 1; k < m && d > 0 && reach[order[i]] + reach[order[k]] >= widest * Slack; k++)
            {
                var pair = new Pair(Math.Min(order[i], order[k]), Math.Max(order[i], order[k]));
                double apart = TensorPrimitives.Distance(rows.AsSpan(pair.First * d, d), rows.AsSpan(pair.Second * d, d));
                if (apart > widest || apart == widest && (pair.First, pair.Second).CompareTo((worst.First, worst.Second)) < 0)
                {
                    (widest, worst) = (apart, pair);
                }
            }
        }

        return worst;
    }
}
