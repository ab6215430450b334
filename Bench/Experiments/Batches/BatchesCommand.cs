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
    public static Command Create(Output output)
    {
        var command = new Command("batches", "What each optimiser of a batch takes, reaches and can be proven to reach.");
        var settings = new BatchesSettings(command);
        command.Does(async (parsed, cancellation) =>
        {
            PoolSize size = parsed.GetRequiredValue(settings.Size);
            int times = settings.Times(parsed);
            DataFolder[] sets = Sets(parsed.GetValue(settings.Data) ?? [], parsed.GetValue(settings.Names) ?? []);
            string path = parsed.GetRequiredValue(settings.Folder);
            using Backend on = Backend.Open(BackendKind.Cpu);
            BatchResults results = BatchResults.Open(path, settings.Fresh(parsed, on, times));
            NamedPool[] pools =
            [
                new("generated", "", () => BatchPool.Generated(on, size, results.Seed), [size.GeneratedBatch]),
                .. sets.Select(set => new NamedPool(
                    set.Name, Content(set, cancellation), () => BatchPool.Of(on, set, size, results.Seed, cancellation), size.Batches)),
            ];
            RequireSameData(path, results, pools);
            AtomicFile.MakeFolder(path);
            int total = pools.Sum(pool => pool.Counts.Count) + EveryPairCell.Names.Count;
            var run = new BatchesRun(on, size, path, results);
            results = await ProgressDisplay.ShowAsync(output, "batch sizes", total, 0, report => run.Complete(pools, report, cancellation))
                .ConfigureAwait(false);
            BatchPage.Save(path, results);
            run.LeftOut.ForEach(output.Out.WriteLine);
            output.Out.WriteLine($"Page: {Path.Combine(path, "batches.md")}, numbers: {Path.Combine(path, "batches.json")}");
            return 0;
        });
        return command;
    }

    private static void RequireSameData(string path, BatchResults results, NamedPool[] pools)
    {
        if (Array.Find(
            pools, pool => results.Pools.Any(kept => kept.Name == pool.Name && kept.Content != pool.Content)) is { Name: { } other })
        {
            throw new InputException($"{path} has figures of other data under the name {other}. Name another folder with --out.");
        }
    }

    private static string Content(DataFolder set, CancellationToken cancellation) =>
        string.Join(' ', ((string[])[set.TrainEmbeddings, set.TrainRewards]).Select(path => DataFile.FromFile(path, cancellation).Sha256));

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
