namespace FisherKernels.Kernels;

/// <summary>The operations of the self-test on one backend, one after the other: a step goes on from what those before it wrote.</summary>
internal sealed class SelfTestSteps : IDisposable
{
    private const int Responses = 5, Inputs = 3, Width = 2;

    private readonly Backend _on;
    private readonly Action<string>? _begin;
    private readonly List<IDisposable> _held = [];
    private readonly Pair[] _pairs = [new(0, 1), new(3, 1), new(2, 4), new(1, 0), new(4, 3), new(0, 3)];
    private readonly PairGraph _graph;
    private readonly DeviceArray<float> _x, _theta, _bias, _y, _phi, _dphi, _dx, _dtheta, _dbias, _m, _s, _gathered;
    private readonly DeviceArray<float> _r, _dr, _h, _loss, _v, _g;
    private readonly DeviceArray<double> _fisher, _z, _inverse, _past;

    /// <param name="on">Where to compute.</param>
    /// <param name="begin">Told the name of each operation before it runs.</param>
    public SelfTestSteps(Backend on, Action<string>? begin)
    {
        _on = on;
        _begin = begin;
        _graph = Held(on.Graph(_pairs, Responses));
        (_x, _theta, _bias) = (Numbers(Responses, Inputs), Numbers(Width, Inputs), Numbers(Width));
        (_y, _phi) = (Empty<float>(Responses, Width), Empty<float>(Responses, Width));
        (_dphi, _dx) = (Numbers(Responses, Width), Empty<float>(Responses, Inputs));
        (_dtheta, _dbias) = (Numbers(Width, Inputs), Numbers(Width));
        (_m, _s) = (Empty<float>(Width, Inputs), Empty<float>(Width, Inputs));
        (_r, _dr) = (Numbers(Responses), Empty<float>(Responses));
        _h = Held(on.Upload<float>([1, 0, 1, 0.5f, 0, 1], 6));
        (_loss, _v, _g) = (Empty<float>(6), Empty<float>(6), Empty<float>(6));
        (_fisher, _z) = (Empty<double>(Width, Width), Empty<double>(Responses, Width));
        _inverse = Held(on.Upload<double>([0.5, double.NaN, -0.25, 2], Width, Width));
        _past = Held(on.Upload<double>([1, 0.25, 0.25, 2], Width, Width));
        _gathered = Empty<float>(3, Inputs);
    }

    /// <summary>Each step's operation and what it gives, computed as one goes along; once.</summary>
    public IEnumerable<(string Operation, double[] Result)> Results() =>
        Network().Concat(Design()).Concat(Batches()).Concat(AllPairsAndTop());

    public void Dispose() => _held.ForEach(held => held.Dispose());

    private IEnumerable<(string Operation, double[] Result)> Network()
    {
        Begin(nameof(Backend.Gather));
        _on.Gather(_x, [4, 0, 4], _gathered);
        yield return (nameof(Backend.Gather), Read(_gathered));

        Begin(nameof(Backend.Linear));
        _on.Linear(_x, _theta, _bias, _y);
        yield return (nameof(Backend.Linear), Read(_y));

        foreach (Activation activation in Enum.GetValues<Activation>())
        {
            Begin(nameof(Backend.LinearActivate));
            _on.LinearActivate(activation, _x, _theta, _bias, _y, _phi);
            yield return (nameof(Backend.LinearActivate), [.. Read(_y), .. Read(_phi)]);

            Begin(nameof(Backend.Activate));
            _on.Activate(activation, _y, _phi);
            yield return (nameof(Backend.Activate), Read(_phi));

            Begin(nameof(Backend.ActivateBackward));
            _on.ActivateBackward(activation, _y, _dphi, _dphi);
            yield return (nameof(Backend.ActivateBackward), Read(_dphi));
        }

        Begin(nameof(Backend.LinearBackward));
        _on.LinearBackward(_x, _theta, _dphi, _dx, _dtheta, _dbias);
        yield return (nameof(Backend.LinearBackward), [.. Read(_dx), .. Read(_dtheta), .. Read(_dbias)]);

        Begin(nameof(Backend.Adam));
        _on.Adam(_theta, _dtheta, _m, _s, new AdamStep(2, WeightDecay: 0.1f));
        yield return (nameof(Backend.Adam), [.. Read(_theta), .. Read(_m), .. Read(_s)]);

        Begin(nameof(Backend.BradleyTerry));
        _on.BradleyTerry(_graph, _r, _h, _loss, _dr);
        yield return (nameof(Backend.BradleyTerry), [.. Read(_loss), .. Read(_dr)]);
    }

