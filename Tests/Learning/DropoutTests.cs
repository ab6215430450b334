using FisherKernels.Kernels;
using FisherKernels.Learning;
using FisherKernels.Learning.Acquisition;
using FisherKernels.Learning.Batches;
using FisherKernels.Learning.Loop;
using FisherKernels.Learning.Models;
using FisherKernels.Learning.Pools;
using FisherKernels.Learning.Selection;
using FisherKernels.Storage;
using FisherKernels.Tests.Reference;
using NUnit.Framework;

namespace FisherKernels.Tests.Learning;

/// <summary>Dropout with a mask folded into the weights: against masked activations in double, in training and as a posterior.</summary>
public sealed class DropoutTests : InFolder
{
    private const int Rows = 60, Inputs = 5;

    private static readonly Backend On = Backend.Open(BackendKind.Cpu);

    private static readonly float[] Embeddings = [.. Draws(Rows * Inputs, 1)];

    private static readonly EmbeddingPool Pool =
        EmbeddingPool.FromArray(Embeddings, Inputs, [.. Enumerable.Range(0, Rows).Select(row => (long)(row / 6))]);

    private static IEnumerable<BackendKind> Kinds => [BackendKind.Cpu, BackendKind.Emulator];

    [OneTimeTearDown]
    public void Close()
    {
        On.Dispose();
        Pool.Dispose();
    }

    [TestCaseSource(nameof(Kinds))]
    public void Folded_weights_are_masked_activations_and_so_is_their_gradient(BackendKind kind)
    {
        const int Count = 4;
        var shape = new MlpShape(Inputs, [6, 4], Activation.Gelu);
        BradleyTerryMlp model = BradleyTerryMlp.Untrained(shape, null, 3);
        DropoutMask mask = DropoutMask.Draw(shape, 0.4, new SeededRandom(8));
        Assert.That(mask.Factors.SelectMany(factors => factors).Distinct(), Is.EquivalentTo((float[])[0, 1 / 0.6f]));
        double[] x = [.. Embeddings.Take(Count * Inputs).Select(number => (double)number)], slopes = [0.3, -1, 0.5, 2];

        using Backend on = Backend.Open(kind);
        using var network = new MlpNetwork(on, model, Count, training: true);
        using DeviceArray<float> x_nD = on.Upload<float>(Embeddings.AsSpan(0, Count * Inputs), Count, Inputs);
        using DeviceArray<float> r_n = on.Allocate<float>(Count);
        using DeviceArray<float> dr_n = on.Upload<float>([.. slopes.Select(slope => (float)slope)], Count);
        float[][] whole = network.Fold(mask);
        network.Forward(x_nD, null, r_n);
        network.Backward(x_nD, dr_n);
        network.Unfold(whole, mask);

        double[] theta = [.. model.Parameters.Select(number => (double)number)], numeric = new double[theta.Length];
        Assert.That(r_n.ToArray().Select(r => (double)r), Is.EqualTo(Rewards(theta)).Within(1e-5));
        for (int j = 0; j < theta.Length; j++)
        {
            const double Step = 1e-5;
            double[] up = [.. theta], down = [.. theta];
            up[j] += Step;
            down[j] -= Step;
            numeric[j] = (Loss(up) - Loss(down)) / (2 * Step);
        }

        Assert.That(network.Gradient.ToArray().Select(g => (double)g), Is.EqualTo(numeric)
            .Within(1e-5), "float32 against central differences in double");
        Assert.That(numeric.Count(g => g != 0), Is.GreaterThan(20));
        Assert.That(network.Theta.ToArray(), Is.EqualTo(model.Parameters));

        double Loss(double[] parameters) => Rewards(parameters).Zip(slopes, (r, slope) => r * slope).Sum();

        double[] Rewards(double[] parameters)
        {
            double[] h = x;
            for (int layer = 0; layer < shape.Hidden.Count; layer++)
            {
                int inputs = shape.InputsOf(layer), outputs = shape.Outputs(layer);
                double[] before = Definition.Linear(
                    h, parameters[shape.WeightStart(layer)..(shape.WeightStart(layer) + outputs * inputs)],
                    parameters[shape.BiasStart(layer)..(shape.BiasStart(layer) + outputs)], Count, inputs, outputs);
                h = [.. before.Select((number, j) => Definition.Activate(Activation.Gelu, number) * mask.Factors[layer][j % outputs])];
            }

            int head = shape.WeightStart(shape.Hidden.Count);
            return Definition.Linear(h, parameters[head..(head + shape.FeatureWidth)], null, Count, shape.FeatureWidth, 1);
        }
    }

    [Test]
    public void Training_with_dropout_learns_repeats_itself_and_says_so_in_the_file()
    {
        BradleyTerryMlp thinned = Fit(0.2), again = Fit(0.2), whole = Fit(0);
        float[] r = thinned.Score(On, Pool, [.. Enumerable.Range(0, Rows)]);

        Assert.That(thinned.Parameters, Is.EqualTo(again.Parameters));
        Assert.That(thinned.Parameters, Is.Not.EqualTo(whole.Parameters));
        Assert.That(Comparisons()
            .Average(asked => r[asked.Pair.First] > r[asked.Pair.Second] == asked.Preference > 0.5 ? 1.0 : 0), Is.GreaterThan(0.9));

        ModelFile.Save(PathOf("thinned.safetensors"), thinned);
        ModelFile.Save(PathOf("whole.safetensors"), whole);
        Assert.That(ModelFile.Load(PathOf("thinned.safetensors")).Dropout, Is.EqualTo(0.2));
        Assert.That(ModelFile.Load(PathOf("whole.safetensors")).Dropout, Is.Zero);
    }

