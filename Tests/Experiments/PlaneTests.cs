using System.Globalization;
using FisherKernels.Bench.Experiments;
using FisherKernels.Bench.Experiments.Plane;
using FisherKernels.Learning;
using FisherKernels.Tests.Apps;
using NUnit.Framework;
using SkiaSharp;

namespace FisherKernels.Tests.Experiments;

/// <summary>Bench plane, small: the reward by its definition, the files, the same bytes twice, and what defines a strategy in its
/// numbers.</summary>
public class PlaneTests : InFolder
{
    private static readonly string[] Small = ["--rounds", "2", "--points", "60", "--candidates", "400", "--batch", "20"];

    [Test]
    public void Reward_is_the_log_density_of_the_mixture()
    {
        // Two densities of variance ¼ in two dimensions, at each centre 1/(2π·¼) and next to nothing from the other one.
        double atCentre = Math.Log(0.5 / (2 * Math.PI * 0.25)), atOrigin = Math.Log(1 / (2 * Math.PI * 0.25)) - 2 * 2.5 * 2.5 / 0.5;
        Assert.Multiple(() =>
        {
            Assert.That(Plane.Reward(2.5, 2.5), Is.EqualTo(atCentre).Within(1e-12));
            Assert.That(Plane.Reward(-2.5, -2.5), Is.EqualTo(atCentre).Within(1e-12));
            Assert.That(Plane.Reward(0, 0), Is.EqualTo(atOrigin).Within(1e-12));
            Assert.That(Plane.Reward(100, -100), Is.Negative.And.GreaterThan(double.NegativeInfinity), "where the density is 0 in double");
        });
    }

    [Test]
    public void Points_are_standard_normal()
    {
        float[] points = Plane.Points(20_000, new SeededRandom(1));

        double mean = points.Average(x => (double)x), variance = points.Average(x => (double)x * x);

        // Deviations of the two averages over 40,000 numbers: 0.005 and 0.007.
        Assert.That(mean, Is.EqualTo(0).Within(0.025));
        Assert.That(variance, Is.EqualTo(1).Within(0.035));
    }

    [Test]
    public void It_leaves_a_picture_and_numbers_the_same_twice()
    {
        BenchCommand.Do(["plane", .. Small, "--out", PathOf("one")]);
        BenchCommand.Do(["plane", .. Small, "--out", PathOf("two")]);

        string[] lines = File.ReadAllLines(Path.Combine(PathOf("one"), "plane.csv"));
        Assert.That(lines, Has.Length.EqualTo(1 + 6 * 2));
        foreach (string file in (string[])["plane.csv", "plane.png"])
        {
            Assert.That(File.ReadAllBytes(Path.Combine(PathOf("two"), file)),
                Is.EqualTo(File.ReadAllBytes(Path.Combine(PathOf("one"), file))), file);
        }

        using SKBitmap picture = SKBitmap.Decode(Path.Combine(PathOf("one"), "plane.png"));
        Assert.That(picture.Width, Is.GreaterThan(3 * PlaneExperiment.Side));
        Assert.That(picture.Height, Is.GreaterThan(6 * PlaneExperiment.Side));
    }

    [Test]
    public void The_first_batch_is_the_same_for_every_strategy_and_later_ones_are_what_their_names_say()
    {
        BenchCommand.Do(["plane", .. Small, "--strategies", "entropy,maxdiff,dopt+sample", "--out", PathOf("out")]);

        string[][] rows = [.. File.ReadAllLines(Path.Combine(PathOf("out"), "plane.csv")).Skip(1).Select(line => line.Split(','))];
        Assert.That(rows.Where(row => row[1] == "1").Select(row => string.Join(',', row[2..])).Distinct().Count(), Is.EqualTo(1));

        // The 20 smallest and the 20 largest gaps of 400: places 0 … 19 and 380 … 399.
        Assert.That(Place("entropy"), Is.EqualTo(9.5 / 400).Within(1e-4));
        Assert.That(Place("maxdiff"), Is.EqualTo(389.5 / 400).Within(1e-4));

        double Place(string strategy) =>
            double.Parse(rows.Single(row => row[0] == strategy && row[1] == "2")[7], CultureInfo.InvariantCulture);
    }

    [TestCase("There is no strategy 'best'", "--strategies", "best")]
    [TestCase("names one twice", "--strategies", "dopt,dopt")]
    [TestCase("--rounds is 0", "--rounds", "0")]
    [TestCase("--batch is 7, and a round has 6 candidate pairs", "--points", "4", "--batch", "7")]
    public void What_makes_no_sense_is_refused(string sentence, params string[] options)
    {
        Said said = BenchCommand.Run(["plane", "--out", PathOf("out"), .. options]);

        Assert.That(said.Code, Is.EqualTo(2), said.Error);
        Assert.That(said.Error, Does.Contain(sentence));
        Assert.That(Directory.Exists(PathOf("out")), Is.False);
    }

    [Test]
    public void A_picture_of_few_colours_comes_back_as_it_was()
    {
        using var picture = new SKBitmap(3, 2);
        SKColor[] palette = [SKColors.Black, SKColors.Red, SKColors.White];
        picture.Pixels = [palette[0], palette[1], palette[2], palette[2], palette[1], palette[0]];
        using var stream = new MemoryStream();

        IndexedPng.Write(stream, picture, palette);

        using SKBitmap read = SKBitmap.Decode(stream.ToArray());
        Assert.That(read.Pixels, Is.EqualTo(picture.Pixels));
    }
}
