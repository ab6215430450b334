using System.CommandLine;
using System.Globalization;
using FisherKernels.Cli.Terminal;
using FisherKernels.Kernels;
using FisherKernels.Learning;
using FisherKernels.Learning.Acquisition;
using FisherKernels.Learning.Selection;

namespace FisherKernels.Cli.Commands;

/// <summary>The files of fisher score, read and checked.</summary>
internal sealed class ScoreInput
{
    private readonly IAcquisition _acquisition;
    private readonly Matrix _phi;
    private readonly float[]? _beta;
    private readonly Matrix? _masked;
    private readonly Pair[] _candidates;
    private readonly Pair[]? _labelled;
    private readonly TargetRows? _targets;

    /// <summary>Reads what is named.</summary>
    /// <exception cref="InputException">A file that does not fit, or one that is missing.</exception>
    public ScoreInput(ScoreSettings settings, ParseResult parsed)
    {
        _acquisition = settings.Acquisition(parsed);
        RowNumbers table = InputFiles.Features(parsed.GetRequiredValue(settings.Features));
        _candidates = InputFiles.Pairs(parsed.GetRequiredValue(settings.Pairs), table.Rows);
        _labelled = parsed.GetValue(settings.Past) is { } pastPath ? InputFiles.Pairs(pastPath, table.Rows) : null;
        _targets = parsed.GetValue(settings.Targets) is { } targetsPath ? InputFiles.Targets(targetsPath, table.Rows) : null;
        int[] used =
        [
            .. new[] { _candidates, _labelled ?? [], _targets?.Pairs ?? [] }.SelectMany(list => list)
                .SelectMany(pair => new[] { pair.First, pair.Second }),
            .. _targets?.Responses ?? [],
        ];
        _phi = table.Of(used);
        _beta = parsed.GetValue(settings.Head) is { } headPath ? InputFiles.Vector(headPath, _phi.Columns) : null;
        _masked = parsed.GetValue(settings.Draws) is { } drawsPath ? InputFiles.Draws(drawsPath, _phi.Rows).Of(used) : null;
        Ridge = ScoreCommand.Ridge(parsed.GetValue(settings.RidgeOption));
        if (_beta is null && _acquisition.Reads(Inputs.Rewards))
        {
            throw new InputException($"--rule {_acquisition.Name} looks at rewards; give --head BETA.npy.");
        }

        if (_masked is null && _acquisition.Reads(Inputs.MaskedRewards))
        {
            throw new InputException(
                $"--rule {_acquisition.Name} looks at rewards under dropout masks; give --draws R.npy, responses × masks, "
                + "or take the rule without -dropout.");
        }
    }

    /// <summary>The rule.</summary>
    public string Rule => _acquisition.Name;

    /// <summary>n.</summary>
    public int Candidates => _candidates.Length;

    /// <summary>Pairs whose features float32 does not tell apart well.</summary>
    public int LostPairs => _phi.LostPairs(_candidates);

    /// <summary>How many pairs are labelled.</summary>
    public int Labelled => _labelled?.Length ?? 0;

    /// <summary>How many dropout masks there are.</summary>
    public int Masks => _masked?.Columns ?? 0;

    /// <summary>d.</summary>
    public int Dimension => _phi.Columns;

    /// <summary>λ.</summary>
    public double Ridge { get; }

    /// <summary>The value of every pair, and the precision matrix behind them.</summary>
    public (double[] Values, PrecisionMatrix? Precision) Score(Backend backend, int seed)
    {
        int d = _phi.Columns;
        using PairGraph graph = backend.Graph(_candidates, _phi.Rows);
        using PairGraph? past = _labelled is null ? null : backend.Graph(_labelled, _phi.Rows);
        using DeviceArray<float> features = backend.Upload<float>(_phi.Numbers, _phi.Rows, d);
        using PairGraph? targetPairs = _targets?.Pairs is { } listed ? backend.Graph([.. listed], _phi.Rows) : null;
        int[] targetRows = [.. _targets?.Responses ?? []];
        using DeviceArray<float> targetFeatures = backend.Upload<float>(
            [.. targetRows.SelectMany(row => _phi.Numbers.AsSpan(row * d, d).ToArray())], targetRows.Length, d);
        using DeviceArray<float> rewards = Rewards(backend, features);
        using var problem = new CandidateProblem(graph, features, rewards)
        {
            Past = past is null ? null : new PastComparisons(past, features, rewards),
            Targets = _targets is null ? null : new Targets(targetPairs, targetPairs is null ? targetFeatures : features),
            MaskedRewards = _masked is null ? null : (_, _) => _masked.Numbers,
            Ridge = Ridge,
            Random = new SeededRandom(seed),
        };
        ScoredCandidates scored = problem.Score(_acquisition);
        return (scored.Values, scored.Precision);
    }

    // The same sentence for every rule: what they make of a reward that is not finite differs.
    private DeviceArray<float> Rewards(Backend backend, DeviceArray<float> features)
    {
        DeviceArray<float> rewards = backend.Allocate<float>(_phi.Rows);
        if (_beta is null)
        {
            return rewards;
        }

        using DeviceArray<float> head = backend.Upload<float>(_beta, 1, _phi.Columns);
        backend.Linear(features, head, null, rewards);
        float[] values = rewards.ToArray();
        int broken = Array.FindIndex(values, reward => !float.IsFinite(reward));
        return broken < 0 ? rewards : throw new ScoreException(string.Create(CultureInfo.InvariantCulture,
            $"The reward of row {broken}, its features times the head, is {values[broken]}: features or rewards overflowed. Train the "
            + $"model again with a lower learning rate, or standardise the embeddings."));
    }
}
