using System.Text.Json;
using FisherKernels.Bench.Experiments.Growth;
using FisherKernels.Tests.Apps;
using NUnit.Framework;
using SkiaSharp;

namespace FisherKernels.Tests.Experiments;

/// <summary>Bench growth, tiny: every cell measured, kept and gone on with; what is not measured is named; the fit by hand.</summary>
public class GrowthTests : InFolder
{
    private static readonly string[] Small = ["--largest", "1000", "--repetitions", "5", "--threads", "1,2"];

    [Test]
    public void Every_cell_is_measured_and_a_page_a_figure_and_numbers_are_left()
    {
        Said said = BenchCommand.Do(
            ["growth", .. Small, "--sweep", "pairs,pairs-fixed,responses", "--commit", "abc", "--machine", "some cores", "--out",
                PathOf("out")]);

        JsonElement results = Json();
        Assert.That((results.GetProperty("format").GetString(), results.GetProperty("version").GetInt32()),
            Is.EqualTo(("bench-growth", 2)));
        JsonElement[] cells = [.. results.GetProperty("cells").EnumerateArray()];
        Assert.That(cells, Has.Length.EqualTo(3 * 2));
        foreach (JsonElement cell in cells)
        {
            Assert.That(cell.GetProperty("milliseconds").EnumerateArray().Select(time => time.GetDouble())
                .ToArray(), Has.Length.EqualTo(5).And.All.Positive);
            Assert.That(cell.GetProperty("first_milliseconds").GetDouble(), Is.Positive);
            Assert.That(cell.GetProperty("nanoseconds_per_pair").GetDouble(), Is.EqualTo(cell.GetProperty("median").GetDouble() * 1e3)
                .Within(1e-9).And.Positive, "1,000 pairs");
            Assert.That(cell.GetProperty("megabytes").ValueKind == JsonValueKind.Null || cell.GetProperty("megabytes").GetDouble() >= 0);
            Assert.That(cell.GetProperty("not_measured").ValueKind, Is.EqualTo(JsonValueKind.Null));
        }

        string page = File.ReadAllText(Path.Combine(PathOf("out"), "growth.md"));
        Assert.That(page, Does.Contain("commit abc").And.Contain("some cores").And.Contain("| 1,000 | 1,000 | 64 | 2 |").And.Contain(
            "not measured; ten times as long"));
        using SKBitmap picture = SKBitmap.Decode(Path.Combine(PathOf("out"), "growth.png"));
        Assert.That(picture.Width, Is.GreaterThan(1000));
        Assert.That(File.ReadAllText(Path.Combine(PathOf("out"), "growth.svg")), Does.Contain("<svg"));
        Assert.That(said.Out, Does.Contain("growth.md"));
    }

    [Test]
    public void The_same_command_goes_on_with_what_is_there_and_keeps_it()
    {
        BenchCommand.Do(["growth", .. Small, "--sweep", "pairs", "--out", PathOf("out")]);
        string first = Json().GetProperty("cells")[0].GetRawText();

        Said said = BenchCommand.Do(["growth", .. Small, "--sweep", "pairs,responses", "--out", PathOf("out")]);

        Assert.That(said.Error, Does.Contain("2 of 4 cells"));
        Assert.That(Json().GetProperty("cells").GetArrayLength(), Is.EqualTo(4));
        Assert.That(Json().GetProperty("cells")[0].GetRawText(), Is.EqualTo(first));
    }

    [Test]
    public void Figures_of_two_commits_make_no_page()
    {
        BenchCommand.Do(["growth", .. Small, "--sweep", "pairs", "--commit", "one", "--out", PathOf("out")]);
        byte[] before = File.ReadAllBytes(Path.Combine(PathOf("out"), "growth.json"));

        Said said = BenchCommand.Run(["growth", .. Small, "--sweep", "pairs", "--commit", "two", "--out", PathOf("out")]);

        Assert.That(said.Code, Is.EqualTo(2));
        Assert.That(said.Error, Does.Contain("commit one").And.Contain("commit two"));
        Assert.That(File.ReadAllBytes(Path.Combine(PathOf("out"), "growth.json")), Is.EqualTo(before));
    }

    [Test]
    public void Figures_of_two_sizes_make_no_line()
    {
        BenchCommand.Do(["growth", .. Small, "--sweep", "pairs", "--out", PathOf("out")]);
        Assert.That(File.ReadAllText(Path.Combine(PathOf("out"), "growth.md")), Does.Contain("what stands at most 1,000"));

        Said said = BenchCommand.Run(
            "growth", "--largest", "2000", "--repetitions", "5", "--threads", "1,2", "--sweep", "responses", "--out", PathOf("out"));

        Assert.That(said.Code, Is.EqualTo(2));
        Assert.That(said.Error, Does.Contain("at most 1,000").And.Contain("at most 2,000"));
    }

