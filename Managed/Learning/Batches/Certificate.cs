using FisherKernels.Kernels;

namespace FisherKernels.Learning.Batches;

/// <summary>How good a batch is, and a proof of it: no batch of that size from that pool has a larger log det M than
/// <paramref name="UpperBound"/> (MATH.md §5).</summary>
/// <param name="LogDet">log det M of the batch, in nats.</param>
/// <param name="UpperBound">≥ log det M of every batch that keeps the limits, in nats.</param>
/// <param name="Dimension">d.</param>
/// <param name="HasRelaxedLimits">Whether the bound leaves limits out that the batch keeps: it then holds for more batches than
/// there are, and may be loose.</param>
public sealed record Certificate(double LogDet, double UpperBound, int Dimension, bool HasRelaxedLimits)
{
    /// <summary>D-efficiency, in (0, 1]: at least so many times the information per dimension of the best batch, exp((LogDet −
    /// UpperBound)/d).</summary>
    public double Efficiency => Dimension == 0 ? 1 : Math.Min(Math.Exp((LogDet - UpperBound) / Dimension), 1);

    /// <summary>From the batch's own gradient and from all candidates together; two passes over the pairs.</summary>
    /// <exception cref="SingularInformationException">M of the batch has no Cholesky factor in float64.</exception>
    internal static Certificate Compute(BatchProblem problem, ReadOnlySpan<int> indices)
    {
        ArgumentNullException.ThrowIfNull(problem);
        PrecisionMatrix precision = problem.Precision(indices);
        var bound = new ConcaveBound(problem);
        double tangent = bound.At(precision, problem.Gradient(precision)), all = ConcaveBound.OfAll(problem.LogDetOfAll(), precision);
        return new Certificate(precision.LogDeterminant, Math.Min(tangent, all), problem.Dimension, bound.HasRelaxedLimits);
    }

    /// <summary>Tightens the bound, by going up the relaxation from the batch, until the efficiency is proven or nothing more can
    /// be.</summary>
    /// <param name="problem">What was chosen from.</param>
    /// <param name="indices">The batch.</param>
    /// <param name="efficiency">What is to be proven, in (0, 1).</param>
    /// <param name="effort">When to stop.</param>
    internal static (Certificate Certificate, Proof Proof) Prove(
        BatchProblem problem, ReadOnlySpan<int> indices, double efficiency, SearchEffort effort)
    {
        ArgumentNullException.ThrowIfNull(effort);
        if (!(efficiency > 0 && efficiency < 1))
        {
            throw new ArgumentOutOfRangeException(
                nameof(efficiency), efficiency, "An efficiency that can be proven is above 0 and below 1.");
        }

        Certificate found = Compute(problem, indices);
        var relaxation = new Relaxation(problem, indices);
        while (found.Efficiency < efficiency)
        {
            if (effort.IsOver)
            {
                return (found, Proof.OutOfTime);
            }

            bool gains = relaxation.Step(effort.Tolerance);
            found = found with { UpperBound = Math.Max(Math.Min(found.UpperBound, relaxation.UpperBound), found.LogDet) };

            // What the relaxation reaches, the bound cannot go below.
            if (Math.Exp((found.LogDet - relaxation.Reached) / problem.Dimension) < efficiency)
            {
                return (found, Proof.Impossible);
            }

            if (!gains && found.Efficiency < efficiency)
            {
                return (found, Proof.Stalled);
            }
        }

        return (found, Proof.Given);
    }
}

/// <summary>How an attempt to prove an efficiency ended.</summary>
public enum Proof
{
    /// <summary>It is proven.</summary>
    Given,

    /// <summary>The relaxation, in which pairs may be taken in part, does better than that efficiency allows: concavity alone
    /// cannot prove it.</summary>
    Impossible,

    /// <summary>No step of the relaxation gains anything more, and the bound is above what it reaches: of several limits it leaves
    /// some out.</summary>
    Stalled,

    /// <summary>Time ended it.</summary>
    OutOfTime,
}
