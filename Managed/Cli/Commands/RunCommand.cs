using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using FisherKernels.Cli.Terminal;
using FisherKernels.Experiments.Runs;
using FisherKernels.Kernels;
using FisherKernels.Learning;
using FisherKernels.Storage;

namespace FisherKernels.Cli.Commands;

/// <summary>fisher run: the simulated loop, strategies against each other on data with golden rewards.</summary>
internal static class RunCommand
{
    public static Command Create(Output output)
    {
        var command = new Command("run", "Compare strategies in the simulated loop.");
        var settings = new RunSettings(command);
        command.Does((parsed, cancellation) => RunAsync(settings, parsed, output, cancellation), settings.Names);
        return command;
    }

    private static async Task<int> RunAsync(RunSettings settings, ParseResult parsed, Output output, CancellationToken cancellation)
    {
        var clock = Stopwatch.StartNew();
        (RunPlan plan, DeviceFound on) = settings.Plan(parsed);
        using var set = new DataSet([plan], cancellation);
        using RunFolder runFolder = Folder(
            parsed.GetValue(settings.Folder), PlanFile.Create(plan, set.Files), parsed.GetValue(settings.Resume));
        Announce(output, plan, set, on, runFolder);
        var job = new RunJob(plan, set, runFolder);
        try
        {
            await RunProgress.ShowAsync(output, [job], on, cancellation).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            job.Save();
            output.Error.WriteLine(
                $"fisher: stopped; finished rounds are kept in {runFolder.Path}. The same command with --resume goes on.");
            return 1;
        }
        catch
        {
            output.Error.WriteLine(
                $"fisher: finished rounds are kept in {runFolder.Path}; once the following is put right, the same command with --resume "
                + "goes on; with other options or data, name another folder with --out.");
            throw;
        }

        RunResults results = job.Save();
        if (settings.Shared.Json(parsed))
        {
            output.Out.WriteLine(results.Summary());
        }
        else
        {
            output.Write(RunTable.Create(results, output.Width()));
            output.Out.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{clock.Elapsed.TotalSeconds:F0} s. Curves: {runFolder.PathOf("curves.png")}, numbers: "
                + $"{runFolder.PathOf("results.csv")}"));
        }

        return 0;
    }

    private static void Announce(Output output, RunPlan plan, DataSet set, DeviceFound on, RunFolder folder)
    {
        output.Error.WriteLine($"{plan.Data.Name}: {set.Describe()}");
        output.Error.WriteLine(
            $"{plan.Strategies.Count} strategies × {plan.Seeds.Count} seeds × {plan.Rounds} rounds of {plan.Options.BatchSize} on "
            + $"{on.Device} ({on.Why})");
        output.Error.WriteLine($"kept in {folder.Path}");
        if (set.Undefined.Count > 0)
        {
            output.Error.WriteLine(
                $"fisher: not defined on these test data: {string.Join(", ", set.Undefined)}; no prompt has two responses of different "
                + "golden rewards. The table shows –, the files leave it empty.");
        }
    }

    // A folder of its own for each run, unless one is named; --resume alone goes on with the newest.
    private static RunFolder Folder(string? named, JsonObject plan, bool resume)
    {
        const string Runs = "runs";
        return named is not null ? RunFolder.Open(named, plan, resume)
            : !resume ? RunFolder.Create(Runs, plan)
            : RunFolder.Open(
                RunFolder.Newest(Runs) ?? throw new InputException($"--resume found no run in the folder {Runs}; name one with --out."),
                plan, resume);
    }
}
