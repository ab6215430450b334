using FisherKernels.Kernels;
using FisherKernels.Learning.Pools;

namespace FisherKernels.Learning.Models;

/// <summary>One training run on a backend.</summary>
internal sealed class TrainingSession : IDisposable
{
    private readonly Backend _backend;
    private readonly TrainingOptions _options;
    private readonly MlpNetwork _network;
    private readonly DeviceArray<float> _m, _s;
    private readonly LabelledRows _taught, _heldOut;
    private readonly int[] _order;
    private int _next;
    private int _epoch;

    public TrainingSession(
        Backend backend,
        EmbeddingPool pool,
        Labels taught,
        Labels heldOut,
        BradleyTerryMlp start,
        TrainingOptions options,
        long budget = RowStore.DefaultBudget)
    {
        _backend = backend;
        _options = options;
        _taught = new LabelledRows(backend, pool, start, taught, budget);
        _heldOut = new LabelledRows(backend, pool, start, heldOut, budget);
        _order = [.. Enumerable.Range(0, options.BatchSize < taught.Pairs.Length ? taught.Pairs.Length : 0)];
        _next = _order.Length;
        int rows = Math.Max(_order.Length > 0 ? 2 * options.BatchSize!.Value : _taught.Rows.BlockRows, _heldOut.Rows.BlockRows);
        _network = new MlpNetwork(backend, start, rows, training: true);
        _m = backend.Allocate<float>(start.Shape.Length);
        _s = backend.Allocate<float>(start.Shape.Length);
    }

    public (float[] Parameters, int Steps, int Taken, double HeldOutLoss) Run(
        IProgress<TrainingStep>? progress, CancellationToken cancellationToken)
    {
        bool stopsEarly = _heldOut.Count > 0;
        double best = double.PositiveInfinity, heldOut = double.NaN;
        float[]? kept = null;
        int keptSteps = 0, stale = 0, step = 0;
        for (; ; step++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            bool last = step == _options.Steps;
            if (stopsEarly && (last || (step >= _options.FirstLook && (step - _options.FirstLook) % _options.CheckEvery == 0)))
            {
                heldOut = Finite(HeldOutLoss(), step);
                if (heldOut < best)
                {
                    (best, keptSteps, stale) = (heldOut, step, 0);
                    kept = _network.Theta.ToArray();
                }
                else if (++stale >= _options.Patience)
                {
                    break;
                }
            }

            if (last)
            {
                break;
            }

            double loss = Step(step + 1, progress is not null);
            progress?.Report(new TrainingStep(step, loss, heldOut));
        }

        if (kept is null)
        {
            (kept, keptSteps) = (_network.Theta.ToArray(), step);
            foreach (float parameter in kept)
            {
                Finite(parameter, step);
            }
        }

        return (kept, keptSteps, step, stopsEarly ? best : double.NaN);
    }

    public void Dispose()
    {
        _network.Dispose();
        _m.Dispose();
        _s.Dispose();
        _taught.Dispose();
        _heldOut.Dispose();
    }

    private double Step(int number, bool wantsLoss)
    {
        _network.Gradient.Clear();
        double loss = _options.Dropout > 0 ? Thinned(number, wantsLoss) : Batch(wantsLoss);
        _backend.Adam(
            _network.Theta,
            _network.Gradient,
            _m,
            _s,
            new AdamStep(number, (float)_options.LearningRate, (float)_options.WeightDecay));
        return wantsLoss ? Finite(loss, number - 1) : loss;
    }

    private double Batch(bool wantsLoss) => _order.Length > 0 ? MiniBatch(wantsLoss) : FullBatch(wantsLoss);

    private double Thinned(int number, bool wantsLoss)
    {
        DropoutMask mask = DropoutMask.Draw(_network.Shape, _options.Dropout, new SeededRandom(_options.Seed, Purpose.Dropout, number));
        float[][] whole = _network.Fold(mask);
        double loss = Batch(wantsLoss);
        _network.Unfold(whole, mask);
        return loss;
    }

