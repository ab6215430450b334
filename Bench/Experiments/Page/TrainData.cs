using FisherKernels.Experiments.Runs;
using FisherKernels.Learning;
using FisherKernels.Learning.Models;
using FisherKernels.Learning.Pools;
using FisherKernels.Storage;

namespace FisherKernels.Bench.Experiments.Page;

/// <summary>What is known of the responses that the runs of one data set asked about.</summary>
internal sealed class TrainData : IDisposable
{
    private readonly string? _goldenPath;
    private readonly EmbeddingPool? _pool;
    private ChosenRows? _rows;

    private TrainData(string? goldenPath, string? embeddingsPath)
    {
        _goldenPath = goldenPath;
        if (goldenPath is not null)
        {
            using NpyFile file = NpyFile.Open(goldenPath);
            Golden = new double[file.Count];
            file.ReadDoubles(0, Golden);
        }

        _pool = embeddingsPath is null ? null : PoolFile.Load(embeddingsPath);
    }

    /// <summary>r*, or null where no folder has it.</summary>
    public double[]? Golden { get; }

    /// <summary>Embeddings, or null where no folder has them; the statistics of their columns are taken when first asked for.</summary>
    public ChosenRows? Rows => _rows ??= _pool is null ? null : new ChosenRows(_pool, Standardisation.FromPool(_pool));

    /// <summary>Opens what there is.</summary>
    /// <param name="name">GEN_EMBED_TASK.</param>
    /// <param name="folders">Where to look; the first that has a file.</param>
    /// <exception cref="InputException">A file is damaged.</exception>
    public static TrainData Open(string name, IReadOnlyList<string> folders)
    {
        return new TrainData(Find("reward"), Find("embd"));

        string? Find(string kind) => folders.Select(folder => Path.Combine(folder, $"{kind}_{name}_train.npy")).FirstOrDefault(File.Exists);
    }

    /// <summary>Refuses data that lacks a response which a run asked about.</summary>
    /// <exception cref="InputException">It is of other data.</exception>
    public void RequireAllOf(KeptRun run)
    {
        int largest = run.Cells.SelectMany(cell => cell.Rounds).SelectMany(round => round.First.Concat(round.Second)).DefaultIfEmpty(-1)
            .Max();
        Require(_goldenPath, Golden?.Length, "rewards");
        Require(_pool?.Name, _pool?.Responses, "embeddings");

        void Require(string? path, int? count, string what)
        {
            if (count <= largest)
            {
                throw new InputException(
                    $"{path} has {count} {what}, and the run {run.Name} asked about response {largest}; it is of other data. Name the "
                        + "folder with the run's own by --data.");
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _pool?.Dispose();
}
