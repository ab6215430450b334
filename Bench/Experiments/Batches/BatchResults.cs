using FisherKernels.Learning;

namespace FisherKernels.Bench.Experiments.Batches;

/// <summary>One problem and every optimiser on it.</summary>
/// <param name="Name">Of the pool.</param>
/// <param name="Description">What the pool is.</param>
/// <param name="Content">SHA-256 of its embeddings and rewards, in hexadecimal; empty for one that is drawn.</param>
/// <param name="Candidates">n.</param>
/// <param name="Dimension">d.</param>
/// <param name="Count">c.</param>
/// <param name="PreparedMilliseconds">Weights, M₀ and the copies on the host, each repetition; in no other time.</param>
/// <param name="Cells">Random first, then from the quickest to the most thorough.</param>
internal sealed record PoolResult(
    string Name, string Description, string Content, int Candidates, int Dimension, int Count, double[] PreparedMilliseconds,
        IReadOnlyList<BatchCell> Cells)
{
    /// <summary>The batch with the largest log det M.</summary>
    public BatchCell Best => Cells.MaxBy(cell => cell.LogDet)!;

    /// <summary>What concavity cannot prove more than of the best batch: pairs taken in part reach so much more.</summary>
    public double Limit => Math.Min(1, Math.Exp((Best.LogDet - Cells.Max(cell => cell.Reached)) / Math.Max(Dimension, 1)));
}

/// <summary>Everything measured of one commit on one machine: batches.json.</summary>
/// <param name="Device">What computed.</param>
/// <param name="Machine">Where.</param>
/// <param name="Commit">What was measured.</param>
/// <param name="Seed">Of everything drawn.</param>
/// <param name="Repetitions">Of each time.</param>
/// <param name="Size">Of the pools.</param>
/// <param name="Pools">In the order they were measured.</param>
/// <param name="EveryPair">Of every pair of the generated pool's responses.</param>
internal sealed record BatchResults(
    string Device, string Machine, string Commit, int Seed, int Repetitions, string Size, IReadOnlyList<PoolResult> Pools,
        IReadOnlyList<EveryPairCell> EveryPair)
{
    private const string Name = "batches.json", Command = "bench batches";

    /// <summary>What the folder has of the same, or nothing yet.</summary>
    /// <exception cref="InputException">What it has is of something else, or is no result.</exception>
    public static BatchResults Open(string folder, BatchResults fresh) => KeptResults.Open(
        Path.Combine(folder, Name), Command, fresh, kept => kept is { Pools: not null, EveryPair: not null }
            ? kept with { Pools = fresh.Pools, EveryPair = fresh.EveryPair } : null, kept => kept.Describe());

    /// <summary>Writes batches.json; the folder must be there.</summary>
    public void Save(string folder) => KeptResults.Save(Path.Combine(folder, Name), Command, this);

    /// <summary>Device, machine, commit, seed, repetitions and size, in words.</summary>
    public string Describe() =>
        Provenance.InWords(Device, Machine, Provenance.OfCommit(Commit), $"seed {Seed}", $"{Repetitions} repetitions", $"{Size} size");
}
