using System.Diagnostics;
using System.Text.Json;
using FisherKernels.Kernels;
using FisherKernels.Learning.Files;
using FisherKernels.Learning.Models;

namespace FisherKernels.Learning.Loop;

/// <summary>The loop of the paper (section 5.1) for one strategy and one seed, kept in a folder round by round.</summary>
/// <remarks>
/// <code>
/// journal.jsonl        a line per round, the same bytes for every run of the same command
/// seconds.jsonl        a line per round, where the time went
/// model-K.safetensors  the model after the last round K
/// </code>
/// A round counts once its journal line is on disk; its model is written before. What is found in the folder is taken over,
/// so a simulation that was killed goes on where it stood and gives the numbers of one that was never stopped.
/// </remarks>
public sealed class Simulation
{
    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    private readonly string _folder;
    private readonly Backend _backend;
    private readonly ActiveLearner _learner;
    private readonly IAnnotator _annotator;
    private readonly HeldOut _heldOut;
    private readonly List<SimulationRound> _rounds = [];
    private readonly List<RoundSeconds> _seconds = [];

    /// <summary>In a folder, which is made where it is not there; rounds found in it are taken over.</summary>
    /// <param name="folder">One for each strategy and seed.</param>
    /// <param name="backend">Where to evaluate; the learner's.</param>
    /// <param name="learner">One that knows nothing yet.</param>
    /// <param name="annotator">Who answers; the same answers for the same pairs.</param>
    /// <param name="heldOut">What every round is measured on.</param>
    /// <exception cref="InputException">The folder's journal is damaged, or its rounds are not those of such a learner.</exception>
    public Simulation(string folder, Backend backend, ActiveLearner learner, IAnnotator annotator, HeldOut heldOut)
    {
        ArgumentNullException.ThrowIfNull(learner);
        (_folder, _backend, _learner, _annotator, _heldOut) = (folder, backend, learner, annotator, heldOut);
        Directory.CreateDirectory(folder);
        using (var journal = JournalFile.Open(JournalPath))
        {
            _rounds.AddRange(Read<SimulationRound>(JournalPath, journal));
        }

        using (var seconds = JournalFile.Open(SecondsPath))
        {
            _seconds.AddRange(Read<RoundSeconds>(SecondsPath, seconds));
        }

        for (int round = 0; round < _rounds.Count; round++)
        {
            SimulationRound kept = _rounds[round];
            if (kept.Round != round)
            {
                throw Damaged(JournalPath, round, $"is of round {kept.Round}, expected {round}");
            }

            // JSON may lack what the record cannot.
            if (kept is not { First: { } first, Second: { } second, Preferences: { } preferences, Evaluation.BestOfN: { } bestOf }
                || first.Length != second.Length || first.Length != preferences.Length || bestOf.Length != heldOut.BestOfSizes.Count)
            {
                throw Damaged(JournalPath, round, "lacks a part of its round");
            }

            try
            {
                learner.Remember(
                    [.. first.Select((a, i) => new Comparison(new Pair(a, second[i]), preferences[i]))],
                    round == _rounds.Count - 1 ? ModelFile.Load(ModelPath(round)) : null);
            }
            catch (InputException exception)
            {
                throw Damaged(JournalPath, round, $"cannot be taken over: {exception.Message.TrimEnd('.')}", exception);
            }
        }
    }

    /// <summary>Rounds done so far.</summary>
    public IReadOnlyList<SimulationRound> Rounds => _rounds;

    /// <summary>Where their time went; a round that was stopped between its journal line and this one is missing.</summary>
    public IReadOnlyList<RoundSeconds> Seconds => _seconds;

    private string JournalPath => Path.Combine(_folder, "journal.jsonl");

    private string SecondsPath => Path.Combine(_folder, "seconds.jsonl");

    /// <summary>Goes on until so many rounds are done.</summary>
    /// <param name="rounds">In all, those taken over included.</param>
    /// <param name="report">Told after each round.</param>
    /// <param name="cancellation">Stops between the steps of a round; the round in progress is then not kept.</param>
    public async Task RunAsync(int rounds, Action<SimulationRound>? report = null, CancellationToken cancellation = default)
    {
        using var journal = JournalFile.Open(JournalPath);
        using var seconds = JournalFile.Open(SecondsPath);
        while (_rounds.Count < rounds)
        {
            cancellation.ThrowIfCancellationRequested();
            Selection asked = _learner.Query(cancellation);
            IReadOnlyList<Comparison> answers = await _annotator.CompareAsync(asked.Pairs, cancellation).ConfigureAwait(false);
            TrainingResult trained = _learner.Teach(answers, null, cancellation);
            var clock = Stopwatch.StartNew();
            Evaluation evaluation = _heldOut.Evaluate(_backend, trained.Model, cancellation);
            var round = new SimulationRound(
                asked.Round,
                asked.Strategy,
                asked.Candidates,
                [.. answers.Select(answer => answer.Pair.First)],
                [.. answers.Select(answer => answer.Pair.Second)],
                [.. answers.Select(answer => answer.Preference)],
                asked.Precision?.LogDeterminant,
                _learner.Comparisons.Count,
                trained.Steps,
                double.IsNaN(trained.HeldOutLoss) ? null : trained.HeldOutLoss,
                evaluation);
            var spent = new RoundSeconds(asked.Round, asked.Seconds, trained.Seconds, clock.Elapsed.TotalSeconds);
            ModelFile.Save(ModelPath(asked.Round), trained.Model);
            journal.Append(JsonSerializer.Serialize(round, Json));
            seconds.Append(JsonSerializer.Serialize(spent, Json));
            File.Delete(ModelPath(asked.Round - 1));
            _rounds.Add(round);
            _seconds.Add(spent);
            report?.Invoke(round);
        }
    }

    private IEnumerable<T> Read<T>(string path, JournalFile journal) => journal.Lines.Select((line, number) =>
    {
        try
        {
            return JsonSerializer.Deserialize<T>(line, Json)!;
        }
        catch (JsonException exception)
        {
            throw Damaged(path, number, $"is not a round ({exception.Path})", exception);
        }
    });

    private InputException Damaged(string path, int line, string problem, Exception? inner = null) =>
        new($"{path}: line {line + 1} {problem}. Remove the folder {_folder} to run its rounds again.", inner);

    private string ModelPath(int round) => Path.Combine(_folder, FormattableString.Invariant($"model-{round}.safetensors"));
}
