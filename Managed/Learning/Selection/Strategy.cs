using System.Globalization;
using FisherKernels.Kernels;
using FisherKernels.Learning.Acquisition;
using FisherKernels.Learning.Batches;

namespace FisherKernels.Learning.Selection;

/// <summary>
/// A score and a way to take a batch, written <c>dopt</c> (the largest scores), <c>dopt+sample</c>, <c>dopt+power=2</c> or
/// <c>dopt+softmax=2</c>, or
/// with an optimiser of the whole batch, <c>dopt+greedy</c>.
/// </summary>
/// <remarks>Immutable, and without state: any number of threads may use one, each with a problem of its own.</remarks>
public sealed record Strategy
{
    /// <summary>Puts the two together.</summary>
    /// <param name="acquisition">What scores.</param>
    /// <param name="selector">How the batch is taken; the largest scores when left out.</param>
    /// <exception cref="InputException">The two do not go together.</exception>
    public Strategy(IAcquisition acquisition, IBatchSelector? selector = null)
    {
        ArgumentNullException.ThrowIfNull(acquisition);
        (Acquisition, Selector) = (acquisition, selector ?? BatchSelectors.Top);
        Selector.RequireFits(acquisition);
    }

    /// <summary>The strategies there are, each with its own way to take a batch, in the order in which they are listed to people.</summary>
    public static IReadOnlyList<Strategy> Known { get; } = KnownStrategies.Create();

    /// <summary>What scores.</summary>
    public IAcquisition Acquisition { get; }

    /// <summary>How the batch is taken.</summary>
    public IBatchSelector Selector { get; }

    /// <summary>The name that users write: <c>+sample</c> is <c>+power=1</c>, and β = 1 where none is written.</summary>
    public string Name => Acquisition.Name + (Selector.Name.Length > 0 ? "+" + Selector.Name : "");

    /// <summary>The strategy of a name.</summary>
    /// <exception cref="InputException">No such score or way to take a batch; the message lists those there are.</exception>
    public static Strategy Parse(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        string[] parts = name.Split('+', 2);
        if (parts.Length == 2 && BatchSelectors.Optimisers.FirstOrDefault(selector => selector.Name == parts[1]) is { } optimiser)
        {
            return new Strategy(Find(parts[0]).Acquisition, optimiser);
        }

        string[] how = parts.Length == 1 ? ["top"] : parts[1].Split('=', 2);
        Func<double, IBatchSelector>? create = how switch
        {
            ["top"] => null,
            ["sample"] or ["power", ..] => BatchSelectors.Power,
            ["softmax", ..] => BatchSelectors.Softmax,
            _ => throw new InputException(
                $"There is no way of picking as in '{name}'; write a strategy alone (the best scores), with +sample, +power=β or "
                    + "+softmax=β, or, for a "
                + $"log det of information, with {string.Join(", ", BatchSelectors.Optimisers.Select(other => "+" + other.Name))}."),
        };
        double beta = 1;
        if (how.Length == 2
            && !(double.TryParse(how[1], NumberStyles.Float, CultureInfo.InvariantCulture, out beta) && beta > 0 && double.IsFinite(beta)))
        {
            throw new InputException($"β of '{name}' must be a finite number above 0.");
        }

        Strategy known = Find(parts[0]);
        return create is null ? known : new Strategy(known.Acquisition, create(beta));
    }

    /// <summary>Chooses the pairs to be asked next.</summary>
    /// <param name="problem">The candidates, and what may be read about them.</param>
    /// <param name="count">c, 0 ≤ c ≤ n.</param>
    /// <exception cref="InputException">More pairs are asked for than there are, or than have a positive value to sample by.</exception>
    /// <exception cref="ScoreException">A score is NaN, or its value infinite.</exception>
    /// <exception cref="SingularInformationException">λ is too small for the candidates' features.</exception>
    public Batch Select(CandidateProblem problem, int count) => Select(problem, new BatchRequest(count));

    /// <summary>Chooses the pairs to be asked next, under limits.</summary>
    /// <param name="problem">The candidates, and what may be read about them.</param>
    /// <param name="request">How many, 0 ≤ c ≤ n, and what the batch has to keep.</param>
    /// <exception cref="InputException">
    /// More pairs are asked for than there are, or than have a positive value to sample by; limits that cannot be kept, or that the
    /// strategy does not know.
    /// </exception>
    /// <exception cref="ScoreException">A score is NaN, or its value infinite.</exception>
    /// <exception cref="SingularInformationException">λ is too small for the candidates' features.</exception>
    public Batch Select(CandidateProblem problem, BatchRequest request)
    {
        ArgumentNullException.ThrowIfNull(problem);
        ArgumentNullException.ThrowIfNull(request);
        if (request.Count < 0 || request.Count > problem.CandidateCount)
        {
            throw new InputException(
                $"{request.Count} pairs were asked for, there are {problem.CandidateCount} candidates; ask for fewer, or offer more.");
        }

        if (!request.IsFree && !Selector.KeepsLimits)
        {
            throw new InputException(
                $"{Name} chooses its batch itself and knows no limits; leave them out, or choose another strategy, {Name}+sample for one.");
        }

        Batch batch = request.Count == 0 && request.Required.Count == 0 ? Batch.Empty : Selector.Select(problem, Acquisition, request);
        return batch with { Strategy = Name, CandidateCount = problem.CandidateCount };
    }

    /// <summary>The batch with a certificate of how good it is; as it is for a strategy that maximises no log det, where M before
    /// the batch is singular, and where no candidate has any information.</summary>
    /// <param name="problem">What it was chosen from.</param>
    /// <param name="batch">What <see cref="Select(CandidateProblem, BatchRequest)"/> gave.</param>
    /// <param name="request">What it was chosen by.</param>
    public Batch Certify(CandidateProblem problem, Batch batch, BatchRequest request)
    {
        ArgumentNullException.ThrowIfNull(problem);
        ArgumentNullException.ThrowIfNull(batch);
        ArgumentNullException.ThrowIfNull(request);
        if (Acquisition.Criterion is not { } criterion || problem.CandidateCount == 0)
        {
            return batch;
        }

        try
        {
            return problem.LogDet(criterion, request).Certify(batch, request.Efficiency, request.Effort);
        }
        catch (SingularInformationException)
        {
            // Without information before the batch and without a ridge scores may still order the pairs, but nothing can be certified.
            return batch;
        }
    }

    /// <summary>The score of every candidate alone.</summary>
    /// <param name="problem">The candidates, and what may be read about them.</param>
    /// <exception cref="ScoreException">A score is NaN, or its value infinite.</exception>
    public ScoredCandidates Score(CandidateProblem problem)
    {
        ArgumentNullException.ThrowIfNull(problem);
        return problem.Score(Acquisition);
    }

    private static Strategy Find(string name) =>
        Known.FirstOrDefault(known => known.Name == name)
        ?? throw new InputException($"There is no strategy '{name}'; there are {string.Join(", ", Known.Select(known => known.Name))}.");
}
