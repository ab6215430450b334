using System.Diagnostics;
using FisherKernels.Kernels;
using FisherKernels.Learning;
using FisherKernels.Learning.Acquisition;
using FisherKernels.Learning.Batches;

namespace FisherKernels.Bench.Experiments.Batches;

/// <summary>Every optimiser on one problem: time, log det, what is proven, and how the batch looks.</summary>
/// <param name="repetitions">Of each time, at least 1; after a warm-up.</param>
/// <param name="seed">Of the random batches.</param>
/// <param name="warmMilliseconds">Of the warm-up.</param>
internal sealed class BatchMeasurement(int repetitions, int seed, int warmMilliseconds)
{
    /// <summary>Batches at random whose mean stands for chance.</summary>
    public const int Draws = 5;

    /// <summary>Nats per dimension between the relaxation and its bound at which the bound is as tight as it is worth.</summary>
    public const double Gap = 1e-3;

    /// <summary>Efficiencies that are to be proven.</summary>
    public static IReadOnlyList<double> Efficiencies { get; } = [0.99, 0.998];

    // By time and not by calls: the faster code of what is called often is compiled beside it, a tenth of a second later.
    private const int FewestWarm = 2;

    /// <summary>Measures; random comes first.</summary>
    /// <param name="problem">What to choose from.</param>
    /// <param name="report">Told of each optimiser before it.</param>
    /// <param name="cancellation">Looked at between repetitions.</param>
    public IReadOnlyList<BatchCell> Run(BatchProblem problem, Action<string> report, CancellationToken cancellation)
    {
        var looks = new BatchLooks(problem, new TopOptimiser().Choose(problem, new SearchEffort()));
        var cells = new List<BatchCell> { Random(problem, looks, cancellation) };
        foreach (IBatchOptimiser optimiser in BatchOptimisers.All)
        {
            report(optimiser.Name);
            (int[] batch, double[] ms) = Timed(() => optimiser.Choose(problem, new SearchEffort()), cancellation);
            (Certificate own, double[] ownMs) = Timed(() => Certificate.Compute(problem, batch), cancellation);
            ((Relaxation relaxation, int steps), double[] tightMs) = Timed(() => Tighten(problem, batch), cancellation);
            var tight = own with { UpperBound = Math.Min(own.UpperBound, relaxation.UpperBound) };
            ProofTime[] proofs = [.. Efficiencies.Select(efficiency =>
            {
                ((_, Proof ended), double[] proofMs) =
                    Timed(() => Certificate.Prove(problem, batch, efficiency, new SearchEffort()), cancellation);
                return new ProofTime(efficiency, ended, proofMs);
            })];
            cells.Add(new BatchCell(
                optimiser.Name, ms, own.LogDet, own.Efficiency, ownMs, tight.Efficiency, tight.UpperBound, relaxation.Reached, steps,
                tightMs, proofs, looks.Of(batch)));
        }

        return cells;
    }

    /// <summary>Milliseconds that weights, M₀ and the copies on the host take.</summary>
    public double[] Prepare(BatchPool pool, int count, CancellationToken cancellation) => Timed(
        () =>
        {
            using CandidateProblem selection = pool.Create();
            BatchProblem problem = pool.Of(selection, count);
            return problem.Start.Dimension + problem.Pairs.Length + problem.Phi.Length + problem.V.Length;
        },
        cancellation).Milliseconds;

    private BatchCell Random(BatchProblem problem, BatchLooks looks, CancellationToken cancellation)
    {
        BatchCell[] draws = [.. Enumerable.Range(0, Draws).Select(draw =>
        {
            cancellation.ThrowIfCancellationRequested();
            int[] all = [.. Enumerable.Range(0, problem.Candidates.Count)];
            new SeededRandom(seed, Purpose.Selection, draw).Shuffle<int>(all);
            int[] batch = all[..problem.Count];
            Certificate own = Certificate.Compute(problem, batch);
            (Relaxation relaxation, int steps) = Tighten(problem, batch);
            var tight = own with { UpperBound = Math.Min(own.UpperBound, relaxation.UpperBound) };
            return new BatchCell(
                "random", [], own.LogDet, own.Efficiency, [], tight.Efficiency, tight.UpperBound, relaxation.Reached, steps, [], [],
                looks.Of(batch));
        })];
        return draws[0] with
        {
            LogDet = draws.Average(cell => cell.LogDet),
            Own = draws.Average(cell => cell.Own),
            Tight = draws.Average(cell => cell.Tight),
            Bound = draws.Min(cell => cell.Bound),
            Reached = draws.Max(cell => cell.Reached),
            Steps = draws.Max(cell => cell.Steps),
            Batch = new BatchLook(
                draws.Average(cell => cell.Batch.Responses), draws.Average(cell => cell.Batch.Distance),
                draws.Average(cell => cell.Batch.Closest),
                draws.Average(cell => cell.Batch.SharedWithTop)),
        };
    }

    private static (Relaxation Relaxation, int Steps) Tighten(BatchProblem problem, int[] batch)
    {
        var relaxation = new Relaxation(problem, batch);
        var effort = new SearchEffort();
        int steps = 1;
        while (relaxation.Step(effort.Tolerance) && relaxation.UpperBound - relaxation.Reached >= Gap * problem.Dimension)
        {
            steps++;
        }

        return (relaxation, steps);
    }

    /// <summary>Does the work unmeasured for a while, then so often, timed.</summary>
    public (T Result, double[] Milliseconds) Timed<T>(Func<T> work, CancellationToken cancellation)
    {
        var clock = Stopwatch.StartNew();
        for (int j = 0; j < FewestWarm || clock.ElapsedMilliseconds < warmMilliseconds; j++)
        {
            cancellation.ThrowIfCancellationRequested();
            work();
        }

        T result = default!;
        var milliseconds = new double[repetitions];
        for (int j = 0; j < repetitions; j++)
        {
            cancellation.ThrowIfCancellationRequested();
            long start = Stopwatch.GetTimestamp();
            result = work();
            milliseconds[j] = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        }

        return (result, milliseconds);
    }
}
