using System.Text.Json;
using FisherKernels.Tests.Apps;
using NUnit.Framework;

namespace FisherKernels.Tests.Experiments;

/// <summary>Bench live, small: what is counted, the files, and what is refused.</summary>
public class LiveTests : InFolder
{
    private static readonly string[] Small = ["live", "--labels", "150", "--candidates", "200", "--responses", "40", "--width", "5"];

    [Test]
    public void Every_label_is_timed_allocates_nothing_and_leaves_no_drift()
    {
        Said said = BenchCommand.Do([.. Small, "--out", PathOf("out")]);

        JsonElement run = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(PathOf("out"), "live.json"))).RootElement.GetProperty("run");
        Assert.That(run.GetProperty("milliseconds").EnumerateArray().Select(ms => ms.GetDouble()), Has.Exactly(150).Positive);
        Assert.That(run.GetProperty("refreshed").EnumerateArray()
            .Select(label => label.GetInt32()), Is.Not.Empty.And.Ordered.And.All.InRange(0, 149));
        Assert.That(run.GetProperty("bytes").GetInt64(), Is.Zero);
        Assert.That(run.GetProperty("looks").GetInt32(), Is.EqualTo(20 + 1 + 1));
        Assert.That(run.GetProperty("largest_drift").GetDouble(), Is.Positive.And.LessThan(1e-6));
        Assert.That(said.Out, Is.EqualTo(File.ReadAllText(Path.Combine(PathOf("out"), "live.md"))));
        Assert.That(new FileInfo(Path.Combine(PathOf("out"), "live.png")).Length, Is.Positive);
    }

    [TestCase("--labels is 0", "--labels", "0")]
    [TestCase("--labels is 201, and there are 200 candidates; ask for fewer.", "--labels", "201")]
    [TestCase("--responses is 1, and a pair has two", "--responses", "1")]
    public void What_makes_no_sense_is_refused(string sentence, string option, string value)
    {
        string[] arguments = [.. Small, "--out", PathOf("out")];
        int place = Array.IndexOf(arguments, option) + 1;
        arguments[place] = value;
        Said said = BenchCommand.Run(arguments);

        Assert.That(said.Code, Is.EqualTo(2), said.Error);
        Assert.That(said.Error, Does.Contain(sentence));
        Assert.That(Directory.Exists(PathOf("out")), Is.False);
    }
}
