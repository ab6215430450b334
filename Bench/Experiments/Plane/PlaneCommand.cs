using System.CommandLine;
using System.Globalization;
using System.Text;
using FisherKernels.Cli;
using FisherKernels.Cli.Commands;
using FisherKernels.Cli.Terminal;
using FisherKernels.Kernels;
using FisherKernels.Learning;
using FisherKernels.Learning.Acquisition;
using FisherKernels.Learning.Selection;
using FisherKernels.Storage;

namespace FisherKernels.Bench.Experiments.Plane;

/// <summary>Bench plane: what each strategy asks about in two dimensions, as a picture and as numbers.</summary>
internal static class PlaneCommand
{
    public static Command Create(Output output)
    {
        PlaneSettings usual = PlaneSettings.Usual;
        Option<string> strategies = StrategyOption.Create();
        var seed = new Option<int>("--seed") { Description = "of everything drawn", DefaultValueFactory = _ => usual.Seed };
        var rounds = new Option<int>(
            "--rounds")
        { Description = "batches asked, the first at random", DefaultValueFactory = _ => usual.Rounds };
        var points = new Option<int>(
            "--points")
        { Description = "new ones each round, from a standard normal", DefaultValueFactory = _ => usual.Points };
        var candidates = new Option<int>(
            "--candidates")
        { Description = "pairs drawn from all pairs of a round's points", DefaultValueFactory = _ => usual.Candidates };
        var batch = new Option<int>("--batch") { Description = "pairs chosen in a round", DefaultValueFactory = _ => usual.Batch };
        var folder = new Option<string>(
            "--out")
        { Description = "folder for plane.png and plane.csv", DefaultValueFactory = _ => Path.Combine("runs", "plane") };
        var command = new Command("plane", "What the strategies compare in two dimensions (the paper's section 4).")
        {
            strategies, seed, rounds, points, candidates, batch, folder,
        };
        command.SetAction(async (parsed, cancellation) =>
        {
            IReadOnlyList<Strategy> chosen = StrategyOption.Read(parsed.GetRequiredValue(strategies));
            var settings = new PlaneSettings(
                parsed.GetValue(seed), Positive(rounds), Positive(points), Positive(candidates), Positive(batch));
            long pairs = Math.Min(settings.Candidates, (long)settings.Points * (settings.Points - 1) / 2);
            if (settings.Batch > pairs)
            {
                throw new InputException($"--batch is {settings.Batch}, and a round has {pairs} candidate pairs; ask for fewer.");
            }

            string path = parsed.GetRequiredValue(folder);
            AtomicFile.MakeFolder(path);
            var plane = new PlaneExperiment(settings);
            using var backend = Backend.Open(BackendKind.Cpu);
            var runs = new List<PlaneRun>();
            await ProgressDisplay.ShowAsync(output, "rounds", chosen.Count * settings.Rounds, report =>
            {
                foreach (Strategy strategy in chosen)
                {
                    int before = runs.Count * settings.Rounds;
                    runs.Add(plane.RunAsync(backend, strategy, round => report(before + round + 1, strategy.Name), cancellation)
                        .GetAwaiter().GetResult());
                }

                return runs;
            }).ConfigureAwait(false);
            string figure = Path.Combine(path, "plane.png"), table = Path.Combine(path, "plane.csv");
            PlaneFigure.Save(figure, plane, settings, runs);
            AtomicFile.Write(table, stream => stream.Write(Encoding.UTF8.GetBytes(Csv(runs))));
            output.Out.WriteLine($"Picture: {figure}, numbers: {table}");
            return 0;

            int Positive(Option<int> option) => Ask.Positive(option.Name, parsed.GetValue(option));
        });
        return command;
    }

    private static string Csv(IEnumerable<PlaneRun> runs)
    {
        var text = new StringBuilder(
            "strategy,round,chosen_by,distinct_share,busiest_point,in_busy_points,golden_gap,gap_among_candidates,length,from_origin,"
            + "one_minus_spearman,training_steps\n");
        foreach (PlaneRun run in runs)
        {
            for (int round = 0; round < run.Rounds.Count; round++)
            {
                PlaneMeasures m = run.Rounds[round].Measures;
                string among = double.IsNaN(m.GapAmongCandidates) ? "" : m.GapAmongCandidates.ToString("F4", CultureInfo.InvariantCulture);
                text.Append(
                    CultureInfo.InvariantCulture,
                    $"{run.Strategy.Name},{round + 1},{run.Rounds[round].ChosenBy},{m.DistinctShare:F4},{m.BusiestPoint},"
                    + $"{m.InBusyPoints:F4},{m.GoldenGap:F4},{among},{m.Length:F4},{m.FromOrigin:F4},{m.OneMinusSpearman:F4},"
                    + $"{m.TrainingSteps}\n");
            }
        }

        return text.ToString();
    }
}
