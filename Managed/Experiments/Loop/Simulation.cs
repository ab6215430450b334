using System.Diagnostics;
using FisherKernels.Kernels;
using FisherKernels.Learning;
using FisherKernels.Learning.Batches;
using FisherKernels.Learning.Loop;
using FisherKernels.Learning.Models;
using FisherKernels.Learning.Selection;
using FisherKernels.Storage;

namespace FisherKernels.Experiments.Loop;

/// <summary>The loop of the paper (section 5.1) for one strategy and one seed, kept in a folder round by round.</summary>
/// <remarks>
/// What is found in the folder (<see cref="RoundFolder"/>) is taken over, so a simulation that was killed goes on where it stood
/// and gives the
/// numbers of one that was never stopped. For one thread at a time.
/// </remarks>
public sealed class Simulation
{
    private readonly RoundFolder _folder;
    private readonly Backend _backend;
    private readonly ActiveLearner _learner;
    private readonly IAnnotator _annotator;
    private readonly HeldOut _heldOut;

    /// <summary>In a folder; rounds found in it are taken over, and nothing in it is changed before a round is run.</summary>
    /// <param name="folder">One for each strategy and seed; made with the first round where it is not there.</param>
    /// <param name="backend">Where to evaluate; the learner's.</param>
    /// <param name="learner">One that knows nothing yet.</param>
    /// <param name="annotator">Who answers; the same answers for the same pairs.</param>
    /// <param name="heldOut">What every round is measured on.</param>
    /// <exception cref="ArgumentException">The learner knows something already.</exception>
    /// <exception cref="InputException">The folder's journal is damaged or of a later version, or its rounds are not those of such
    /// a learner.</exception>
    /// <exception cref="IOException">The journal cannot be read; another process adds rounds to it, for example.</exception>
    public Simulation(string folder, Backend backend, ActiveLearner learner, IAnnotator annotator, HeldOut heldOut)
    {
        ArgumentNullException.ThrowIfNull(backend);
        ArgumentNullException.ThrowIfNull(learner);
        ArgumentNullException.ThrowIfNull(annotator);
        ArgumentNullException.ThrowIfNull(heldOut);
        if (learner.Round > 0)
        {
            throw new ArgumentException(
                $"The learner has learned from {learner.Round} rounds; expected one that knows nothing yet.", nameof(learner));
        }

        (_backend, _learner, _annotator, _heldOut) = (backend, learner, annotator, heldOut);
        _folder = RoundFolder.Read(folder);
        _folder.RequireOf(learner.Options.Strategy.Name, learner.Options.Seed);
        foreach (SimulationRound round in _folder.Rounds)
        {
            Remember(round);
        }
    }

    /// <summary>Rounds done so far.</summary>
    public IReadOnlyList<SimulationRound> Rounds => _folder.Rounds;

    /// <summary>Where their time went; a round that was stopped between its journal line and this one is missing.</summary>
    public IReadOnlyList<RoundSeconds> Seconds => _folder.Seconds;

    /// <summary>Goes on until so many rounds are done.</summary>
    /// <param name="rounds">In all, those taken over included.</param>
    /// <param name="report">Told after each round.</param>
    /// <param name="cancellationToken">Stops between the steps of a round; the round in progress is then not kept.</param>
    /// <exception cref="InputException">The annotator answers other pairs than it was asked; nothing is changed by it.</exception>
    /// <exception cref="InvalidOperationException">A round before was learned from and could not be kept, or the learner was taught
    /// by somebody else.</exception>
    /// <exception cref="IOException">The folder cannot be written, or another process adds rounds to it.</exception>
    public async Task RunAsync(int rounds, Action<SimulationRound>? report = null, CancellationToken cancellationToken = default)
    {
        if (Rounds.Count >= rounds && !_folder.HasRemains)
        {
            return;
        }

        using RoundWriter writer = _folder.OpenWriter(_learner.Options.Strategy.Name, _learner.Options.Seed);
        while (Rounds.Count < rounds)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (_learner.Round != Rounds.Count)
            {
                throw new InvalidOperationException(
                    $"The learner has learned from {_learner.Round} rounds, and {Rounds.Count} are kept in {_folder.Path}. "
                    + "Open the simulation again, with a learner that knows nothing yet.");
            }

            (SimulationRound round, RoundSeconds spent, BradleyTerryMlp model) = await NextAsync(cancellationToken).ConfigureAwait(false);
            writer.Add(round, spent, model);
            report?.Invoke(round);
        }
    }

    private async Task<(SimulationRound Round, RoundSeconds Spent, BradleyTerryMlp Model)> NextAsync(CancellationToken cancellationToken)
    {
        Batch asked = _learner.Query(cancellationToken);
        IReadOnlyList<Comparison> answers = await _annotator.CompareAsync(asked.Pairs, cancellationToken).ConfigureAwait(false);
        RequireAnswersTo(asked.Pairs, answers);
        TrainingResult trained = _learner.Teach(answers, null, cancellationToken);
        var clock = Stopwatch.StartNew();
        Evaluation evaluation = _heldOut.Evaluate(_backend, trained.Model, cancellationToken);
        var round = new SimulationRound(
            asked.Round,
            asked.Strategy,
            (int)asked.CandidateCount,
            [.. answers.Select(answer => answer.Pair.First)],
            [.. answers.Select(answer => answer.Pair.Second)],
            [.. answers.Select(answer => answer.Preference)],
            asked.Precision?.LogDeterminant,
            _learner.Comparisons.Count,
            trained.Steps,
            double.IsNaN(trained.HeldOutLoss) ? null : trained.HeldOutLoss,
            evaluation);
        return (round, new RoundSeconds(asked.Round, asked.Seconds, trained.Seconds, clock.Elapsed.TotalSeconds), trained.Model);
    }

    private void RequireAnswersTo(Pair[] asked, IReadOnlyList<Comparison>? answers)
    {
        string name = _annotator.GetType().Name;
        if (answers?.Count != asked.Length)
        {
            throw new InputException(
                $"{name} was asked {asked.Length} pairs and gave {answers?.Count ?? 0} answers; expected one for each pair, in the same "
                    + "order.");
        }

        for (int i = 0; i < asked.Length; i++)
        {
            (Pair pair, Pair answered) = (asked[i], answers[i].Pair);
            if (answered == pair)
            {
                continue;
            }

            throw new InputException(answered == new Pair(pair.Second, pair.First)
                ? $"{name} was asked the pair ({pair.First}, {pair.Second}) and turned it; "
                    + $"expected the pair as it was asked, its preference that of response {pair.First}."
                : $"{name} was asked the pair ({pair.First}, {pair.Second}) as number {i} and answered ({answered.First}, "
                    + $"{answered.Second}); "
                    + "expected an answer for each pair, in the same order.");
        }
    }

    private void Remember(SimulationRound kept)
    {
        if (kept.Evaluation.BestOfN.Length != _heldOut.BestOfSizes.Count)
        {
            throw _folder.Damaged(kept.Round, "lacks a part of its round");
        }

        try
        {
            _learner.Remember(
                [.. kept.First.Select((a, i) => new Comparison(new Pair(a, kept.Second[i]), kept.Preferences[i]))],
                kept.Round == Rounds.Count - 1 ? _folder.LoadModel() : null);
        }
        catch (InputException exception)
        {
            throw _folder.Damaged(kept.Round, $"cannot be taken over: {exception.Message.TrimEnd('.')}", exception);
        }
    }
}
