using FisherKernels.Kernels;
using FisherKernels.Learning.Batches;
using FisherKernels.Learning.Design;

namespace FisherKernels.Learning.Acquisition;

/// <summary>Candidate pairs, and what a strategy may read about them: everything is made when it is first read, and once.</summary>
/// <remarks>
/// Owns what it makes and none of what it is given; it is disposed after the batch is chosen. It serves one thread at a time, as
/// its backend does.
/// </remarks>
public sealed class CandidateProblem : IDisposable
{
    private readonly CandidateKind _kind;
    private readonly Func<ScoredResponses> _scored;
    private readonly List<IDisposable> _owned = [];
    private readonly Dictionary<LogDetCriterion, InformationProblem> _informations = [];
    private (LogDetCriterion Criterion, BatchRequest Request, LogDetProblem Problem)? _logDet;

    /// <summary>For listed candidates with features and rewards of their responses under the current model.</summary>
    /// <param name="candidates">n pairs over R responses.</param>
    /// <param name="features">Φ [R, d]; its owner computes.</param>
    /// <param name="rewards">r [R].</param>
    public CandidateProblem(PairGraph candidates, DeviceArray<float> features, DeviceArray<float> rewards)
        : this(OwnerOf(features), new ListedCandidates(candidates), () => new ScoredResponses(features, rewards))
    {
        ArgumentNullException.ThrowIfNull(candidates);
        ArgumentNullException.ThrowIfNull(rewards);
    }

    /// <summary>For every pair of the responses that has no label and is of two different answers; none of them is listed where the
    /// strategy needs no list.</summary>
    /// <param name="features">Φ [R, d], R ≤ <see cref="Backend.MostResponsesOfAllPairs"/>; its owner computes.</param>
    /// <param name="rewards">r [R].</param>
    /// <param name="labelled">Pairs labelled so far, in either order, as often as they were labelled; a past-aware log det holds
    /// what they tell.</param>
    /// <param name="answers">[R]: responses of equal values are the same answer and are not compared; empty where all differ.</param>
    /// <param name="ridge">λ ≥ 0.</param>
    public static CandidateProblem ForEveryPair(
        DeviceArray<float> features, DeviceArray<float> rewards, IReadOnlyList<Pair>? labelled = null, ReadOnlySpan<int> answers = default,
        double ridge = 1e-6)
    {
        ArgumentNullException.ThrowIfNull(rewards);
        Backend backend = OwnerOf(features);
        return new(backend, new EveryPair(features.Rows, [.. labelled ?? []], answers.ToArray()), () =>
            new ScoredResponses(features, rewards))
        {
            Ridge = ridge,
        };
    }

    /// <summary>For candidates whose features and rewards are made when somebody asks for them.</summary>
    internal CandidateProblem(Backend backend, CandidateKind candidates, Func<ScoredResponses> scored) =>
        (Backend, _kind, _scored) = (backend, candidates, scored);

    /// <summary>Where to compute.</summary>
    public Backend Backend { get; }

    /// <summary>n.</summary>
    public long CandidateCount => _kind.Count;

    /// <summary>R.</summary>
    public int Responses => _kind.Responses;

    /// <summary>n pairs over R responses; every pair of the responses is listed here only where somebody asks.</summary>
    /// <exception cref="InputException">Every pair is a candidate, and they are too many to list.</exception>
    public PairGraph Candidates => field ??= _kind.List(this);

    /// <summary>Φ [R, d].</summary>
    public DeviceArray<float> Features => Read(Inputs.Features, Scored.Features);

    /// <summary>r [R].</summary>
    public DeviceArray<float> Rewards => Read(Inputs.Rewards, Scored.Rewards);

    /// <summary>Pairs labelled so far with the features and rewards of their responses under the current model, or null.</summary>
    public PastComparisons? Past
    {
        get => Read(Inputs.Past, MakePast());
        init => MakePast = () => value;
    }

    /// <summary>What is to be predicted well, or null for the candidates.</summary>
    public Targets? Targets
    {
        get => Read(Inputs.Targets, MakeTargets());
        init => MakeTargets = () => value;
    }

    /// <summary>
    /// Rewards [R, S], row by row, under S dropout masks made from a stream, or under those there are, whatever S is asked for;
    /// null without a
    /// model that was trained with dropout.
    /// </summary>
    public Func<int, SeededRandom, float[]>? MaskedRewards { get => Read(Inputs.MaskedRewards, field); init; }

    /// <summary>λ ≥ 0.</summary>
    public double Ridge { get => Read(Inputs.Ridge, field); init; } = 1e-6;

    /// <summary>The stream of random numbers of strategies that draw.</summary>
    public SeededRandom Random { get; init; } = new(0, Purpose.Selection);

    /// <summary>What was read so far.</summary>
    public Inputs InputsRead { get; private set; }

    internal Func<PastComparisons?> MakePast { private get; init; } = () => null;

    internal Func<Targets?> MakeTargets { private get; init; } = () => null;

    private ScoredResponses Scored => field ??= _scored();

    /// <summary>v = p(1 − p) of the candidates, [n].</summary>
    internal DeviceArray<float> Variances => field ??= Owned(FisherDesign.Variances(Candidates, Rewards));

