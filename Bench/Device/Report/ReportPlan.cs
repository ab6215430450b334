using FisherKernels.Bench.Cases;
using FisherKernels.Bench.Peers;

namespace FisherKernels.Bench.Report;

/// <summary>What a report covers.</summary>
/// <param name="Repetitions">Of each figure; whole pieces of work are repeated ten times as often, beside peers a third as often.</param>
/// <param name="Size">Of whole pieces of work.</param>
/// <param name="Cases">For agreement.</param>
/// <param name="Timed">Those of them that get figures.</param>
/// <param name="Peers">Who is measured beside ours.</param>
/// <param name="Commit">What is measured.</param>
internal sealed record ReportPlan(
    int Repetitions, PeerSize Size, IReadOnlyList<OperationCase> Cases, IReadOnlyList<OperationCase> Timed, IReadOnlyList<NamedPeer> Peers,
        string Commit)
{
    // Steps of a case that an interpreter of a GPU's code takes on in a moment.
    private const long SmallWork = 3_000;

    /// <summary>Everything.</summary>
    public static ReportPlan Paper(int repetitions, string commit) =>
        new(repetitions, PeerSize.Paper, OperationCases.All, [.. OperationCases.All.Where(one => one.Large)], PeersMeasurement.Python,
            commit);

    /// <summary>Each part and each operation once, as small as may be: whether all of it works.</summary>
    public static ReportPlan Small(int repetitions, string commit)
    {
        OperationCase[] cases = [.. OperationCases.Small.Where(one => one.Work <= SmallWork)];
        return new(repetitions, PeerSize.Least, cases, [.. cases.GroupBy(one => one.Operation).Select(same => same.Last())],
            PeersMeasurement.Python, commit);
    }
}
