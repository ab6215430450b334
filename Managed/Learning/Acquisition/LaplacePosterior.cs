using FisherKernels.Kernels;
using FisherKernels.Learning.Design;
using FisherKernels.Learning.Models;

namespace FisherKernels.Learning.Acquisition;

/// <summary>Laplace on the last layer: β_s = β̂ + L⁻ᵀε_s with M = LLᵀ = λ'1 + I_past, the features held fixed (MATH.md §4).</summary>
/// <remarks>
/// <code>
/// r_s = Φβ_s = r + Φ(L⁻ᵀε_s),  ε_s ~ N(0, 1)          MacKay 1992; last layer alone: Kristiadi, Hein and Hennig 2020
/// λ'  = max(λ, mean ‖δ‖² / σ²)                         mean over the candidates
/// </code>
/// The design's λ = 1e-6 is there to make a matrix invertible. As a prior it would mean reward gaps of a thousand wherever
/// nothing is labelled, so every draw would be certain of every answer and no candidate would stand out. The prior is
/// therefore held to gaps of deviation σ for the average candidate, whatever the scale of the features. With nothing labelled it is
/// all there is.
/// </remarks>
internal sealed class LaplacePosterior : IPosterior
{
    /// <summary>σ > 0, the largest prior deviation of the average candidate's reward gap; at a gap of 5 an answer is 99.3 % sure.</summary>
    public double PriorGap
    {
        get;
        init => field = double.IsFinite(value) && value > 0
            ? value
            : throw new ArgumentOutOfRangeException(nameof(PriorGap), value, "σ must be finite and positive.");
    } = 5;

    /// <inheritdoc/>
    public string Name => "laplace";

    /// <inheritdoc/>
    public Inputs Inputs => Inputs.Features | Inputs.Rewards | Inputs.Past | Inputs.Ridge;

    /// <inheritdoc/>
    public bool TakesAsked => true;

    /// <inheritdoc/>
    public float[] Draw(CandidateProblem problem, ReadOnlySpan<int> asked, int samples)
    {
        ArgumentNullException.ThrowIfNull(problem);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(samples);
        Backend backend = problem.Backend;
        int responses = problem.Features.Rows, d = problem.Features.Columns;
        float[] r = problem.Rewards.ToArray();
        PrecisionMatrix precision = Precision(problem, asked);

        // β − β̂ = L⁻ᵀε, one row a draw.
        ReadOnlySpan<double> inverse = precision.InverseCholesky;
        var offsets_Sd = new float[samples * d];
        var offset = new double[d];
        for (int s = 0; s < samples; s++)
        {
            Array.Clear(offset);
            for (int i = 0; i < d; i++)
            {
                double epsilon = problem.Random.NextNormal();
                for (int k = 0; k <= i; k++)
                {
                    offset[k] += inverse[i * d + k] * epsilon;
                }
            }

            for (int k = 0; k < d; k++)
            {
                offsets_Sd[s * d + k] = (float)offset[k];
            }
        }

        using DeviceArray<float> heads = backend.Upload<float>(offsets_Sd, samples, d);
        using DeviceArray<float> r_RS = backend.Allocate<float>(responses, samples);
        backend.Linear(problem.Features, heads, null, r_RS);
        float[] rewards = r_RS.ToArray();
        for (int a = 0; a < responses; a++)
        {
            Span<float> row = rewards.AsSpan(a * samples, samples);
            for (int s = 0; s < samples; s++)
            {
                row[s] += r[a];
            }
        }

        return rewards;
    }

    private PrecisionMatrix Precision(CandidateProblem problem, ReadOnlySpan<int> asked)
    {
        int d = problem.Features.Columns;
        var informations = new List<double[]>();
        if (problem.PastInformationOnHost is { } past)
        {
            informations.Add(past);
        }

        Pair[] pairs = problem.Candidates.OnHost.ToArray();
        if (asked.Length > 0)
        {
            informations.Add(Asked(problem, pairs, asked));
        }

        double ridge = Math.Max(problem.Ridge, MeanSquare(problem.Features.ToArray(), d, pairs) / (PriorGap * PriorGap));

        // Where all candidates have the features of their opponents no prior makes a difference, but M has to have a factor.
        return new PrecisionMatrix(d, ridge > 0 ? ridge : 1, [.. informations]);
    }

    // Over the responses that were asked about only: the whole pool may have a hundred times as many.
    private static double[] Asked(CandidateProblem problem, Pair[] pairs, ReadOnlySpan<int> asked)
    {
        var chosen = new Pair[asked.Length];
        for (int j = 0; j < chosen.Length; j++)
        {
            chosen[j] = pairs[asked[j]];
        }

        int[] responses = Labels.Distinct(chosen);
        Backend backend = problem.Backend;
        using PairGraph graph = backend.Graph([.. chosen.Select(pair => Labels.Local(responses, pair))], responses.Length);
        using DeviceArray<float> phi = backend.Allocate<float>(responses.Length, problem.Features.Columns);
        using DeviceArray<float> r = backend.Allocate<float>(responses.Length);
        backend.Gather(problem.Features, responses, phi);
        backend.Gather(problem.Rewards, responses, r);
        using DeviceArray<float> v = FisherDesign.Variances(graph, r);
        return FisherDesign.Information(graph, phi, v);
    }

    private static double MeanSquare(float[] phi_Rd, int d, Pair[] pairs)
    {
        double sum = 0;
        foreach (Pair pair in pairs)
        {
            float distance = System.Numerics.Tensors.TensorPrimitives.Distance<float>(
                phi_Rd.AsSpan(pair.First * d, d), phi_Rd.AsSpan(pair.Second * d, d));
            sum += (double)distance * distance;
        }

        return pairs.Length == 0 ? 0 : sum / pairs.Length;
    }
}
