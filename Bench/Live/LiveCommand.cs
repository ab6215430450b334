using System.CommandLine;
using System.Globalization;
using System.Text;
using System.Text.Json;
using FisherKernels.Bench.Peers;
using FisherKernels.Cli.Terminal;
using FisherKernels.Learning;
using FisherKernels.Storage;

namespace FisherKernels.Bench.Live;

/// <summary>Bench live: one label at a time, each followed by the next pair.</summary>
internal static class LiveCommand
{
    public static Command Create(Output output)
    {
        LiveSettings usual = LiveSettings.Usual;
        Option<int> labels = Ask.Integer("--labels", "that come in, one at a time", usual.Labels),
            candidates = Ask.Integer("--candidates", "pairs, all scored anew after each label", usual.Candidates);
        Option<int> responses = Ask.Integer("--responses", "that the pairs are drawn from", usual.Responses),
            width = Ask.Integer("--width", "features of a response", usual.Width);
        Option<int> seed = Ask.Integer("--seed", "of everything drawn", usual.Seed);
        var folder = new Option<string>(
            "--out")
        {
            Description = "folder for live.md, live.json and live.png",
            DefaultValueFactory = _ =>
                Path.Combine("runs", "live")
        };
        var command = new Command(
            "live", "How long a label takes, until the next pair is known.") { labels, candidates, responses, width, seed, folder };
        var provenance = new Provenance(command);
        command.Does((parsed, cancellation) =>
        {
            var settings = usual with
            {
                Labels = Positive(labels),
                Candidates = Positive(candidates),
                Responses = Positive(responses),
                Width = Positive(width),
                Seed = parsed.GetValue(seed),
            };
            Require(settings);
            string path = parsed.GetRequiredValue(folder);
            AtomicFile.MakeFolder(path);
            LiveRun run = LiveRun.Measure(settings, cancellation);
            string page = Page(settings, run, provenance.Machine(parsed), provenance.Commit(parsed));
            output.Out.Write(page);
            Put("live.md", page);
            Put("live.json", JsonSerializer.Serialize(
                new
                {
                    format = "bench-live",
                    version = 2,
                    settings,
                    machine = provenance.Machine(parsed),
                    commit = provenance.Commit(parsed),
                    run
                }, JsonText.Lines) + "\n");
            LiveFigure.Save(Path.Combine(path, "live.png"), run);
            return Task.FromResult(0);

            int Positive(Option<int> option) => Ask.Positive(option.Name, parsed.GetValue(option));
            void Put(string name, string text) =>
                AtomicFile.Write(Path.Combine(path, name), stream => stream.Write(Encoding.UTF8.GetBytes(text)));
        });
        return command;
    }

    private static void Require(LiveSettings settings)
    {
        if (settings.Labels > settings.Candidates)
        {
            throw new InputException($"--labels is {settings.Labels}, and there are {settings.Candidates} candidates; ask for fewer.");
        }

        if (settings.Responses < 2)
        {
            throw new InputException("--responses is 1, and a pair has two; ask for more.");
        }
    }

    /// <summary>The report.</summary>
    internal static string Page(LiveSettings settings, LiveRun run, string machine, string commit)
    {
        double[] ms = run.Milliseconds;
        string work = string.Create(CultureInfo.InvariantCulture,
            $"A label comes in, M changes by rank one, all of {settings.Candidates:N0} candidates over {settings.Responses:N0} responses, "
            + $"d = {settings.Width}, are scored anew, the next pair is named; {settings.Labels:N0} labels on one thread, seed "
            + $"{settings.Seed}; {Provenance.InWords(machine, Provenance.OfCommit(commit))}.");
        string figures = string.Create(CultureInfo.InvariantCulture,
            $"| {At(0.5)} ms | {At(0.9)} ms | {At(0.99)} ms | {At(0.999)} ms | {At(1)} ms | {run.Refreshed.Length} times | "
            + $"{(double)run.Bytes / ms.Length:0.##} bytes a label | {run.Collections} | {run.LargestDrift:0.0E+0} | "
            + $"{run.LastDrift:0.0E+0} |");
        return FormattableString.Invariant($"""
            # One label at a time

            {work}

            | p50 | p90 | p99 | p99.9 | max | all afresh | allocated | collections | largest drift | drift at the end |
            |---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|
            {figures}

            Drift: the largest difference of a score from that of a fresh factorisation, relative to the largest score; {run.Looks} looks.

            ![Time of each label](live.png)

            """).ReplaceLineEndings("\n");

        string At(double share) => FormattableString.Invariant($"{PairedTiming.Quantile(ms, share):G3}");
    }
}
