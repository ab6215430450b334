using System.Text.Json.Serialization;
using FisherKernels.Bench.Cases;
using FisherKernels.Bench.Peers;
using FisherKernels.Kernels;

namespace FisherKernels.Bench.Report;

/// <summary>How far an operation on a device is from the CPU's.</summary>
/// <param name="Operation">Its name.</param>
/// <param name="Case">Operation and size.</param>
/// <param name="Error">Largest difference in units of the case's tolerance; on the CPU 0 where one thread and all give the same
/// bits.</param>
internal sealed record Agreement(string Operation, string Case, double Error)
{
    /// <summary>Within what the case allows.</summary>
    [JsonIgnore]
    public bool Agrees => Error <= 1;
}

/// <summary>A large case of an operation.</summary>
/// <param name="Case">Operation and size.</param>
/// <param name="Resident">Arrays are on the device.</param>
/// <param name="Copied">Inputs come from the host, a graph of pairs is made anew, and outputs go back.</param>
internal sealed record OperationFigure(string Case, Timing Resident, Timing Copied);

/// <summary>A whole piece of work.</summary>
internal sealed record WorkFigure(string Work, Timing Timing);

/// <summary>All that is measured on one device.</summary>
/// <param name="Machine">Where.</param>
/// <param name="Commit">What.</param>
/// <param name="Agreement">Of every case.</param>
/// <param name="Operations">Large cases.</param>
/// <param name="Works">Whole pieces of work.</param>
/// <param name="Peers">Beside ours.</param>
internal sealed record DeviceReport(
    Machine Machine, string Commit, IReadOnlyList<Agreement> Agreement, IReadOnlyList<OperationFigure> Operations,
    IReadOnlyList<WorkFigure> Works,
    IReadOnlyList<PeerSection> Peers)
{
    /// <summary>The part up to which this was measured, where it was ended before the last.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? UpTo { get; init; }

    /// <summary>Measures everything.</summary>
    /// <param name="kind">The backend, which is there.</param>
    /// <param name="plan">What.</param>
    /// <param name="told">Of each step, in a few words.</param>
    /// <param name="keep">Gets what there is after each part.</param>
    /// <param name="cancellation">Looked at between repetitions.</param>
    public static DeviceReport Measure(
        BackendKind kind, ReportPlan plan, Action<string> told, Action<DeviceReport> keep, CancellationToken cancellation)
    {
        using Backend on = Backend.Open(kind);
        var report = new DeviceReport(Machine.Of(on), plan.Commit, [], [], [], []);
        told($"{report.Machine.Computes}: agreement of {plan.Cases.Count} cases");
        Keep(report with { Agreement = Agree(on, plan.Cases, cancellation), UpTo = "agreement" });
        told("operations");
        Keep(report with
        {
            Operations = [.. plan.Timed.Select(one => Figure(one, on, plan.Repetitions, cancellation))],
            UpTo = "operations"
        });
        told("whole pieces of work");
        Keep(report with { Works = Whole(kind, plan, cancellation), UpTo = "whole pieces of work" });
        told("beside peers");
        var beside = new PeersMeasurement(kind, plan.Size, Math.Max(plan.Repetitions / 3, 1), report.Machine.Processor, plan.Commit);
        var peers = new List<PeerSection>();
        foreach (PeerSection peer in beside.Run(
            plan.Peers, PeerWorks.Words, told, section =>
                keep(report with { Peers = [.. peers, section], UpTo = $"peers, of {section.Peer} a part" }), cancellation))
        {
            peers.Add(peer);
            Keep(report with { Peers = [.. peers], UpTo = $"peers, {peer.Peer}" });
        }

        Keep(report with { UpTo = null });
        return report;

        void Keep(DeviceReport more) => keep(report = more);
    }

    /// <summary>Every case on a device and on the CPU; on the CPU with all threads and with one.</summary>
    public static Agreement[] Agree(Backend on, IReadOnlyList<OperationCase> cases, CancellationToken cancellation)
    {
        bool isCpu = on.Kind == BackendKind.Cpu;
        using Backend reference = Backend.Open(BackendKind.Cpu, isCpu ? 1 : 0);
        return [.. cases.Select(one =>
        {
            cancellation.ThrowIfCancellationRequested();
            IReadOnlyList<double[]> got = one.Run(on), want = one.Run(reference);
            Tolerance allowed = isCpu ? Tolerance.Exact("one thread and all give the same bits") : one.Tolerance;
            return new Agreement(
                one.Operation, $"{one}", got.Zip(want, allowed.Error).Append(got.Count == want.Count ? 0 : double.PositiveInfinity).Max());
        })];
    }

    private static OperationFigure Figure(OperationCase one, Backend on, int repetitions, CancellationToken cancellation)
    {
        using Trial trial = one.Make().Prepare(on);
        var resident = Timing.Measure(Launch, repetitions, cancellation);
        var copied = Timing.Measure(trial.LaunchWithCopies, repetitions, cancellation);
        return new OperationFigure($"{one}", resident, copied);

        void Launch()
        {
            trial.Launch();
            on.Synchronize();
        }
    }

    private static WorkFigure[] Whole(BackendKind kind, ReportPlan plan, CancellationToken cancellation)
    {
        PeerSize s = plan.Size;
        using var own = new Own(new PeerData(s), kind);
        (FormattableString Work, Action Do)[] all =
        [
            ($"best {s.Batch} of {s.Candidates:N0} pairs of {s.Responses:N0} responses, d = {s.Width}, features given on the host",
                own.SelectFromMemory),
            ($"best {s.Batch} of {s.Candidates:N0} pairs, features and graph of pairs where it computes", own.SelectThere),
            ($"best {s.Batch} of {s.Candidates:N0} pairs from embeddings, D = {s.Dimension:N0}", own.EndToEnd),
            ($"best {s.Batch} of all {(long)s.Responses * (s.Responses - 1) / 2:N0} pairs of {s.Responses:N0} responses, d = {s.Width}",
                own.EveryPair),
            ($"training step, {s.Labelled:N0} pairs of {s.Responses:N0} responses, D = {s.Dimension:N0}", own.TrainingStep),
            ($"one label, {s.Candidates:N0} candidates scored anew, d = {s.Width}", own.Label),
        ];
        return [.. all.Select(
            one => new WorkFigure(FormattableString.Invariant(one.Work), Timing.Measure(one.Do, 10 * plan.Repetitions, cancellation)))];
    }
}