    [TestCase("{\"cells\":[]}", "is of version 1")]
    [TestCase("{\"format\":\"bench-growth\",\"version\":3,\"cells\":[]}", "version 3")]
    [TestCase("{\"format\":\"bench-batches\",\"version\":2,\"cells\":[]}", "bench-batches")]
    public void A_result_of_another_version_is_refused_with_it(string text, string sentence)
    {
        Directory.CreateDirectory(PathOf("out"));
        File.WriteAllText(Path.Combine(PathOf("out"), "growth.json"), text);

        Said said = BenchCommand.Run(["growth", .. Small, "--out", PathOf("out")]);

        Assert.That(said.Code, Is.EqualTo(2));
        Assert.That(said.Error, Does.Contain("growth.json").And.Contain(sentence));
    }

    [Test]
    public void A_file_that_is_no_result_is_refused()
    {
        Directory.CreateDirectory(PathOf("out"));
        File.WriteAllText(Path.Combine(PathOf("out"), "growth.json"), "{");

        Said said = BenchCommand.Run(["growth", .. Small, "--out", PathOf("out")]);

        Assert.That(said.Code, Is.EqualTo(2));
        Assert.That(said.Error, Does.Contain("is not what bench growth writes"));
    }

    [Test]
    public void What_takes_too_long_is_named_and_has_no_number()
    {
        BenchCommand.Do(["growth", .. Small, "--sweep", "pairs", "--limit", "1e-3", "--out", PathOf("out")]);

        JsonElement cell = Json().GetProperty("cells")[0];
        Assert.That(cell.GetProperty("not_measured").GetString(), Does.Contain("longer than"));
        Assert.That(cell.GetProperty("median").ValueKind, Is.EqualTo(JsonValueKind.Null));
        Assert.That(File.ReadAllText(Path.Combine(PathOf("out"), "growth.md")), Does.Contain("not measured: 5 repetitions"));
    }

    [TestCase("--sweep has 'best'", "--sweep", "best")]
    [TestCase("--threads has '0'", "--threads", "0")]
    [TestCase("--threads has ''", "--threads", "1,")]
    [TestCase("has one twice", "--threads", "2,2")]
    [TestCase("--largest is 999", "--largest", "999")]
    [TestCase("--repetitions is 4", "--repetitions", "4")]
    [TestCase("--limit is 0", "--limit", "0")]
    [TestCase("--limit is NaN", "--limit", "NaN")]
    public void What_makes_no_sense_is_refused(string sentence, params string[] options)
    {
        Said said = BenchCommand.Run(["growth", "--out", PathOf("out"), .. options]);

        Assert.That(said.Code, Is.EqualTo(2), said.Error);
        Assert.That(said.Error, Does.Match(sentence));
        Assert.That(Directory.Exists(PathOf("out")), Is.False);
    }

    [Test]
    public void The_fit_finds_the_bytes_that_it_was_given_and_none_where_sizes_tell_nothing_apart()
    {
        GrowthCell[] cells = [.. Sweep.All.SelectMany(sweep => sweep.Sizes(1_000_000).Select(size => Cell(sweep.Name, size)))];

        MemoryFit fit = MemoryFit.To(cells)!;

        Assert.That((fit.BytesPerFeature, fit.BytesPerPair, fit.BytesPerMatrixEntry), Is.EqualTo((8.0, 24.0, 40.0))
            .Using<(double, double, double)>(
            (x, y) => Math.Abs(x.Item1 - y.Item1) + Math.Abs(x.Item2 - y.Item2) + Math.Abs(x.Item3 - y.Item3) < 1e-6));
        Assert.That(fit.BytesAlways, Is.EqualTo(1e6).Within(1));
        Assert.That(fit.WorstRatio, Is.EqualTo(1).Within(1e-9));
        Assert.That(MemoryFit.To(cells.Where(cell => cell.Sweep == "responses")), Is.Null, "n and d stand still there");
        Assert.That(MemoryFit.To([]), Is.Null);

        static GrowthCell Cell(string sweep, GrowthSize size) => new(
            sweep, 1, size.Pairs, size.Responses, size.Width, [1], 1,
            (8.0 * size.Responses * size.Width + 24.0 * size.Pairs + 40.0 * size.Width * size.Width + 1e6) / 1e6, null);
    }

    [Test]
    public void Sweeps_reach_what_they_are_named_for() => Assert.Multiple(() =>
    {
        Assert.That(Sweep.All[0].Sizes(10_000_000)[^1], Is.EqualTo(new GrowthSize(10_000_000, 1_000_000, 64)));
        Assert.That(Sweep.All[1].Sizes(10_000_000)[^1], Is.EqualTo(new GrowthSize(10_000_000, 5_000, 64)));
        Assert.That(Sweep.All[2].Sizes(10_000_000)[^1], Is.EqualTo(new GrowthSize(200_000, 1_000_000, 64)));
        Assert.That(Sweep.All[3].Sizes(10_000_000)[^1], Is.EqualTo(new GrowthSize(20_000, 5_000, 1_024)));
    });

    private JsonElement Json() => JsonDocument.Parse(File.ReadAllText(Path.Combine(PathOf("out"), "growth.json"))).RootElement;
}