    /// <summary>1 for each of the candidates, [n].</summary>
    internal DeviceArray<float> Ones => field ??= Owned(FisherDesign.Ones(Backend, Candidates.Count));

    /// <summary>I_past [d, d], or null where nothing is labelled.</summary>
    internal DeviceArray<double>? PastInformation => field ??= Past is { } past ? Owned(InformationOf(past)) : null;

    /// <summary>I_past on the host, [d, d] row by row, or null where nothing is labelled.</summary>
    internal double[]? PastInformationOnHost => field ??= PastInformation?.ToArray();

    /// <summary>Listed candidates with the weights of a criterion and what there is before them.</summary>
    internal InformationProblem Information(LogDetCriterion criterion)
    {
        if (!_informations.TryGetValue(criterion, out InformationProblem? information))
        {
            DeviceArray<float> weights = criterion.IsWeighted ? Variances : Ones;
            information =
                Owned(new InformationProblem(Candidates, Features, weights, criterion.IsPastAware ? PastInformation : null, Ridge));
            _informations.Add(criterion, information);
        }

        return information;
    }

    /// <summary>Which of the candidates raise a log det most; the same object as long as the same is asked.</summary>
    internal LogDetProblem LogDet(LogDetCriterion criterion, BatchRequest request)
    {
        if (_logDet is not { } last || last.Criterion != criterion || !ReferenceEquals(last.Request, request))
        {
            _logDet?.Problem.Dispose();
            _logDet = null;
            _logDet = (criterion, request, _kind.LogDet(this, criterion, request));
        }

        return _logDet.Value.Problem;
    }

    /// <summary>Takes over something that is disposed with the problem.</summary>
    internal T Owned<T>(T made)
        where T : IDisposable
    {
        _owned.Add(made);
        return made;
    }

    /// <summary>The values of all candidates by a score, each in the score's own unit, and the precision matrix behind them.</summary>
    /// <param name="acquisition">What scores.</param>
    /// <exception cref="ScoreException">A score is NaN, or its value infinite.</exception>
    public ScoredCandidates Score(IAcquisition acquisition)
    {
        ArgumentNullException.ThrowIfNull(acquisition);
        DeviceArray<float> score_n = Owned(Backend.Allocate<float>(Candidates.Count));
        PrecisionMatrix? precision = score_n.Rows > 0 ? acquisition.Score(this, score_n) : null;
        var scored = new ScoredCandidates(score_n, acquisition.Value, precision);
        int broken = scored.FirstBroken();
        return broken < 0 ? scored : throw new ScoreException(acquisition.Name, broken);
    }

    /// <summary>A batch of listed candidates.</summary>
    /// <param name="indices">[c], different candidates, first the one to be asked first.</param>
    /// <param name="values">[c], what each is worth.</param>
    /// <param name="precision">The precision matrix behind the values, or null.</param>
    /// <exception cref="ArgumentException">Another number of values.</exception>
    public Batch CreateBatch(int[] indices, double[] values, PrecisionMatrix? precision = null)
    {
        ArgumentNullException.ThrowIfNull(indices);
        ArgumentNullException.ThrowIfNull(values);
        if (values.Length != indices.Length)
        {
            throw new ArgumentException($"There are {indices.Length} indices and {values.Length} values.", nameof(values));
        }

        ReadOnlyMemory<Pair> pairs = Candidates.OnHost;
        return new Batch([.. indices.Select(i => pairs.Span[i])], values, indices, precision);
    }

    /// <summary>Disposes of what was made here.</summary>
    public void Dispose()
    {
        _logDet?.Problem.Dispose();
        _logDet = null;
        for (int i = _owned.Count - 1; i >= 0; i--)
        {
            _owned[i].Dispose();
        }

        _owned.Clear();
    }

    private T Read<T>(Inputs input, T value)
    {
        InputsRead |= input;
        return value;
    }

    private static Backend OwnerOf(DeviceArray<float> features)
    {
        ArgumentNullException.ThrowIfNull(features);
        return features.Owner;
    }

    private static DeviceArray<double> InformationOf(PastComparisons past)
    {
        Backend backend = past.Features.Owner;
        using DeviceArray<float> v = FisherDesign.Variances(past.Graph, past.Rewards);
        DeviceArray<double> information = backend.Allocate<double>(past.Features.Columns, past.Features.Columns);
        backend.Information(past.Graph, past.Features, v, information);
        return information;
    }
}

/// <summary>Features and rewards of responses.</summary>
/// <param name="Features">Φ [R, d].</param>
/// <param name="Rewards">r [R].</param>
internal sealed record ScoredResponses(DeviceArray<float> Features, DeviceArray<float> Rewards);

/// <summary>Pairs labelled so far; over responses of their own, since they need not be among the candidates.</summary>
/// <param name="Graph">Pairs over R' responses.</param>
/// <param name="Features">Φ [R', d] under the current model.</param>
/// <param name="Rewards">r [R'].</param>
public sealed record PastComparisons(PairGraph Graph, DeviceArray<float> Features, DeviceArray<float> Rewards);
