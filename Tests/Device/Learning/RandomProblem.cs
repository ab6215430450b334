using FisherKernels.Kernels;
using FisherKernels.Learning;
using FisherKernels.Learning.Acquisition;

namespace FisherKernels.Tests.Learning;

/// <summary>Random features, rewards, candidates and 25 labelled pairs: the same on every backend.</summary>
internal sealed class RandomProblem : IDisposable
{
    private readonly PairGraph _graph, _past;
    private readonly DeviceArray<float> _phi, _r;
    private readonly List<CandidateProblem> _made = [];

    /// <param name="on">Where to compute.</param>
    /// <param name="pairs">Candidates, n.</param>
    /// <param name="responses">R.</param>
    /// <param name="width">d.</param>
    /// <param name="turn">Whether every pair is written the other way round.</param>
    public RandomProblem(Backend on, int pairs, int responses = 30, int width = 4, bool turn = false)
    {
        var random = new SeededRandom(11);
        _phi = on.Upload<float>([.. Enumerable.Range(0, responses * width).Select(_ => (float)random.NextGumbel())], responses, width);
        _r = on.Upload<float>([.. Enumerable.Range(0, responses).Select(_ => (float)random.NextGumbel())], responses);
        _graph = on.Graph(Draw(pairs), responses);
        _past = on.Graph(Draw(25), responses);

        Pair[] Draw(int count) => [.. Enumerable.Range(0, count).Select(_ =>
        {
            int a = random.NextBelow(responses), b = (a + 1 + random.NextBelow(responses - 1)) % responses;
            return turn ? new Pair(b, a) : new Pair(a, b);
        })];
    }

    /// <summary>Its candidates, disposed with it.</summary>
    public CandidateProblem Context(int seed)
    {
        CandidateProblem made = Create(seed);
        _made.Add(made);
        return made;
    }

    private CandidateProblem Create(int seed) => new(_graph, _phi, _r)
    {
        Past = new PastComparisons(_past, _phi, _r),
        MaskedRewards = (samples, random) =>
            [.. _r.ToArray().SelectMany(r => Enumerable.Range(0, samples).Select(_ => r + (float)random.NextNormal()))],
        Ridge = 1e-3,
        Random = new SeededRandom(seed),
    };

    public void Dispose()
    {
        _made.ForEach(made => made.Dispose());
        _graph.Dispose();
        _past.Dispose();
        _phi.Dispose();
        _r.Dispose();
    }
}