    private IEnumerable<(string Operation, double[] Result)> Design()
    {
        Begin(nameof(Backend.PairVariances));
        _on.PairVariances(_graph, _r, _v);
        yield return (nameof(Backend.PairVariances), Read(_v));

        Begin(nameof(Backend.Information));
        _on.Information(_graph, _y, _v, _fisher);
        yield return (nameof(Backend.Information), _fisher.ToArray());

        Begin(nameof(Backend.Whiten));
        _on.Whiten(_y, _inverse, _z);
        yield return (nameof(Backend.Whiten), _z.ToArray());

        Begin(nameof(Backend.LogDetGradient));
        _on.LogDetGradient(_graph, _z, _v, _g);
        yield return (nameof(Backend.LogDetGradient), Read(_g));
    }

    private IEnumerable<(string Operation, double[] Result)> Batches()
    {
        // All six: whichever of two close ones comes first, the scores are close.
        Begin(nameof(Backend.Best));
        BestPairs best = _on.Best(_graph, _y, _v, _past, 0.5, _g, 6);
        PrecisionMatrix judged = best.Precision;
        yield return (
            nameof(Backend.Best), [.. Read(_g), .. best.Scores.Select(score => (double)score), .. judged.Precision, judged.LogDeterminant]);

        Begin(nameof(Backend.CreateSelector));
        using DOptimalSelector selector = _on.CreateSelector();
        float[] gradients = new float[6];
        double logDeterminant = selector.Select(_y.ToArray(), Width, _r.ToArray(), _pairs, past: [], ridge: 0.5, new int[6], gradients);
        yield return (nameof(Backend.CreateSelector), [logDeterminant, .. gradients.Select(gradient => (double)gradient)]);

        // Two of the first three pairs at most, and 6 to spend: the choices are far apart, but for pairs 0 and 3, which are the same and
        // tie.
        Begin(nameof(Backend.Greedy));
        var limits = new PairLimits([0, 0, 0, 1, 1, 1], [2, 3], [1, 2, 1, 1, 3, 1], 6);
        GreedyBatch batch = _on.Greedy(_graph, _y, _v, new PrecisionMatrix(Width, 0.5), 6, limits);
        yield return (nameof(Backend.Greedy), [.. batch.Indices.Select(number => (double)number), .. batch.Gains]);
    }

    private IEnumerable<(string Operation, double[] Result)> AllPairsAndTop()
    {
        Begin(nameof(Backend.AllPairsInformation));
        _on.AllPairsInformation(_y, _r, _fisher);
        yield return (nameof(Backend.AllPairsInformation), _fisher.ToArray());

        // Every pair: whichever of two close ones comes first, the scores are close.
        Begin(nameof(Backend.AllPairsTop));
        float[] scores = _on.AllPairsTop(_z, _r, Responses * (Responses - 1) / 2).Scores;
        yield return (nameof(Backend.AllPairsTop), [.. scores.Select(score => (double)score)]);

        Begin(nameof(Backend.AllPairsBest));
        BestOfAllPairs ofAll = _on.AllPairsBest(_y, _r, _past, 0.5, Responses * (Responses - 1) / 2);
        yield return (nameof(Backend.AllPairsBest), [.. ofAll.Scores.Select(score => (double)score), .. ofAll.Precision.Precision]);

        // Of its own exact scores, with a tie: those above may be ordered differently after rounding.
        Begin(nameof(Backend.Top));
        using DeviceArray<float> score = _on.Upload<float>([0.5f, -1, 0.5f, 2, 0, float.NaN], 6);
        yield return (nameof(Backend.Top), [.. _on.Top(score, 3).Select(number => (double)number)]);
    }

    private void Begin(string operation) => _begin?.Invoke(operation);

    private T Held<T>(T made)
        where T : IDisposable
    {
        _held.Add(made);
        return made;
    }

    private DeviceArray<T> Empty<T>(int rows, int columns = 1)
        where T : unmanaged => Held(_on.Allocate<T>(rows, columns));

    // Fixed numbers of both signs in (−1, 1), none of them twice.
    private DeviceArray<float> Numbers(int rows, int columns = 1) => Held(_on.Upload<float>(
        [.. Enumerable.Range(1, rows * columns).Select(j => j * 0.6180340f % 1 * (j % 3 == 0 ? -1 : 1))], rows, columns));

    private static double[] Read(DeviceArray<float> array) => [.. array.ToArray().Select(number => (double)number)];
}
