using FisherKernels.Bench.Experiments.Generate;
using FisherKernels.Storage;
using FisherKernels.Tests.Apps;
using MathNet.Numerics.LinearAlgebra;
using NUnit.Framework;

namespace FisherKernels.Tests.Experiments;

/// <summary>Bench generate, small: shapes and names, the same bytes twice, a decaying spectrum, a part the prompt has in common,
/// and rewards that come from the embeddings alone.</summary>
public class GeneratorTests : InFolder
{
    private const int Prompts = 600, Responses = 4, D = 16;

    private static readonly string[] Small =
    [
        "--train-prompts", $"{Prompts}", "--train-responses", $"{Responses}", "--test-prompts", "5", "--test-responses", "7", "--dimension",
        $"{D}",
    ];

    [Test]
    public void Files_have_the_authors_names_and_shapes_and_a_run_takes_them()
    {
        Make("a");

        DataFolder data = DataFolder.Open(PathOf("a"));
        Assert.Multiple(() =>
        {
            Assert.That(Shape(data.TrainEmbeddings), Is.EqualTo((long[])[Prompts, Responses, D]));
            Assert.That(Shape(data.TrainRewards), Is.EqualTo((long[])[Prompts, Responses, 1]));
            Assert.That(Shape(data.TestEmbeddings), Is.EqualTo((long[])[5, 7, D]));
            Assert.That(Shape(data.TestRewards), Is.EqualTo((long[])[5, 7, 1]));
        });
        Fisher.Do(
            "run", "--data", PathOf("a"), "--strategies", "padopt", "--seeds", "1", "--rounds", "2", "--batch", "20", "--candidates", "100",
            "--steps", "20",
            "--hidden", "8", "--device", "cpu", "--out", PathOf("run"));
    }

    [Test]
    public void The_same_command_gives_the_same_bytes_and_a_larger_set_begins_with_a_smaller_one()
    {
        Make("a");
        Make("b");
        Make("c", "--train-prompts", "40");
        Make("d", "--seed", "2");

        float[] a = Train("a", "embd");
        foreach (string file in Directory.EnumerateFiles(PathOf("a")))
        {
            Assert.That(File.ReadAllBytes(Path.Combine(PathOf("b"), Path.GetFileName(file))), Is.EqualTo(File.ReadAllBytes(file)), file);
        }

        Assert.That(Train("c", "embd"), Is.EqualTo(a[..(40 * Responses * D)]));
        Assert.That(Train("c", "reward"), Is.EqualTo(Train("a", "reward")[..(40 * Responses)]));
        Assert.That(Train("d", "embd"), Is.Not.EqualTo(a));
    }

    [Test]
    public void The_spectrum_decays_as_asked_and_columns_do_not_show_it()
    {
        Make("a", "--prompt-share", "0", "--train-prompts", "5000");
        float[] embeddings = Train("a", "embd");
        var x = Matrix<double>.Build.Dense(5000 * Responses, D, (row, column) => embeddings[row * D + column]);
        Matrix<double> covariance = x.TransposeThisAndMultiply(x) / x.RowCount;
        double[] eigenvalues = [.. covariance.Evd().EigenValues.Select(value => value.Real).OrderDescending()];
        double harmonic = Enumerable.Range(1, D).Sum(j => 1.0 / j);

        // λ_j = D / (j · Σ 1/k); of 20,000 rows, each is met within its deviation √(2/20,000) = 1 %, five times over.
        for (int j = 0; j < D; j++)
        {
            Assert.That(eigenvalues[j], Is.EqualTo(D / harmonic / (j + 1)).Within(5).Percent, $"eigenvalue {j + 1}");
        }

        Assert.That(covariance.Diagonal(), Is.All.EqualTo(1).Within(0.06));
    }

    [Test]
    public void Responses_of_a_prompt_have_the_share_in_common_that_was_asked_for()
    {
        Make("a", "--prompt-share", "0.3", "--train-prompts", "5000");
        float[] embeddings = Train("a", "embd");
        double product = 0;
        for (int prompt = 0; prompt < 5000; prompt++)
        {
            for (int column = 0; column < D; column++)
            {
                product += embeddings[(prompt * Responses) * D + column] * (double)embeddings[(prompt * Responses + 1) * D + column];
            }
        }

        Assert.That(product / (5000 * D), Is.EqualTo(0.3).Within(0.03));
    }

    [Test]
    public void Rewards_are_the_network_of_the_embedding_and_the_noise_that_was_asked_for()
    {
        Make("exact", "--noise", "0");
        Make("noisy", "--noise", "0.5");
        GeneratorSettings settings = GeneratorSettings.Usual with { Dimension = D };
        var generator = new DataGenerator(settings);
        float[] embeddings = Train("exact", "embd"), exact = Train("exact", "reward"), noisy = Train("noisy", "reward");
        double[] golden = [.. Enumerable.Range(0, exact.Length).Select(row => generator.Golden(embeddings.AsSpan(row * D, D)))];
        double[] noise = [.. noisy.Select((reward, row) => reward - golden[row])];

        Assert.Multiple(() =>
        {
            Assert.That(exact, Is.EqualTo(golden.Select(value => (float)value).ToArray()));
            Assert.That(Deviation(golden), Is.EqualTo(settings.RewardDeviation).Within(10).Percent);
            Assert.That(Deviation(noise), Is.EqualTo(0.5).Within(10).Percent);

            // Independent of the reward: a correlation over 2,400 rows deviates by 0.02.
            Assert.That(noise.Zip(golden, (a, b) => a * b).Average() / (Deviation(noise) * Deviation(golden)), Is.EqualTo(0).Within(0.08));
        });

        static double Deviation(double[] values) => Math.Sqrt(values.Average(v => (v - values.Average()) * (v - values.Average())));
    }

    [TestCase("--prompt-share is 1.5", "--prompt-share", "1.5")]
    [TestCase("--dimension is 0", "--dimension", "0")]
    [TestCase("--name is 'a/b'", "--name", "a/b")]
    [TestCase("are too many", "--train-responses", "2000000000")]
    public void What_makes_no_sense_is_refused(string sentence, params string[] options)
    {
        Said said = BenchCommand.Run(["generate", "--out", PathOf("out"), .. options]);

        Assert.That(said.Code, Is.EqualTo(2), said.Error);
        Assert.That(said.Error, Does.Contain(sentence));
        Assert.That(Directory.Exists(PathOf("out")), Is.False);
    }

    private static long[] Shape(string path)
    {
        using NpyFile file = NpyFile.Open(path);
        return [.. file.Shape];
    }

    // Options given again hold: the small ones come first and are left out where there are others.
    private void Make(string folder, params string[] options)
    {
        IEnumerable<string> small = Small.Chunk(2).Where(pair => !options.Contains(pair[0])).SelectMany(pair => pair);
        BenchCommand.Do(["generate", "--out", PathOf(folder), .. small, .. options]);
    }

    private float[] Train(string folder, string kind) =>
        Fisher.Singles(Path.Combine(PathOf(folder), $"{kind}_{GeneratorSettings.Usual.Name}_train.npy"));
}
