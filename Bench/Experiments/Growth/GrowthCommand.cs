using System.CommandLine;
using System.Globalization;
using FisherKernels.Cli.Terminal;
using FisherKernels.Kernels;
using FisherKernels.Learning;
using FisherKernels.Storage;

namespace FisherKernels.Bench.Experiments.Growth;

/// <summary>Bench growth: how time and memory of one selection grow with pairs, responses and width.</summary>
internal static class GrowthCommand
{
    private const int UsualRepetitions = 31, UsualLargest = 10_000_000, MostLargest = 1_000_000_000;
    private const double UsualLimit = 120;

    public static Command Create(Output output)
    {
        var sweeps = new Option<string>(
            "--sweep")
        {
            Description = $"all, or of {string.Join(", ", Sweep.All.Select(sweep => sweep.Name))}",
            DefaultValueFactory = _ =>
                "all"
        };
        var threads =
            new Option<string>("--threads") { Description = "numbers of threads, each measured", DefaultValueFactory = _ => "1,2" };
        var largest = Ask.Integer("--largest", "no more pairs, and no more responses, than that", UsualLargest);
        var repetitions = Ask.Integer(
            "--repetitions", $"of a cell at most; {GrowthMeasurement.Fewest} are enough for cells that take long", UsualRepetitions);
        var limit = Ask.Number("--limit", "seconds that a cell may take; one that takes longer is named and not measured", UsualLimit);
        var seed = Ask.Integer("--seed", "of the data", 1);
        var folder = Ask.Path("--out",
            "folder for growth.md, growth.json and the figure; cells that it has of the same commit are kept, and the rest is measured");
        var command =
            new Command("growth", "How time and memory of one selection on the CPU grow with pairs, responses and width of the features.")
        {
            sweeps, threads, largest, repetitions, limit, seed, folder,
        };
        var provenance = new Provenance(command);
        command.Does(async (parsed, cancellation) =>
        {
            IReadOnlyList<Sweep> chosen = Sweep.Named(parsed.GetRequiredValue(sweeps));
            int[] teams = Threads(parsed.GetRequiredValue(threads));
            int most = Within(largest.Name, parsed.GetValue(largest), Sweep.Smallest, MostLargest);
            int times = Within(repetitions.Name, parsed.GetValue(repetitions), GrowthMeasurement.Fewest, 10_000);
            double seconds = Seconds(limit.Name, parsed.GetValue(limit));
            string path = parsed.GetRequiredValue(folder);
            GrowthResults results = GrowthResults.Open(
                path, Device(), provenance.Machine(parsed), provenance.Commit(parsed), parsed.GetValue(seed), Sweep.Standing(most));
            AtomicFile.MakeFolder(path);
            var run = new GrowthRun(new GrowthMeasurement(times, TimeSpan.FromSeconds(seconds)), path, results);
            (string Sweep, GrowthSize Size, int Threads)[] all =
                [.. chosen.SelectMany(sweep => sweep.Sizes(most).SelectMany(size => teams.Select(team => (sweep.Name, size, team))))];
            var missing = all.Where(place => !results.Cells.Any(cell => cell.Is(place.Sweep, place.Size, place.Threads))).ToList();
            int kept = all.Length - missing.Count;
            if (kept > 0)
            {
                output.Error.WriteLine($"{kept} of {all.Length} cells are in {path} and kept.");
            }

            results = await ProgressDisplay.ShowAsync(output, "cells", all.Length, kept, report =>
            {
                GrowthMeasurement.Compile(teams[0], cancellation);
                return run.Measure(missing, kept, report, cancellation);
            }).ConfigureAwait(false);
            GrowthPage.Save(path, results);
            output.Out.WriteLine($"Page: {Path.Combine(path, "growth.md")}, numbers: {Path.Combine(path, "growth.json")}");
            return 0;
        });
        return command;
    }

    private static string Device()
    {
        using Backend on = Backend.Open(BackendKind.Cpu);
        return on.Device;
    }

    private static double Seconds(string name, double value) => value is > 0 and <= 86_400
        ? value
        : throw new InputException(
            FormattableString.Invariant($"{name} is {value}; it must be more than 0 and at most 86400 seconds."));

    private static int[] Threads(string text)
    {
        int[] teams = [.. text.Split(',', StringSplitOptions.TrimEntries).Select(word =>
            int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out int team) && team is > 0 and <= 1024
                ? team
                : throw new InputException($"--threads has '{word}'; expected numbers from 1 to 1024 with commas between, such as 1,2."))];
        return teams.Distinct().Count() == teams.Length ? teams : throw new InputException($"--threads '{text}' has one twice.");
    }

    private static int Within(string name, int value, int least, int most) => value >= least && value <= most
        ? value
        : throw new InputException($"{name} is {value}; it must be from {least} to {most}.");
}