    [Test]
    public void A_draw_is_one_network_for_all_responses()
    {
        BradleyTerryMlp model = Fit(0.2);
        int[] responses = [4, 7, 4];
        float[] r = model.Score(On, Pool, responses), drawn = model.Thinned(On, Pool, responses, 400, new SeededRandom(2));

        for (int s = 0; s < 400; s++)
        {
            Assert.That(drawn[2 * 400 + s], Is.EqualTo(drawn[s]), "the same response under the same mask");
        }

        Assert.That(drawn[..400].Distinct().Count(), Is.GreaterThan(100));
        Assert.That(drawn[..400].Average(), Is.EqualTo(r[0]).Within(0.5 * Math.Abs(r[0]) + 0.2), "inverted dropout keeps the scale");
    }

    [TestCase(16)]
    [TestCase(16, 8)]
    [TestCase(16, 8, 4)]
    public void Draws_are_the_networks_under_their_masks(params int[] hidden)
    {
        const int Samples = 5;
        var shape = new MlpShape(Inputs, hidden, Activation.Relu);
        BradleyTerryMlp model = Trainer.Fit(
            On, Pool, Comparisons(), BradleyTerryMlp.Untrained(shape, null, 1),
            new TrainingOptions { Dropout = 0.3, Steps = 5, Validation = 0 }).Model;
        int[] responses = [.. Enumerable.Range(0, Rows)];
        float[] drawn = model.Thinned(On, Pool, responses, Samples, new SeededRandom(4));

        var random = new SeededRandom(4);
        using DeviceArray<float> x = On.Upload<float>(Embeddings, Rows, Inputs), r = On.Allocate<float>(Rows);
        for (int s = 0; s < Samples; s++)
        {
            using var network = new MlpNetwork(On, model, Rows, training: false);
            network.Fold(DropoutMask.Draw(shape, 0.3, random));
            network.Forward(x, null, r);
            Assert.That(Enumerable.Range(0, Rows).Select(row => drawn[row * Samples + s]), Is.EqualTo(r.ToArray()));
        }
    }

    [TestCase("bald-dropout")]
    [TestCase("batchbald-dropout")]
    public void A_learner_that_trains_with_dropout_can_ask_by_it(string strategy)
    {
        Batch asked = Learner(strategy, 0.2).Query(), again = Learner(strategy, 0.2).Query();
        Assert.That(asked.Pairs, Has.Length.EqualTo(20).And.Unique);
        Assert.That(asked.Pairs, Is.EqualTo(again.Pairs));
        Assert.That(asked.Values, Has.Some.GreaterThan(0));

        Assert.That(() => Learner(strategy, 0).Query(), Throws.TypeOf<InputException>().With.Message.Contains("trained with dropout"));
    }

    [Test]
    public void Draws_that_are_given_are_taken_as_many_as_they_are()
    {
        // Two draws: the first pair has the answers σ(±2), the second is its twin, the third is agreed on.
        using var r = On.Allocate<float>(4);
        using var phi = On.Allocate<float>(4, 1);
        using PairGraph graph = On.Graph([new(0, 1), new(1, 0), new(2, 3)], 4);
        CandidateProblem Given(params float[] rewards) => new(graph, phi, r) { MaskedRewards = (_, _) => rewards };
        CandidateProblem two = Given(2, -2, 0, 0, 1, 1, 0, 0);
        double sure = 1 / (1 + Math.Exp(-2.0)), information = Math.Log(2) + sure * Math.Log(sure) + (1 - sure) * Math.Log(1 - sure);

        Assert.That(Strategy.Parse("bald-dropout").Score(two).Values, Is.EqualTo((double[])[information, information, 0]).Within(1e-7));
        Assert.That(Strategy.Parse("batchbald-dropout").Select(two, 3).Indices, Is.Unique);
        Assert.That(Strategy.Parse("batchbald-dropout").Select(two, 1).Values, Is.EqualTo((double[])[information]).Within(1e-12));
        Assert.That(Strategy.Parse("bald-dropout").Score(Given(1, 2, 3, 4)).Values, Is.All.Zero, "a single draw agrees with itself");
        Assert.That(Strategy.Parse("batchbald-dropout").Select(Given(1, 2, 3, 4), 2).Indices, Is.Unique);
        Assert.That(() => Strategy.Parse("bald-dropout")
            .Score(Given(1, 2, 3)), Throws.ArgumentException.With.Message.StartsWith("MaskedRewards gave 3 numbers for 4 responses"));
        Assert.That(() => Strategy.Parse("bald-dropout").Score(Given()), Throws.ArgumentException);
    }

    private static ActiveLearner Learner(string strategy, double dropout)
    {
        var learner = new ActiveLearner(On, Pool, new SelectionOptions
        {
            Strategy = Strategy.Parse(strategy),
            BatchSize = 20,
            Training = new TrainingOptions { Hidden = [16, 8], Steps = 30, Dropout = dropout },
        });
        learner.Teach(Comparisons());
        return learner;
    }

    private static BradleyTerryMlp Fit(double dropout) => Trainer.Fit(
        On, Pool, Comparisons(), BradleyTerryMlp.Untrained(new MlpShape(Inputs, [32, 32], Activation.Gelu), null, 1),
        new TrainingOptions { Dropout = dropout, Steps = 300, LearningRate = 0.01, Validation = 0 }).Model;

    // The first coordinate decides.
    private static Comparison[] Comparisons() => [.. Enumerable.Range(0, 50).Select(i =>
        new Comparison(new Pair(i, i + 7), Embeddings[i * Inputs] > Embeddings[(i + 7) * Inputs] ? 1 : 0))];

    private static IEnumerable<float> Draws(int count, int seed)
    {
        var random = new SeededRandom(seed);
        return Enumerable.Range(0, count).Select(_ => (float)random.NextNormal());
    }
}
