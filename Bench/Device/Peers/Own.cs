using FisherKernels.Kernels;
using FisherKernels.Learning;
using FisherKernels.Learning.Acquisition;
using FisherKernels.Learning.Design;
using FisherKernels.Learning.Models;
using FisherKernels.Learning.Selection;

namespace FisherKernels.Bench.Peers;

/// <summary>Our side of every piece of work, with arrays that are there beforehand as the peers' are.</summary>
internal sealed class Own : IDisposable
{
    private readonly PeerData _data;
    private readonly Backend _on;
    private readonly DOptimalSelector _selector;
    private readonly MlpNetwork _network, _training;
    private readonly DeviceArray<float> _x, _phi, _r, _taughtR, _dr, _h, _losses, _m, _s, _features, _rewards;
    private readonly PairGraph _taught, _candidates;
    private readonly Predictions _predictions;
    private readonly Strategy _dopt = Strategy.Parse("dopt"), _padopt = Strategy.Parse("padopt"), _coreset = Strategy.Parse("coreset");
    private SequentialDesign? _live;
    private int _step;

    public Own(PeerData data, BackendKind kind)
    {
        (_data, Size) = (data, data.Size);
        _on = Backend.Open(kind);
        _selector = _on.CreateSelector();
        _network = new MlpNetwork(_on, data.Model, Size.Responses, training: false);
        _training = new MlpNetwork(_on, data.Model, Size.Responses, training: true);
        _x = _on.Upload<float>(data.Embeddings, Size.Responses, Size.Dimension);
        _phi = _on.Allocate<float>(Size.Responses, Size.Width);
        (_r, _taughtR, _dr) =
            (_on.Allocate<float>(Size.Responses), _on.Allocate<float>(Size.Responses), _on.Allocate<float>(Size.Responses));
        (_h, _losses) = (_on.Upload<float>(data.Preferences, Size.Labelled), _on.Allocate<float>(Size.Labelled));
        (_m, _s) = (_on.Allocate<float>(data.Model.Shape.Length), _on.Allocate<float>(data.Model.Shape.Length));
        _features = _on.Upload<float>(data.Features, Size.Responses, Size.Width);
        _rewards = _on.Upload<float>(data.Rewards, Size.Responses);
        _taught = _on.Graph(data.Taught, Size.Responses);
        _candidates = _on.Graph(data.Pairs, Size.Responses);
        double[] p = data.Probabilities;
        _predictions = new Predictions(p, [.. p.Select(x => x is 0 or 1 ? 0 : -x * Math.Log(x) - (1 - x) * Math.Log(1 - x))], Size.Draws);
    }

    /// <summary>How much there is to do.</summary>
    public PeerSize Size { get; }

    /// <summary>What computes.</summary>
    public string Device => _on.Device;

    /// <summary>Indices of the last selection.</summary>
    public int[] Best { get; private set; } = [];

    /// <summary>Mean loss before the last training step.</summary>
    public double Loss => _losses.ToArray().Average(loss => (double)loss);

    /// <summary>Numbers of the last BatchBALD batch.</summary>
    public int[] Batch { get; private set; } = [];

    /// <summary>The best of all pairs.</summary>
    public Pair[] EveryPairBest { get; private set; } = [];

    /// <summary>Φ of the last pass.</summary>
    public float[] Features => _phi.ToArray();

    public void Forward()
    {
        _network.Forward(_x, _phi, _r);
        _on.Synchronize();
    }

    /// <summary>Features, rewards and the graph of pairs are arrays of the backend.</summary>
    public void SelectThere() => Select(_candidates, _features, _rewards);

    /// <summary>Everything is in a service's own memory.</summary>
    public void SelectFromMemory()
    {
        Best = new int[Size.Batch];
        _selector.Select(_data.Features, Size.Width, _data.Rewards, _data.Pairs, [], 1e-6, Best, []);
    }

    /// <summary>Features and rewards are arrays of the backend; the CPU sorts the pairs anew, a device has their graph, as the peers have
    /// their indices there.</summary>
    public void Select() => SelectFrom(_features, _rewards);

    public void EndToEnd()
    {
        _network.Forward(_x, _phi, _r);
        SelectFrom(_phi, _r);
    }

    private void SelectFrom(DeviceArray<float> features, DeviceArray<float> rewards)
    {
        if (_on.Kind == BackendKind.Cpu)
        {
            using PairGraph candidates = _on.Graph(_data.Pairs, Size.Responses);
            Select(candidates, features, rewards);
        }
        else
        {
            Select(_candidates, features, rewards);
        }
    }

    private void Select(PairGraph candidates, DeviceArray<float> features, DeviceArray<float> rewards)
    {
        using var problem = new CandidateProblem(candidates, features, rewards);
        Best = _dopt.Select(problem, Size.Batch).Indices;
    }

    public void TrainingStep()
    {
        _training.Gradient.Clear();
        _training.Forward(_x, null, _taughtR);
        _on.BradleyTerry(_taught, _taughtR, _h, _losses, _dr);
        _training.Backward(_x, _dr);
        _on.Adam(_training.Theta, _training.Gradient, _m, _s, new AdamStep(++_step, 1e-3f, 0));
        _on.Synchronize();
    }

    /// <summary>Exact scores of all R(R − 1)/2 pairs, the best kept.</summary>
    public void EveryPair()
    {
        using CandidateProblem problem = CandidateProblem.ForEveryPair(_features, _rewards);
        EveryPairBest = _padopt.Select(problem, Size.Batch).Pairs;
    }

    /// <summary>One pair is asked and its label taken in: the best of the candidates beside all labels so far.</summary>
    public void Label()
    {
        if (_live?.Query() is null)
        {
            _live = new SequentialDesign(_candidates, _features, _rewards);
        }

        _live.Teach(_live.Query()!.Value.Candidate);
    }

    public void BatchBald() => Batch = [.. BatchBaldSelector
        .Greedy(_predictions, Size.Small, new JointOutcomes(Size.Draws, 1024, 256), new bool[Size.Candidates], 0, new SeededRandom(1))
        .Select(picked => picked.Candidate)];

    public void Coreset()
    {
        using var problem = new CandidateProblem(_candidates, _features, _rewards) { Random = new SeededRandom(3) };
        _ = problem.Score(_coreset.Acquisition).Values;
    }

    public void Dispose()
    {
        DeviceArray<float>[] arrays = [_x, _phi, _r, _taughtR, _dr, _h, _losses, _m, _s, _features, _rewards];
        foreach (IDisposable one in (IDisposable[])[_taught, _candidates, .. arrays, _network, _training, _selector, _on])
        {
            one.Dispose();
        }
    }
}
