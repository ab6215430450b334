using FisherKernels.Kernels;
using FisherKernels.Learning.Acquisition;

namespace FisherKernels.Learning.Batches;

/// <summary>A criterion's batch as a problem, with the weights that it owns.</summary>
internal sealed class BatchDesign : IDisposable
{
    private readonly DeviceArray<float> _weights;

    private BatchDesign(DeviceArray<float> weights, BatchProblem problem) => (_weights, Problem) = (weights, problem);

    public BatchProblem Problem { get; }

    /// <summary>Null where there is no information before the batch and no ridge either: scores may still order the pairs, but nothing can be certified.</summary>
    public static BatchDesign? UnlessSingular(IInformationCriterion criterion, AcquisitionContext context, int count)
    {
        try
        {
            return Of(criterion, context, count);
        }
        catch (SingularInformationException)
        {
            return null;
        }
    }

    /// <exception cref="SingularInformationException">M before the batch has no Cholesky factor in float64.</exception>
    public static BatchDesign Of(IInformationCriterion criterion, AcquisitionContext context, int count)
    {
        DeviceArray<float> weights = criterion.Weights(context);
        try
        {
            int d = context.Features.Columns;
            var start = criterion.Past(context) is { } past ? new PrecisionMatrix(d, context.Ridge, past) : new PrecisionMatrix(d, context.Ridge);
            return new BatchDesign(weights, new BatchProblem(context.Candidates, context.Features, weights, start, count, context.Limits, context.Must));
        }
        catch
        {
            weights.Dispose();
            throw;
        }
    }

    /// <summary>The optimiser's batch in the order in which it is best asked, with what each pair adds to those before it.</summary>
    public Picked Optimised(IBatchOptimiser optimiser, SearchEffort effort)
    {
        (int[] numbers, double[] gains) = BatchOrder.Of(Problem, optimiser.Choose(Problem, effort));
        return new Picked(numbers, gains, Problem.Precision(numbers));
    }

    /// <summary>With its certificate; without one where the candidates have no information, so that all batches are alike.</summary>
    public Picked Certified(Picked picked, AcquisitionContext context)
    {
        if (Problem.LogDetOfAll() <= Problem.Start.LogDeterminant)
        {
            return picked;
        }

        if (context.Certify is not { } efficiency)
        {
            return picked with { Certificate = Certificate.Of(Problem, picked.Numbers) };
        }

        (Certificate certificate, Proof proof) = Certificate.Prove(Problem, picked.Numbers, efficiency, context.Effort);
        return picked with { Certificate = certificate, Proof = proof };
    }

    public void Dispose()
    {
        Problem.Dispose();
        _weights.Dispose();
    }
}
