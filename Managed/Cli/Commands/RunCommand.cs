using System.CommandLine;
using System.Diagnostics;
using System.Text.Json.Nodes;
using FisherKernels.Cli.Terminal;
using FisherKernels.Experiments.Runs;
using FisherKernels.Kernels;
using FisherKernels.Learning;
using FisherKernels.Learning.Acquisition;
using FisherKernels.Learning.Loop;
using FisherKernels.Learning.Models;
using FisherKernels.Learning.Pools;
using FisherKernels.Learning.Selection;
using FisherKernels.Storage;

namespace FisherKernels.Cli.Commands;

/// <summary>fisher run: the simulated loop, strategies against each other on data with golden rewards.</summary>
internal static class RunCommand
{
    private const int UsualBatch = 125, UsualRounds = 8, UsualSeeds = 16;

    public static Command Create(Output output)
    {
        var data = Ask.OptionalPath(
            "--data", "folder with embd_… and reward_… files of the splits train and test; the bundled caption contest when left out");
        var name = new Option<string?>("--data-set") { Description = "which one, GEN_EMBED_TASK, where the folder has several" };
        Option<string> strategies = StrategyOption.Create();
        var seeds = Ask.Whole("--seeds", "repetitions, with seeds from --seed on", UsualSeeds);
        var rounds = Ask.Whole("--rounds", "batches asked, the first at random", UsualRounds);
        var batch = Ask.Whole("--batch", "pairs in a batch", UsualBatch);
        var annotator = Ask.OneOf(
            "--annotator",
            "golden: draws from the golden rewards; exact: the better one wins; recorded: labels of people",
            AnnotatorKind.Golden,
            ("golden", AnnotatorKind.Golden),
            ("exact", AnnotatorKind.Exact),
            ("recorded", AnnotatorKind.Recorded));
        var ridge = Ask.Number("--ridge", "λ, prior precision of the head", 1e-6);
        var folder = Ask.OptionalPath("--out", "folder for rounds and results; a new one under runs when left out");
        var resume = new Option<bool>(
            "--resume")
        { Description = "go on with the rounds kept in --out, or in the folder under runs that was worked on last" };
        var command = new Command("run", "Compare strategies in the simulated loop.")
        {
            data, name, strategies, seeds, rounds, batch, annotator, ridge, folder, resume,
        };
        var candidates = new CandidateSettings(command);
        var training = new TrainingSettings(command, "--training-batch");
        var shared = new SharedOptions(command);
        command.Does(async (parsed, cancellation) =>
        {
            var clock = Stopwatch.StartNew();
            int firstSeed = shared.Seed(parsed);
            DeviceFound on = shared.FindDevice(parsed);
            var plan = new RunPlan(
                DataFolder.Open(
                    parsed.GetValue(data) ?? Path.Combine(AppContext.BaseDirectory, "Data", "caption_contest"), parsed.GetValue(name)),
                StrategyOption.Read(parsed.GetRequiredValue(strategies)),
                shared.Seeds(parsed, seeds),
                Ask.Positive(rounds.Name, parsed.GetValue(rounds)),
                parsed.GetValue(annotator),
                on.Kind,
                new SelectionOptions
                {
                    BatchSize = Ask.Positive(batch.Name, parsed.GetValue(batch)),
                    Ridge = Ask.Ridge(parsed.GetValue(ridge)),
                    Candidates = candidates.Read(parsed),
                    Training = training.Read(parsed, firstSeed),
                });
            RequireRidge(parsed, ridge, plan.Strategies);
            using var set = new DataSet([plan], cancellation);
            using RunFolder runFolder = Folder(parsed.GetValue(folder), PlanFile.Of(plan, set.Files), parsed.GetValue(resume));
            output.Error.WriteLine($"{plan.Data.Name}: {set.Describe()}");
            output.Error.WriteLine($"{plan.Strategies.Count} strategies × {plan.Seeds.Count} seeds × {plan.Rounds} rounds of {plan.Options.BatchSize} on {on.Device} ({on.Why})");
            output.Error.WriteLine($"kept in {runFolder.Path}");
            if (set.Undefined.Count > 0)
            {
                output.Error.WriteLine(
                    $"fisher: not defined on these test data: {string.Join(", ", set.Undefined)}; no prompt has two responses of different golden "
                    + "rewards. The table shows –, the files leave it empty.");
            }

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
                output.Error.WriteLine($"fisher: finished rounds are kept in {runFolder.Path}; once the following is put right, the same command with --resume goes on; with other options or data, name another folder with --out.");
                throw;
            }

            RunResults results = job.Save();
            if (shared.Json(parsed))
            {
                output.Out.WriteLine(results.Summary());
            }
            else
            {
                output.Write(RunTable.Of(results, output.Width()));
                output.Out.WriteLine(FormattableString.Invariant(
                    $"{clock.Elapsed.TotalSeconds:F0} s. Curves: {runFolder.PathOf("curves.png")}, numbers: {runFolder.PathOf("results.csv")}"));
            }

            return 0;
        }, new Dictionary<string, string>
        {
            [nameof(RunPlan.Strategies)] = strategies.Name,
            [nameof(RunPlan.Rounds)] = rounds.Name,
            [nameof(RunPlan.Annotator)] = annotator.Name,
            [nameof(SelectionOptions.BatchSize)] = batch.Name,
            [nameof(CandidateOptions.Pairs)] = "--candidates",
            [nameof(CandidateOptions.Scope)] = "--scope",
            [nameof(TrainingOptions.Dropout)] = "--dropout",
            ["folder"] = folder.Name,
            ["resume"] = resume.Name,
        });
        return command;
    }

    private static void RequireRidge(ParseResult parsed, Option ridge, IReadOnlyList<Strategy> strategies)
    {
        if (Ask.IsGiven(parsed, ridge) && !strategies.Any(strategy => strategy.Acquisition.Reads(Inputs.Ridge)))
        {
            throw SelectSettings.GoesWith(
                ridge.Name, acquisition =>
                    acquisition.Reads(Inputs.Ridge), string.Join(" and ", strategies.Select(strategy => strategy.Name)));
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
