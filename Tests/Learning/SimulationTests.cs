using System.Text.Json;
using FisherKernels.Experiments.Loop;
using FisherKernels.Kernels;
using FisherKernels.Learning;
using FisherKernels.Learning.Acquisition;
using FisherKernels.Learning.Loop;
using FisherKernels.Learning.Models;
using FisherKernels.Learning.Pools;
using FisherKernels.Learning.Selection;
using NUnit.Framework;

namespace FisherKernels.Tests.Learning;

/// <summary>The loop of the library in a folder of its own.</summary>
public sealed class SimulationTests : InFolder
{
    private readonly Backend _on = Backend.Open(BackendKind.Cpu, 1);
    private readonly EmbeddingPool _pool = EmbeddingPool.FromArray([.. Enumerable.Range(0, 60).Select(j => (float)Math.Sin(7 * j))], 2);
    private readonly double[] _golden = [.. Enumerable.Range(0, 30).Select(j => Math.Cos(3 * j))];

    [OneTimeTearDown]
    public void Close()
    {
        _pool.Dispose();
        _on.Dispose();
    }

    [TestCase("few", "asked 4 pairs and gave 3 answers")]
    [TestCase("many", "asked 4 pairs and gave 5 answers")]
    [TestCase("none", "asked 4 pairs and gave 0 answers")]
    [TestCase("turned", "and turned it")]
    [TestCase("others", "as number 1 and answered (28, 29)")]
    [TestCase("shuffled", "as number 0 and answered")]
    public async Task Answers_to_other_pairs_than_were_asked_are_refused_and_change_nothing(string how, string sentence)
    {
        string folder = PathOf("answers-" + how), whole = PathOf("whole-" + how);
        await Simulation(whole).RunAsync(2);
        await Simulation(folder).RunAsync(1);
        Simulation simulation = Simulation(folder, new Wrong(new GoldenAnnotator(_golden, 1), how));

        Assert.That(async () =>
            await simulation.RunAsync(2), Throws.TypeOf<InputException>().With.Message.Contains(sentence).And.Message.Contains("Wrong"));

        Assert.That(simulation.Rounds, Has.Count.EqualTo(1));
        await Simulation(folder).RunAsync(2);
        Assert.That(Journal(folder), Is.EqualTo(Journal(whole)));
    }

    [Test]
    public async Task A_measure_that_is_not_defined_is_null_in_the_journal_and_comes_back_undefined()
    {
        string folder = PathOf("undefined");
        await Simulation(folder, heldOut: new HeldOut(_pool, new double[30])).RunAsync(2);

        using (JsonDocument line = JsonDocument.Parse(Journal(folder)[1]))
        {
            Assert.That(line.RootElement.GetProperty("evaluation").GetProperty("spearman").ValueKind, Is.EqualTo(JsonValueKind.Null));
        }

        Simulation again = Simulation(folder, heldOut: new HeldOut(_pool, new double[30]));
        Assert.That(again.Rounds.Select(round => (round.Evaluation.Spearman, round.Evaluation.OneMinusSpearman)),
            Is.All.EqualTo((double.NaN, double.NaN)));
        Assert.That(async () => await again.RunAsync(3), Throws.Nothing);
    }

    [Test]
    public async Task Journals_say_what_they_are_and_one_of_a_later_version_is_refused()
    {
        string folder = PathOf("versions");
        await Simulation(folder).RunAsync(1);
        string[] journal = Journal(folder);
        Assert.That(journal[0], Is.EqualTo("""{"format":"fisher-journal","version":2,"strategy":"dopt","seed":1}"""));
        Assert.That(
            File.ReadAllLines(Path.Combine(folder, "seconds.jsonl"))[0],
            Is.EqualTo("""{"format":"fisher-seconds","version":2,"strategy":"dopt","seed":1}"""));

        File.WriteAllLines(Path.Combine(folder, "journal.jsonl"), ["{\"format\":\"fisher-journal\",\"version\":3}", .. journal[1..]]);
        Assert.That(() =>
            Simulation(folder), Throws.TypeOf<InputException>().With.Message.Contains("journal.jsonl").And.Message.Contains("version 3"));
        File.WriteAllLines(Path.Combine(folder, "journal.jsonl"), ["{\"format\":\"fisher-seconds\",\"version\":2}", .. journal[1..]]);
        Assert.That(() => Simulation(folder), Throws.TypeOf<InputException>().With.Message.Contains("expected fisher-journal"));
    }

