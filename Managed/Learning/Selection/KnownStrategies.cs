using FisherKernels.Learning.Acquisition;

namespace FisherKernels.Learning.Selection;

/// <summary>The list of strategies; a new one is one line here, and the file of its score.</summary>
internal static class KnownStrategies
{
    /// <summary>In the order in which they are listed to people.</summary>
    public static IReadOnlyList<Strategy> Create() =>
    [
        new(new RandomAcquisition()),
        new(new EntropyAcquisition()),
        new(new MaxDifferenceAcquisition()),
        new(new DOptimalAcquisition(
            "xtx", "pairs that raise det(XᵀX) fastest, whatever the model predicts", new LogDetCriterion(IsWeighted: false))),
        new(new DOptimalAcquisition("dopt", "pairs that add most Fisher information", new LogDetCriterion())),
        new(new DOptimalAcquisition(
            "padopt", "pairs that add most Fisher information to what the labelled ones gave", new LogDetCriterion(IsPastAware: true))),
        .. Trace(isPastAware: false),
        .. Trace(isPastAware: true),
        new(new UncertaintyAcquisition()),
        .. Bald("", "pairs on which draws from the model's posterior disagree",
            "pairs whose answers together tell most of the model's posterior",
            new LaplacePosterior()),
        .. Bald("-dropout", "the same by dropout draws", "the same by dropout draws", new DropoutPosterior()),
        new(new CoresetAcquisition()),
        Own(new BadgeAcquisition()),
    ];

    private static IEnumerable<Strategy> Trace(bool isPastAware) => Enum.GetValues<TraceCriterion>().Select(
        criterion => new Strategy(new TraceOptimalAcquisition(criterion) { IsPastAware = isPastAware }));

    // Alone, and beside the pairs chosen before.
    private static IEnumerable<Strategy> Bald(string suffix, string alone, string together, IPosterior posterior) =>
    [
        new(new BaldAcquisition("bald" + suffix, alone, posterior)),
        new(new BaldAcquisition("batchbald" + suffix, together, posterior), new BatchBaldSelector(posterior)),
    ];

    // A score that takes its batch itself.
    private static Strategy Own<T>(T both)
        where T : IAcquisition, IBatchSelector => new(both, both);
}
