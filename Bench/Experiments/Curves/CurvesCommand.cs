using System.CommandLine;
using System.Diagnostics;
using System.Text.Json;
using FisherKernels.Cli.Terminal;
using FisherKernels.Experiments.Runs;
using FisherKernels.Kernels;
using FisherKernels.Learning;
using FisherKernels.Learning.Pools;
using FisherKernels.Storage;

namespace FisherKernels.Bench.Experiments.Curves;

/// <summary>Bench curves: learning curves over a grid of data sets and settings, a folder of fisher run for each combination.</summary>
internal static class CurvesCommand
{
    public static Command Create(Output output)
    {
        var command = new Command(
            "curves", "Learning curves over a grid of data sets and settings; finished rounds are kept, and the same command goes on.");
        var settings = new CurvesSettings(command);
        command.Does((parsed, cancellation) => RunAsync(settings, parsed, output, cancellation), settings.Names);
        return command;
    }

    private static async Task<int> RunAsync(
        CurvesSettings settings, ParseResult parsed, Output output, CancellationToken cancellation)
    {
        var clock = Stopwatch.StartNew();
        Preset? preset = settings.Preset(parsed);
        DeviceFound on = settings.Shared.FindDevice(parsed);
        Grid grid = settings.Grid(parsed, preset, on.Kind);
        string path = parsed.GetRequiredValue(settings.Folder);
        var held = new List<IDisposable>();
        try
        {
            List<RunJob> jobs = Open(
                path, grid, [.. Sets(parsed.GetValue(settings.Data) ?? [], parsed.GetValue(settings.DataSets) ?? [], preset)], held, output,
                cancellation);
            output.Error.WriteLine(
                $"{jobs.Count} runs of {grid.Strategies.Count} strategies × {grid.Seeds.Count} seeds on {on.Device} ({on.Why})");
            try
            {
                await RunProgress.ShowAsync(output, jobs, on, cancellation).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                output.Error.WriteLine($"bench: stopped; finished rounds are kept in {path}. The same command goes on.");
                return 1;
            }

            jobs.ForEach(job => job.Save());
            if (settings.Shared.Json(parsed))
            {
                output.Out.WriteLine(Json(path, jobs, grid));
                return 0;
            }

            output.Out.WriteLine(FormattableString.Invariant($"{clock.Elapsed.TotalSeconds:F0} s. A folder for each run: {path}"));
            output.Out.WriteLine($"The page: bench page --runs {Path.Combine(path, "*")} --out PAGE");
            return 0;
        }
        finally
        {
            held.ForEach(one => one.Dispose());
        }
    }

    private static string Json(string path, IReadOnlyList<RunJob> jobs, Grid grid) => JsonSerializer.Serialize(
        new
        {
            folder = path,
            runs = jobs.Select(job => job.Folder.Name),
            strategies = grid.Strategies.Select(strategy => strategy.Name),
            seeds = grid.Seeds
        },
        JsonText.Indented);

    // Every folder and file is looked at before the first round.
    private static List<RunJob> Open(
        string path, Grid grid, IReadOnlyList<DataFolder> data, List<IDisposable> held, Output output, CancellationToken cancellation)
    {
        var opened = new List<(string Name, RunPlan Plan, DataSet Set)>();
        foreach (DataFolder files in data)
        {
            (string Name, RunPlan Plan)[] runs;
            using (EmbeddingPool pool = PoolFile.Load(files.TrainEmbeddings))
            {
                runs = [.. grid.Of(files, pool.Prompts)];
            }

            var set = new DataSet([.. runs.Select(run => run.Plan)], cancellation);
            held.Add(set);
            output.Error.WriteLine($"{files.Name}: {set.Describe()}");
            opened.AddRange(runs.Select(run => (run.Name, run.Plan, set)));
        }

        return [.. opened.Select(run =>
        {
            RunFolder folder = RunFolder.Open(Path.Combine(path, run.Name), PlanFile.Create(run.Plan, run.Set.Files), resume: true);
            held.Add(folder);
            return new RunJob(run.Plan, run.Set, folder);
        })];
    }

    private static IEnumerable<DataFolder> Sets(string[] folders, string[] names, Preset? preset)
    {
        string[] given = folders.Length > 0 ? folders : [Path.Combine(AppContext.BaseDirectory, "Data", "caption_contest")];
        (string Folder, string Name)[] there = [.. given.SelectMany(folder => DataFolder.Names(folder).Select(name => (folder, name)))];
        string[] all = [.. there.Select(entry => entry.Name)];
        if (all.Distinct().Count() < all.Length)
        {
            throw new InputException($"--data names the data set {all.GroupBy(name => name).First(group => group.Count() > 1).Key} "
                + "twice; each needs a name of its own.");
        }

        if (names.FirstOrDefault(name => !all.Contains(name)) is { } absent)
        {
            throw new InputException($"There is no data set {absent}; there are {string.Join(", ", all)}.");
        }

        IReadOnlyList<string> chosen = names.Length > 0 ? names : preset?.Choose(all) ?? all;
        return there.Where(entry => chosen.Contains(entry.Name)).Select(entry => DataFolder.Open(entry.Folder, entry.Name));
    }
}