    // The gradient in a reward needs all rewards, so rows that do not all fit go through the network twice.
    private double FullBatch(bool wantsLoss)
    {
        LabelledRows all = _taught;
        all.Forward(_network);
        _backend.BradleyTerry(all.Graph, all.Rewards, all.Preferences, all.Losses, all.Slopes);
        for (int start = 0; start < all.Rows.Count; start += all.Rows.BlockRows)
        {
            int count = Math.Min(all.Rows.BlockRows, all.Rows.Count - start);
            DeviceArray<float> x = all.Rows.Block(start, count);
            if (!all.Rows.IsResident)
            {
                _network.Forward(x, null, all.Rewards.View(start, count));
            }

            _network.Backward(x, all.Slopes.View(start, count));
        }

        return wantsLoss ? all.MeanLoss() : double.NaN;
    }

    private double MiniBatch(bool wantsLoss)
    {
        if (_next >= _order.Length)
        {
            new SeededRandom(_options.Seed, Purpose.Batches, _epoch++).Shuffle<int>(_order);
            _next = 0;
        }

        ReadOnlySpan<int> numbers = _order.AsSpan(_next, Math.Min(_options.BatchSize!.Value, _order.Length - _next));
        _next += numbers.Length;
        var batch = new Comparison[numbers.Length];
        for (int i = 0; i < batch.Length; i++)
        {
            batch[i] = new Comparison(_taught.Labels.Pairs[numbers[i]], _taught.Labels.Preferences[numbers[i]]);
        }

        var labels = new Labels(batch);
        int n = labels.Responses.Length;
        DeviceArray<float> x = _taught.Rows.Some(labels.Responses);
        using PairGraph graph = _backend.Graph(labels.Pairs, n);
        using DeviceArray<float> r = _backend.Allocate<float>(n);
        using DeviceArray<float> dr = _backend.Allocate<float>(n);
        using DeviceArray<float> h = _backend.Upload<float>(labels.Preferences, batch.Length);
        using DeviceArray<float> losses = _backend.Allocate<float>(batch.Length);
        _network.Forward(x, null, r);
        _backend.BradleyTerry(graph, r, h, losses, dr);
        _network.Backward(x, dr);
        return wantsLoss ? Mean(losses) : double.NaN;
    }

    private double HeldOutLoss()
    {
        _heldOut.Forward(_network);
        _backend.BradleyTerry(_heldOut.Graph, _heldOut.Rewards, _heldOut.Preferences, _heldOut.Losses, _heldOut.Slopes);
        return _heldOut.MeanLoss();
    }

    private double Finite(double value, int step) =>
        double.IsFinite(value) ? value : throw new TrainingDivergedException(step, _options.LearningRate, _options.WeightDecay);

    private static double Mean(DeviceArray<float> losses)
    {
        double sum = 0;
        foreach (float loss in losses.ToArray())
        {
            sum += loss;
        }

        return sum / losses.Length;
    }

    /// <summary>Comparisons with the embeddings, rewards and slopes of their responses.</summary>
    private sealed class LabelledRows : IDisposable
    {
        public LabelledRows(Backend backend, EmbeddingPool pool, BradleyTerryMlp model, Labels labels, long budget)
        {
            Labels = labels;
            Count = labels.Pairs.Length;
            Rows = new RowStore(backend, pool, model, labels.Responses, budget);
            Graph = backend.Graph(labels.Pairs, labels.Responses.Length);
            Preferences = backend.Upload<float>(labels.Preferences, Count);
            Rewards = backend.Allocate<float>(Rows.Count);
            Slopes = backend.Allocate<float>(Rows.Count);
            Losses = backend.Allocate<float>(Count);
        }

        public int Count { get; }

        public Labels Labels { get; }

        public RowStore Rows { get; }

        public PairGraph Graph { get; }

        public DeviceArray<float> Preferences { get; }

        public DeviceArray<float> Rewards { get; }

        public DeviceArray<float> Slopes { get; }

        public DeviceArray<float> Losses { get; }

        public void Forward(MlpNetwork network)
        {
            for (int start = 0; start < Rows.Count; start += Rows.BlockRows)
            {
                int count = Math.Min(Rows.BlockRows, Rows.Count - start);
                network.Forward(Rows.Block(start, count), null, Rewards.View(start, count));
            }
        }

        public double MeanLoss() => Mean(Losses);

        public void Dispose()
        {
            Rows.Dispose();
            Graph.Dispose();
            Preferences.Dispose();
            Rewards.Dispose();
            Slopes.Dispose();
            Losses.Dispose();
        }
    }
}
