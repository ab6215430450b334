using System.Globalization;
using FisherKernels.Kernels;
using FisherKernels.Learning.Batches;
using FisherKernels.Learning.Design;

namespace FisherKernels.Learning.Acquisition;

/// <summary>What a batch is chosen from.</summary>
internal abstract class CandidateKind
{
    /// <summary>n.</summary>
    public abstract long Count { get; }

    /// <summary>R.</summary>
    public abstract int Responses { get; }

    /// <summary>The candidates one by one.</summary>
    /// <exception cref="InputException">They are too many.</exception>
    public abstract PairGraph List(CandidateProblem problem);

    /// <summary>Which of them raise a log det most; the caller disposes it.</summary>
    public abstract LogDetProblem LogDet(CandidateProblem problem, LogDetCriterion criterion, BatchRequest request);
}

/// <summary>Candidates that are listed.</summary>
/// <param name="candidates">n pairs over R responses.</param>
internal sealed class ListedCandidates(PairGraph candidates) : CandidateKind
{
    /// <inheritdoc/>
    public override long Count => candidates.Count;

    /// <inheritdoc/>
    public override int Responses => candidates.Responses;

    /// <inheritdoc/>
    public override PairGraph List(CandidateProblem problem) => candidates;

    /// <inheritdoc/>
    public override LogDetProblem LogDet(CandidateProblem problem, LogDetCriterion criterion, BatchRequest request) =>
        new BatchProblem(problem.Information(criterion), request);
}

/// <summary>Every pair of the responses that has no label and is of two different answers.</summary>
/// <param name="responses">R.</param>
/// <param name="labelled">Pairs labelled so far, in either order, as often as they were labelled: they are the past as well.</param>
/// <param name="answers">[R]: responses of equal values are the same answer and are not compared; empty where all differ.</param>
internal sealed class EveryPair(int responses, Pair[] labelled, int[] answers) : CandidateKind
{
    // 16 million of them take 0.4 GB where they are listed.
    private const long MostListed = 1 << 24;

    /// <inheritdoc/>
    public override long Count { get; } = EveryPairDesign.Unlabelled(responses, labelled, answers);

    /// <inheritdoc/>
    public override int Responses => responses;

    /// <inheritdoc/>
    public override PairGraph List(CandidateProblem problem) => problem.Owned(List(problem.Backend));

    /// <inheritdoc/>
    public override LogDetProblem LogDet(CandidateProblem problem, LogDetCriterion criterion, BatchRequest request)
    {
        if (!request.IsFree)
        {
            throw new InputException(
                "Limits and required pairs go with listed candidates, not with every pair of all responses; list or draw some.");
        }

        // What the labelled pairs tell is in the sum over all pairs anyway.
        bool isPastAware = criterion.IsPastAware || labelled.Length == 0;
        return isPastAware && criterion.IsWeighted
            ? new EveryPairProblem(problem.Features, problem.Rewards, labelled, request.Count, problem.Ridge, answers)
            : new BatchProblem(problem.Information(criterion), request);
    }

    private PairGraph List(Backend backend)
    {
        if (Count > MostListed)
        {
            throw new InputException(string.Create(CultureInfo.InvariantCulture,
                $"Of every pair of {responses} responses {Count} are candidates, too many to list: padopt, padopt+greedy and "
                + $"padopt+exchange go without a list. Choose one of these, or draw candidates."));
        }

        HashSet<Pair> known = [.. labelled.Select(pair => pair.Ascending())];
        var pairs = new Pair[Count];
        int i = 0;
        for (int a = 0; a < responses; a++)
        {
            for (int b = a + 1; b < responses; b++)
            {
                var pair = new Pair(a, b);
                if (!known.Contains(pair) && EveryPairDesign.AreDifferent(answers, pair))
                {
                    pairs[i++] = pair;
                }
            }
        }

        return backend.Graph(pairs, responses);
    }
}
