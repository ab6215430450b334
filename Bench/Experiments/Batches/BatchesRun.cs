using FisherKernels.Kernels;
using FisherKernels.Learning.Acquisition;
using FisherKernels.Learning.Batches;

namespace FisherKernels.Bench.Experiments.Batches;

/// <summary>A pool that is made when it is measured.</summary>
/// <param name="Name">Of the pool.</param>
/// <param name="Content">SHA-256 of its embeddings and rewards, in hexadecimal; empty for one that is drawn.</param>
/// <param name="Make">Reads or draws it; disposed by the caller.</param>
/// <param name="Counts">The sizes of its batches.</param>
internal sealed record NamedPool(string Name, string Content, Func<BatchPool> Make, IReadOnlyList<int> Counts);

/// <summary>Measures what batches.json does not have yet, and keeps each figure as soon as it is there.</summary>
/// <param name="on">Where to compute.</param>
/// <param name="size">Of the pools.</param>
/// <param name="path">The folder; must be there.</param>
/// <param name="results">What it has.</param>
internal sealed class BatchesRun(Backend on, PoolSize size, string path, BatchResults results)
{
    private BatchResults _results = results;
    private int _done;

    /// <summary>A sentence for each batch that a pool is too small for.</summary>
    public List<string> LeftOut { get; } = [];

    /// <summary>Measures all that is missing and returns everything.</summary>
    /// <param name="pools">Measured in this order.</param>
    /// <param name="report">Told how many batch sizes are done, and what is at work.</param>
    /// <param name="cancellation">Looked at while a batch is chosen.</param>
    public BatchResults Complete(IReadOnlyList<NamedPool> pools, Action<double, string> report, CancellationToken cancellation)
    {
        foreach (NamedPool pool in pools)
        {
            Measure(pool, report, cancellation);
        }

        MeasureEveryPair(report, cancellation);
        return _results;
    }

    private void Measure(NamedPool named, Action<double, string> report, CancellationToken cancellation)
    {
        int[] missing =
            [.. named.Counts.Where(count => !_results.Pools.Any(pool => pool.Name == named.Name && pool.Count == count))];
        _done += named.Counts.Count - missing.Length;
        if (missing.Length == 0)
        {
            return;
        }

        report(_done, $"{named.Name}: features");
        using BatchPool pool = named.Make();
        foreach (int count in missing)
        {
            if (pool.Candidates <= count)
            {
                LeftOut.Add(
                    $"{named.Name} has {pool.Candidates} candidates: a batch of {count} leaves nothing to choose, and is not measured.");
            }
            else
            {
                _results = _results with { Pools = [.. _results.Pools, Measure(pool, named, count, report, cancellation)] };
                _results.Save(path);
            }

            _done++;
        }
    }

    private PoolResult Measure(BatchPool pool, NamedPool named, int count, Action<double, string> report, CancellationToken cancellation)
    {
        BatchMeasurement measurement = Start();
        double[] prepared = measurement.Prepare(pool, count, cancellation);
        using CandidateProblem selection = pool.Create();
        BatchProblem problem = pool.Of(selection, count);
        return new PoolResult(
            named.Name, pool.Description, named.Content, pool.Candidates, problem.Dimension, count, prepared,
            measurement.Run(problem, optimiser => report(_done, $"{named.Name}, c = {count}: {optimiser}"), cancellation));
    }

    private void MeasureEveryPair(Action<double, string> report, CancellationToken cancellation)
    {
        string[] missing = [.. EveryPairCell.Names.Where(name => _results.EveryPair.All(cell => cell.Name != name))];
        if (missing.Length == 0)
        {
            return;
        }

        using var pool = BatchPool.Generated(on, size, _results.Seed);
        BatchMeasurement measurement = Start();
        foreach (string name in missing)
        {
            report(_done++, $"every pair: {name}");
            EveryPairCell cell =
                EveryPairCell.Measure(name, pool.Features, pool.Rewards, size.GeneratedBatch, measurement, cancellation);
            _results = _results with { EveryPair = [.. _results.EveryPair, cell] };
            _results.Save(path);
        }
    }

    private BatchMeasurement Start() => new(_results.Repetitions, _results.Seed, size.WarmMilliseconds);
}
