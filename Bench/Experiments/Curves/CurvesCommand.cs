using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using FisherKernels.Cli.Terminal;
using FisherKernels.Experiments.Runs;
using FisherKernels.Kernels;
using FisherKernels.Learning;
using FisherKernels.Learning.Loop;
using FisherKernels.Learning.Models;
using FisherKernels.Learning.Pools;
using FisherKernels.Storage;

namespace FisherKernels.Bench.Experiments.Curves;

/// <summary>Bench curves: learning curves over a grid of data sets and settings, a folder of fisher run for each combination.</summary>
internal static class CurvesCommand
{
    private const int UsualLabels = 10_000, UsualSeeds = 5;

    public static Command Create(Output output)
    {
        var figure = new Option<int?>(
            "--figure")
        { Description = "the settings and data sets of a figure of the paper, 3 to 22; what else is given goes before" };
        var data = new Option<string[]>(
            "--data")
        { Description = "folders with data sets; the bundled one when left out", AllowMultipleArgumentsPerToken = true };
        var names = new Option<string[]>(
            "--data-set")
        {
            Description = "which ones, GEN_EMBED_TASK; all of them, or those of the figure, when left out",
            AllowMultipleArgumentsPerToken = true
        };
        Option<string> strategies = StrategyOption.Create();
        Option<string> scopes = List("--scopes", "in-prompt, cross-prompt", "in-prompt"),
            batches = List("--batches", "pairs asked in a round", "500");
        Option<string> prompts = List("--prompts", "prompts drawn in a round", "500"),
            widths = List("--widths", "of each of the three hidden layers", "64");
        Option<string> stops = List("--stops", "when training ends: early, or after so many steps on all labels", "early");
        var labels = Ask.Whole("--labels", "annotations in all; the last batch is a whole one", UsualLabels);
        var seeds = Ask.Whole("--seeds", "repetitions, with seeds from --seed on", UsualSeeds);
        var annotator = Ask.OneOf(
            "--annotator", "who answers, as of fisher run", AnnotatorKind.Golden,
            ("golden", AnnotatorKind.Golden), ("exact", AnnotatorKind.Exact), ("recorded", AnnotatorKind.Recorded));
        var ridge = Ask.Number("--ridge", "λ, prior precision of the head", 1e-6);
        var dropout = Ask.Number("--dropout", "chance of a hidden number to be left out of a training step; above 0 for bald-dropout", 0);
        var folder = Ask.Path("--out", "folder of the grid; the same command again goes on with what is there");
        var command = new Command(
            "curves", "Learning curves over a grid of data sets and settings; finished rounds are kept, and the same command goes on.")
        {
            figure, data, names, strategies, scopes, batches, prompts, widths, stops, labels, seeds, annotator, ridge, dropout, folder,
        };
        var shared = new SharedOptions(command);
        command.Does(async (parsed, cancellation) =>
        {
            var clock = Stopwatch.StartNew();
            Preset? preset = parsed.GetValue(figure) is int number ? Preset.Of(number) : null;
            DeviceFound on = shared.FindDevice(parsed);
            var grid = new Grid(
                StrategyOption.Read(Given(strategies) ?? preset?.Strategies ?? parsed.GetRequiredValue(strategies)),
                shared.Seeds(parsed, seeds),
                Ask.Positive(labels.Name, parsed.GetValue(labels)),
                parsed.GetValue(annotator),
                on.Kind,
                Ask.Ridge(parsed.GetValue(ridge)))
            {
                Scopes = Several(scopes, preset?.Scopes, Scope),
                Batches = Several(batches, preset?.Batches, text => Positive(batches, text)),
                Prompts = Several(prompts, preset?.Prompts, text => Positive(prompts, text)),
                Widths = Several(widths, preset?.Widths, text => Positive(widths, text)),
                Stops = Several(stops, null, Stopping.Parse),
                Dropout = parsed.GetValue(dropout) is var share and >= 0 and < 1
                    ? share
                    : throw new InputException(
                        FormattableString.Invariant($"--dropout is {parsed.GetValue(dropout)}; it must be at least 0 and less than 1.")),
            };
            string path = parsed.GetRequiredValue(folder);
            var held = new List<IDisposable>();
            try
            {
                List<RunJob> jobs = Open(
                    path, grid, [.. Sets(parsed.GetValue(data) ?? [], parsed.GetValue(names) ?? [], preset)], held, output, cancellation);
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
                if (shared.Json(parsed))
                {
                    output.Out.WriteLine(JsonSerializer.Serialize(
                        new
                        {
                            folder = path,
                            runs = jobs.Select(job => job.Folder.Name),
                            strategies = grid.Strategies.Select(strategy => strategy.Name),
                            seeds = grid.Seeds
                        },
                        JsonText.Indented));
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

            string? Given(Option<string> option) =>
                parsed.GetResult(option) is { Implicit: false } ? parsed.GetRequiredValue(option) : null;

            IReadOnlyList<T> Several<T>(Option<string> option, IReadOnlyList<T>? ofFigure, Func<string, T> read)
            {
                if (Given(option) is not { } text)
                {
                    return ofFigure ?? [read(parsed.GetRequiredValue(option))];
                }

                T[] values = [.. text.Split(',', StringSplitOptions.TrimEntries).Select(read)];
                return values.Distinct().Count() == values.Length
                    ? values : throw new InputException($"{option.Name} '{text}' has one twice.");
            }
        }, new Dictionary<string, string>
        {
            [nameof(RunPlan.Strategies)] = strategies.Name,
            [nameof(RunPlan.Rounds)] = labels.Name,
            [nameof(RunPlan.Annotator)] = annotator.Name,
            [nameof(SelectionOptions.BatchSize)] = batches.Name,
            [nameof(CandidateOptions.Scope)] = scopes.Name,
            [nameof(TrainingOptions.Dropout)] = dropout.Name,
            ["folder"] = folder.Name,
        });
        return command;
    }

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
            RunFolder folder = RunFolder.Open(Path.Combine(path, run.Name), PlanFile.Of(run.Plan, run.Set.Files), resume: true);
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

    private static Option<string> List(string name, string description, string usual) =>
        new(name) { Description = $"{description}; several with commas between them", DefaultValueFactory = _ => usual };

    private static CandidateScope Scope(string text) => text switch
    {
        "in-prompt" => CandidateScope.InPrompt,
        "cross-prompt" => CandidateScope.CrossPrompt,
        _ => throw new InputException($"--scopes has '{text}'; expected in-prompt or cross-prompt."),
    };

    private static int Positive(Option option, string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int value) && value > 0
            ? value
            : throw new InputException($"{option.Name} has '{text}'; expected whole numbers of at least 1 with commas between them.");
}
