namespace FisherKernels.Learning.Acquisition;

/// <summary>The strategies there are.</summary>
public static class Acquisitions
{
    /// <summary>In the order in which they are listed to people.</summary>
    public static IReadOnlyList<IAcquisition> All { get; } =
    [
        new RandomAcquisition(),
        new EntropyAcquisition(),
        new MaxDifferenceAcquisition(),
        new DesignMatrixAcquisition(),
        new DOptimalAcquisition(),
        new PastAwareDOptimalAcquisition(),
        new TraceOptimalAcquisition(TraceCriterion.A),
        new TraceOptimalAcquisition(TraceCriterion.V),
        new TraceOptimalAcquisition(TraceCriterion.G),
        new TraceOptimalAcquisition(TraceCriterion.A) { NeedsPast = true },
        new TraceOptimalAcquisition(TraceCriterion.V) { NeedsPast = true },
        new TraceOptimalAcquisition(TraceCriterion.G) { NeedsPast = true },
        new UncertaintyAcquisition(),
        new BaldAcquisition(new LaplacePosterior()),
        new BatchBaldAcquisition(new LaplacePosterior()),
        new BaldAcquisition(new DropoutPosterior()),
        new BatchBaldAcquisition(new DropoutPosterior()),
        new CoresetAcquisition(),
        new BadgeAcquisition(),
    ];

    /// <summary>The one of that name.</summary>
    /// <exception cref="InputException">There is none; the message lists those there are.</exception>
    public static IAcquisition Named(string name) =>
        All.FirstOrDefault(strategy => strategy.Name == name)
        ?? throw new InputException(
            $"There is no strategy '{name}'; there are {string.Join(", ", All.Select(strategy => strategy.Name))}.");
}
