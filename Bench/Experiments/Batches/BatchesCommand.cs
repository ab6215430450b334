using System.CommandLine;
using FisherKernels.Cli;
using FisherKernels.Cli.Commands;
using FisherKernels.Cli.Terminal;
using FisherKernels.Experiments.Runs;
using FisherKernels.Kernels;
using FisherKernels.Learning;
using FisherKernels.Learning.Acquisition;
using FisherKernels.Learning.Batches;
using FisherKernels.Storage;

namespace FisherKernels.Bench.Experiments.Batches;

/// <summary>Bench batches: which optimiser of a batch to use when.</summary>
internal static class BatchesCommand
{
    private const int UsualRepetitions = 11, FewestRepetitions = 5;

    public static Command Create(Output output)
    {
        var data = new Option<string[]>(
            "--data")
        { Description = "folders with data sets, measured beside the generated pool", AllowMultipleArgumentsPerToken = true };
        var names = new Option<string[]>(
            "--data-set")
        { Description = "which ones, GEN_EMBED_TASK; all of them when left out", AllowMultipleArgumentsPerToken = true };
        var size = Ask.OneOf(
            "--size", "of the pools: usual for the page, small to see that all of it works", PoolSize.Usual, ("usual", PoolSize.Usual),
            ("small", PoolSize.Small));
        var repetitions = Ask.Whole("--repetitions", "of each time", UsualRepetitions);
        var seed = Ask.Whole("--seed", "of everything drawn", 1);
        var folder = Ask.Path("--out",
            "folder for batches.md, batches.json and the figure; pools that it has of the same commit are kept, and the rest is measured");
        var command = new Command("batches", "What each optimiser of a batch takes, reaches and can be proven to reach.")
        {
            data, names, size, repetitions, seed, folder,
        };
        var provenance = new Provenance(command);
        command.Does(async (parsed, cancellation) =>
        {
            PoolSize chosen = parsed.GetRequiredValue(size);
            int times = parsed.GetValue(repetitions) is >= FewestRepetitions and var given
                ? given
                : throw new InputException(
                    $"{repetitions.Name} is {parsed.GetValue(repetitions)}; it must be at least {FewestRepetitions}.");
            DataFolder[] sets = Sets(parsed.GetValue(data) ?? [], parsed.GetValue(names) ?? []);
            string path = parsed.GetRequiredValue(folder);
            using Backend on = Backend.Open(BackendKind.Cpu);
            BatchResults results = BatchResults.Open(
                path,
                new BatchResults(
                    on.Device, provenance.Machine(parsed), provenance.Commit(parsed), parsed.GetValue(seed), times,
                    ReferenceEquals(chosen, PoolSize.Small) ? "small" : "usual", [], []));
            List<(string Name, string Content, Func<BatchPool> Make, IReadOnlyList<int> Counts)> pools =
            [
                ("generated", "", () => BatchPool.Generated(on, chosen, results.Seed), [chosen.GeneratedBatch]),
                .. sets.Select(set => (
                    set.Name, Content(set, cancellation),
                    (Func<BatchPool>)(() => BatchPool.Of(on, set, chosen, results.Seed, cancellation)), chosen.Batches)),
            ];
            if (pools.Find(
                pool => results.Pools.Any(kept => kept.Name == pool.Name && kept.Content != pool.Content)) is { Name: { } other })
            {
                throw new InputException($"{path} has figures of other data under the name {other}. Name another folder with --out.");
            }

            AtomicFile.MakeFolder(path);
            int total = pools.Sum(pool => pool.Counts.Count) + EveryPairCell.Names.Count;
            var leftOut = new List<string>();
            results = await ProgressDisplay.ShowAsync(output, "batch sizes", total, 0, report =>
            {
                int done = 0;
                foreach ((string name, string content, Func<BatchPool> make, IReadOnlyList<int> counts) in pools)
                {
                    int[] missing = [.. counts.Where(count => !results.Pools.Any(pool => pool.Name == name && pool.Count == count))];
                    done += counts.Count - missing.Length;
                    if (missing.Length == 0)
                    {
                        continue;
                    }

                    report(done, $"{name}: features");
                    using BatchPool pool = make();
                    foreach (int count in missing)
                    {
                        if (pool.Candidates <= count)
                        {
                            leftOut.Add($"{name} has {pool.Candidates} candidates: a batch of {count} leaves nothing to choose, and is not measured.");
                        }
                        else
                        {
                            results = results with { Pools = [.. results.Pools, Measure(pool, name, content, count)] };
                            results.Save(path);
                        }

                        done++;
                    }
                }

                if (EveryPairCell.Names.Where(name => results.EveryPair.All(cell => cell.Name != name)).ToArray() is { Length: > 0 } notYet)
                {
                    using var pool = BatchPool.Generated(on, chosen, results.Seed);
                    var measurement = new BatchMeasurement(times, results.Seed, chosen.WarmMilliseconds);
                    foreach (string name in notYet)
                    {
                        report(done++, $"every pair: {name}");
                        EveryPairCell cell =
                            EveryPairCell.Measure(name, pool.Features, pool.Rewards, chosen.GeneratedBatch, measurement, cancellation);
                        results = results with { EveryPair = [.. results.EveryPair, cell] };
                        results.Save(path);
                    }
                }

                return results;

                PoolResult Measure(BatchPool pool, string name, string content, int count)
                {
                    var measurement = new BatchMeasurement(times, results.Seed, chosen.WarmMilliseconds);
                    double[] prepared = measurement.Prepare(pool, count, cancellation);
                    using CandidateProblem selection = pool.Create();
                    BatchProblem problem = pool.Of(selection, count);
                    return new PoolResult(
                        name, pool.Description, content, pool.Candidates, problem.Dimension, count, prepared,
                        measurement.Run(problem, optimiser => report(done, $"{name}, c = {count}: {optimiser}"), cancellation));
                }
            }).ConfigureAwait(false);
            BatchPage.Save(path, results);
            leftOut.ForEach(output.Out.WriteLine);
            output.Out.WriteLine($"Page: {Path.Combine(path, "batches.md")}, numbers: {Path.Combine(path, "batches.json")}");
            return 0;
        });
        return command;
    }

    private static string Content(DataFolder set, CancellationToken cancellation) =>
        string.Join(' ', ((string[])[set.TrainEmbeddings, set.TrainRewards]).Select(path => DataFile.Of(path, cancellation).Sha256));

    private static DataFolder[] Sets(string[] folders, string[] names)
    {
        (string Folder, string Name)[] there = [.. folders.SelectMany(folder => DataFolder.Names(folder).Select(name => (folder, name)))];
        if (there.GroupBy(set => set.Name).FirstOrDefault(group => group.Count() > 1) is { } twice)
        {
            throw new InputException($"--data names the data set {twice.Key} twice; each needs a name of its own.");
        }

        if (names.FirstOrDefault(name => there.All(set => set.Name != name)) is { } absent)
        {
            throw new InputException(there.Length == 0
                ? $"--data-set names {absent}, and there is no --data; name the folder that has it."
                : $"There is no data set {absent}; there are {string.Join(", ", there.Select(set => set.Name))}.");
        }

        return [.. there.Where(set => names.Length == 0 || names.Contains(set.Name)).Select(set => DataFolder.Open(set.Folder, set.Name))];
    }
}
