using FisherKernels.Tests.Apps;
using FisherKernels.Tests.House;
using NUnit.Framework;

namespace FisherKernels.Tests.Formats;

/// <summary>Batches as every version of fisher select wrote them (README.md here): the pairs of each can be taken as labelled.</summary>
public class PairFormatTests
{
    private static readonly string[] Command =
        ["select", "--embeddings", Sample("pairs-1", "embeddings.npy"), "--prompt-ids", Sample("pairs-1", "ids.npy"), "--rule", "random",
            "--device", "cpu"];

    [TestCase(1)]
    [TestCase(2)]
    public void The_pairs_of_every_version_can_be_taken_as_labelled(int version)
    {
        using var fisher = new Fisher();
        string asked = Sample($"pairs-{version}", "next.npy"), next = fisher.PathOf("next.npy");
        Fisher.Do([.. Command, "--labelled", asked, "--batch", "3", "--out", next]);
        Assert.That(SelectTests.Pairs(next).Concat(SelectTests.Pairs(asked)).Distinct().Count(), Is.EqualTo(7), "all pairs there are");
    }

    [Test]
    public void What_is_written_is_version_2()
    {
        using var fisher = new Fisher();
        Fisher.Do([.. Command, "--batch", "4", "--out", fisher.PathOf("next")]);
        foreach (string name in (string[])["next.npy", "next.jsonl"])
        {
            Assert.That(File.ReadAllBytes(fisher.PathOf(name)), Is.EqualTo(File.ReadAllBytes(Sample("pairs-2", name))), name);
        }
    }

    private static string Sample(string folder, string name) => Path.Combine(Repository.Root, "Tests", "Formats", folder, name);
}
