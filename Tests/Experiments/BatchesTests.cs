using System.Text.Json;
using FisherKernels.Tests.Apps;
using NUnit.Framework;
using SkiaSharp;

namespace FisherKernels.Tests.Experiments;

/// <summary>Bench batches, small: every optimiser on every pool, what is proven, what is kept, and what is refused.</summary>
public class BatchesTests : InFolder
{
    private static readonly string[] Small = ["batches", "--size", "small", "--repetitions", "5"];

    private static string Data => Path.Combine(AppContext.BaseDirectory, "Data", "caption_contest");

    [Test]
    public void Every_optimiser_is_measured_and_proofs_fit_together()
    {
        BenchCommand.Do([.. Small, "--data", Data, "--commit", "abc", "--machine", "some cores", "--out", PathOf("out")]);

        JsonElement[] pools = Pools();
        Assert.That(pools.Select(pool => (pool.GetProperty("name").GetString(), pool.GetProperty("count").GetInt32())), Is.EqualTo(
            (IEnumerable<(string?, int)>)[("generated", 20), ("Readers_LSA256_NewYorker", 10), ("Readers_LSA256_NewYorker", 25)]));
        foreach (JsonElement pool in pools)
        {
            JsonElement[] cells = [.. pool.GetProperty("cells").EnumerateArray()];
            Assert.That(cells.Select(cell => cell.GetProperty("name").GetString()), Is.EqualTo(
                (string[])["random", "top", "greedy", "forward-backward", "exchange", "relaxed", "best"]));
            double top = Number(cells[1], "log_det"), least = cells.Min(cell => Number(cell, "bound"));
            foreach (JsonElement cell in cells)
            {
                Assert.That(Number(cell, "log_det"), Is.LessThanOrEqualTo(least), "a bound holds for every batch");
                Assert.That(Number(cell, "own"), Is.Not.Negative.And.LessThanOrEqualTo(Number(cell, "tight")));
                Assert.That(Number(cell, "tight"), Is.LessThanOrEqualTo(1));
                Assert.That(Number(cell.GetProperty("batch"), "responses"), Is.InRange(2, 2 * pool.GetProperty("count").GetInt32()));
                Assert.That(Number(cell.GetProperty("batch"), "closest"), Is.InRange(0, 1 + 1e-12));
            }

            foreach (JsonElement cell in cells[1..])
            {
                Assert.That(Number(cell, "log_det"), Is.GreaterThanOrEqualTo(top));
                Assert.That(cell.GetProperty("milliseconds").EnumerateArray().Select(time => time.GetDouble())
                    .ToArray(), Has.Length.EqualTo(5).And.All.Positive);
            }

            Assert.That(Number(cells[1].GetProperty("batch"), "shared_with_top"), Is.EqualTo(1));
        }

        JsonElement[] every =
            [.. JsonSerializer.Deserialize<JsonElement>(File.ReadAllText(Path.Combine(PathOf("out"), "batches.json")))
            .GetProperty("every_pair").EnumerateArray()];
        Assert.That(every.Select(cell => cell.GetProperty("name").GetString()), Is.EqualTo((string[])["top", "greedy", "exchange"]));
        Assert.That(every.Select(cell => Number(cell, "log_det")), Is.Ordered);
        double[] bounds = [.. every.Select(cell => Number(cell, "log_det") - 6 * Math.Log(Number(cell, "efficiency")))];
        Assert.That(bounds, Is.All.GreaterThanOrEqualTo(Number(every[2], "log_det")), "a bound holds for every batch");
        Assert.That(every[2].GetProperty("is_local_optimum").GetBoolean(), Is.True);

        string page = File.ReadAllText(Path.Combine(PathOf("out"), "batches.md"));
        Assert.That(page, Does.Contain("commit abc").And.Contain("some cores").And.Contain("## generated, c = 20 of 300").And.Contain(
            "| forward-backward |"));
        using SKBitmap picture = SKBitmap.Decode(Path.Combine(PathOf("out"), "batches.png"));
        Assert.That(picture.Width, Is.GreaterThan(1000));
        Assert.That(File.ReadAllText(Path.Combine(PathOf("out"), "batches.svg")), Does.Contain("<svg"));
    }

    [Test]
    public void What_is_measured_is_kept_and_another_commit_is_refused()
    {
        BenchCommand.Do([.. Small, "--commit", "abc", "--out", PathOf("out")]);
        string first = Pools()[0].GetRawText();

        BenchCommand.Do([.. Small, "--commit", "abc", "--data", Data, "--data-set", "Readers_LSA256_NewYorker", "--out", PathOf("out")]);
        Said other = BenchCommand.Run([.. Small, "--commit", "def", "--out", PathOf("out")]);

        Assert.That(Pools(), Has.Length.EqualTo(3));
        Assert.That(Pools()[0].GetRawText(), Is.EqualTo(first));
        Assert.That(other.Code, Is.EqualTo(2));
        Assert.That(other.Error, Does.Contain("commit abc").And.Contain("commit def").And.Contain("--out"));
    }

    [Test]
    public void Figures_of_another_size_or_of_other_data_are_not_gone_on_with()
    {
        Directory.CreateDirectory(PathOf("data"));
        foreach (string file in Directory.GetFiles(Data, "*_Readers_LSA256_NewYorker_*"))
        {
            File.Copy(file, Path.Combine(PathOf("data"), Path.GetFileName(file)));
        }

        BenchCommand.Do([.. Small, "--data", PathOf("data"), "--out", PathOf("out")]);
        string rewards = Path.Combine(PathOf("data"), "reward_Readers_LSA256_NewYorker_train.npy");
        byte[] bytes = File.ReadAllBytes(rewards);
        bytes[^1] ^= 1;
        File.WriteAllBytes(rewards, bytes);

        Said data = BenchCommand.Run([.. Small, "--data", PathOf("data"), "--out", PathOf("out")]);
        Said size = BenchCommand.Run("batches", "--size", "usual", "--repetitions", "5", "--out", PathOf("out"));

        Assert.That((data.Code, size.Code), Is.EqualTo((2, 2)));
        Assert.That(data.Error, Does.Contain("other data under the name Readers_LSA256_NewYorker"));
        Assert.That(size.Error, Does.Contain("small size").And.Contain("usual size"));
    }

    [TestCase("--repetitions is 4; it must be at least 5.", "--repetitions", "4")]
    [TestCase("--size is 'large'; expected one of usual, small.", "--size", "large")]
    [TestCase("There is no folder none.", "--data", "none")]
    [TestCase("--data-set names X, and there is no --data", "--data-set", "X")]
    public void What_makes_no_sense_is_refused(string sentence, string option, string value)
    {
        Said said = BenchCommand.Run("batches", "--out", PathOf("out"), option, value);

        Assert.That(said.Code, Is.EqualTo(2), said.Error);
        Assert.That(said.Error, Does.Contain(sentence));
        Assert.That(Directory.Exists(PathOf("out")), Is.False);
    }

    private static double Number(JsonElement of, string name) => of.GetProperty(name).GetDouble();

    private JsonElement[] Pools() =>
        [.. JsonDocument.Parse(File.ReadAllBytes(Path.Combine(PathOf("out"), "batches.json"))).RootElement.GetProperty("pools")
            .EnumerateArray()];
}