    [Test]
    public async Task Rounds_of_another_seed_or_strategy_are_not_gone_on_with()
    {
        string folder = PathOf("others");
        await Simulation(folder).RunAsync(1);
        foreach (SelectionOptions options in (SelectionOptions[])[
            Options with { Seed = 9 }, Options with { Strategy = Strategy.Parse("random") }])
        {
            Assert.That(
                () => new Simulation(
                    folder, _on, new ActiveLearner(_on, _pool, options), new GoldenAnnotator(_golden, 1), new HeldOut(_pool, _golden)),
                Throws.TypeOf<InputException>().With.Message.Contains("holds rounds of dopt with seed 1"));
        }
    }

    [Test]
    public async Task Reading_changes_nothing_and_what_a_kill_left_goes_with_the_next_round()
    {
        string folder = PathOf("remains");
        Assert.That((Simulation(folder).Rounds.Count, Directory.Exists(folder)), Is.EqualTo((0, false)));
        await Simulation(folder).RunAsync(2);
        string model = Path.Combine(folder, "model-1.safetensors");
        foreach (string name in (string[])["model-0.safetensors", "model-2.safetensors", "model-2.safetensors.77.1.part"])
        {
            File.Copy(model, Path.Combine(folder, name));
        }

        File.WriteAllText(Path.Combine(folder, "notes.part"), "somebody else's");
        Simulation simulation = Simulation(folder);
        Assert.That(Directory.GetFiles(folder), Has.Length.EqualTo(7));
        await simulation.RunAsync(2);
        Assert.That(
            Directory.GetFiles(folder).Select(file => Path.GetFileName(file)),
            Is.EquivalentTo((string[])["journal.jsonl", "seconds.jsonl", "model-1.safetensors", "notes.part"]));
    }

    [Test]
    public async Task A_folder_that_somebody_else_went_on_with_is_not_gone_on_with()
    {
        string folder = PathOf("two");
        Simulation first = Simulation(folder), second = Simulation(folder);
        await first.RunAsync(1);

        Assert.That(async () => await second.RunAsync(2), Throws.TypeOf<IOException>().With.Message.Contains("has 1 rounds and had 0"));
        Assert.That(async () => await first.RunAsync(2), Throws.Nothing);
    }

    [Test]
    public async Task A_round_that_could_not_be_kept_stops_the_simulation_until_it_is_opened_again()
    {
        string folder = PathOf("unkept");
        Simulation simulation = Simulation(folder);
        await simulation.RunAsync(1);
        string inTheWay = Path.Combine(folder, "model-1.safetensors");
        Directory.CreateDirectory(inTheWay);
        Assert.That(async () => await simulation.RunAsync(2), Throws.TypeOf<InputException>());
        Directory.Delete(inTheWay);

        Assert.That(async () =>
            await simulation.RunAsync(2), Throws.InvalidOperationException.With.Message.Contains("2 rounds, and 1 are kept"));
        Assert.That(async () => await Simulation(folder).RunAsync(2), Throws.Nothing);
    }

    [Test]
    public void A_learner_that_knows_something_is_refused()
    {
        ActiveLearner learner = Learner();
        learner.Teach([new Comparison(new Pair(0, 1), 1)]);

        Assert.That(
            () => new Simulation(PathOf("known"), _on, learner, new GoldenAnnotator(_golden, 1), new HeldOut(_pool, _golden)),
            Throws.ArgumentException);
    }

    private static string[] Journal(string folder) => File.ReadAllLines(Path.Combine(folder, "journal.jsonl"));

    private Simulation Simulation(string folder, IAnnotator? annotator = null, HeldOut? heldOut = null) =>
        new(folder, _on, Learner(), annotator ?? new GoldenAnnotator(_golden, 1), heldOut ?? new HeldOut(_pool, _golden));

    private static SelectionOptions Options => new()
    {
        BatchSize = 4,
        Strategy = Strategy.Parse("dopt"),
        Seed = 1,
        Training = new TrainingOptions { Hidden = [3], Steps = 5, Validation = 0 },
    };

    private ActiveLearner Learner() => new(_on, _pool, Options);

    private sealed class Wrong(IAnnotator right, string how) : IAnnotator
    {
        public async ValueTask<IReadOnlyList<Comparison>> CompareAsync(IReadOnlyList<Pair> pairs, CancellationToken cancellation = default)
        {
            IReadOnlyList<Comparison> answers = await right.CompareAsync(pairs, cancellation);
            return how switch
            {
                "few" => [.. answers.SkipLast(1)],
                "many" => [.. answers, answers[0]],
                "none" => null!,
                "turned" => [answers[0], new Comparison(new Pair(pairs[1].Second, pairs[1].First), 1), .. answers.Skip(2)],
                "others" => [answers[0], new Comparison(new Pair(28, 29), 1), .. answers.Skip(2)],
                _ => [.. answers.Reverse()],
            };
        }
    }
}
