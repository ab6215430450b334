using System.Globalization;
using FisherKernels.Bench.Peers;
using FisherKernels.Kernels;
using FisherKernels.Learning;
using FisherKernels.Tests.Apps;
using NUnit.Framework;

namespace FisherKernels.Tests.Experiments;

/// <summary>Bench peers: what is counted, what is kept, whether Python agrees, and what is said of a peer that is not there.</summary>
public class PeersTests : InFolder
{
    [Test]
    public void Quantiles_lie_straight_between_the_numbers() => Assert.Multiple(() =>
    {
        Assert.That(PairedTiming.Quantile([4, 1, 3, 2], 0.5), Is.EqualTo(2.5));
        Assert.That(PairedTiming.Quantile([10, 0], 0.05), Is.EqualTo(0.5).Within(1e-12));
        Assert.That(PairedTiming.Quantile([7], 0.95), Is.EqualTo(7));
        Assert.That(PairedTiming.Quantile([1, 2, 3], 1), Is.EqualTo(3));
    });

    [Test]
    public void A_ratio_is_formed_repetition_by_repetition()
    {
        // 4, 3 and 2: the ratio of the medians would be 20 / 10.
        var timing = new PairedTiming([5, 10, 20], [20, 30, 40]);

        Assert.That(timing.Ratio.Median, Is.EqualTo(3));
        Assert.That((timing.Ratio.Low, timing.Ratio.High), Is.EqualTo((2.1, 3.9)));
    }

    [Test]
    public void Both_run_in_turn_and_as_often()
    {
        var order = new List<char>();
        PairedTiming timing =
            PairedTiming.Measure(PairedTiming.Clocked(() => Note('A')), PairedTiming.Clocked(() => Note('B')), 2, CancellationToken.None);

        Assert.That((timing.Own.Length, timing.Peer.Length), Is.EqualTo((2, 2)));
        Assert.That(string.Concat(order), Is.EqualTo("ABABAB"), "warm-up, then two repetitions");

        // A run of the same letter is one: how often each is done unmeasured is the clock's affair.
        void Note(char one)
        {
            if (order.Count == 0 || order[^1] != one)
            {
                order.Add(one);
            }
        }
    }

    [Test]
    public void A_row_says_what_was_not_reached()
    {
        var row = new PeerRow("work", "peer", [1], [2], 3, 1.4, null, "same");

        Assert.That(PeersPage.Line(row),
            Is.EqualTo("| work | peer | 1 (1 to 1) | 2 (2 to 2) | **2.00** (2.00 to 2.00) | 3 (not reached) | 1 | – | same |"));
        Assert.That(PeersPage.Line(row with { Theirs = [3], OwnMegabytes = null }), Does.Contain("| 3 | – | – | same |"));
    }

    [Test]
    public void Memory_that_is_touched_is_seen_and_given_back_is_not_counted_again()
    {
        double? peak = PeakMemory.Of(() => Touch(256 << 20));
        Assume.That(peak, Is.Not.Null, "the mark cannot be set back here");

        Assert.That(peak, Is.GreaterThan(200), "268 million bytes, less what was resident and what the collector gave back meanwhile");
        Assert.That(PeakMemory.Of(() => { }), Is.LessThan(200));

        static unsafe void Touch(nuint bytes)
        {
            var memory = (byte*)System.Runtime.InteropServices.NativeMemory.AllocZeroed(bytes);
            for (nuint j = 0; j < bytes; j += 4096)
            {
                memory[j] = 1;
            }

            System.Runtime.InteropServices.NativeMemory.Free(memory);
        }
    }

    [Test]
    public void A_page_keeps_what_was_measured_of_other_peers()
    {
        var one = new PeerSection("one", null, "1.0", "cpu", "here", "abc", 1, [new("work", "peer", [1], [2], 3, 1.4, null, "same")]);
        PeersPage.Save(Folder, [one, PeerSection.NotMeasured("two", "it is not there")]);
        PeersPage.Save(Folder, [PeerSection.NotMeasured("three", "nor this"), one with { Peer = "two", Commit = "def" }]);

        string page = File.ReadAllText(PathOf("peers.md"));
        Assert.That(page, Does.Contain("## one\n\ncpu; 1.0; 1 repetitions; here; commit abc.\n").And.Contain("commit def.").And.Contain(
            "## three\n\nNot measured: nor this.\n"));
        Assert.That(page, Does.Not.Contain("it is not there"));
    }

    [Test]
    public void Work_measured_under_the_same_circumstances_is_put_together()
    {
        PeerRow first = new("work", "peer", [1], [2], 3, 1.4, null, "same"), second = first with { Formulation = "another" };
        PeerSection one = new("one", null, "1.0", "cpu", "here", "abc", 1, [first]), other = one with { Rows = [second] };

        Assert.That(other.Beside(one).Rows, Is.EqualTo([first, second]));
        Assert.That(one.Beside(one).Rows, Is.EqualTo([first]));
        Assert.That((other with { Commit = "def" }).Beside(one).Rows, Is.EqualTo([second]));
    }

    [Test]
    public void A_page_of_something_else_is_refused_and_left()
    {
        string path = PathOf("peers.json");
        File.WriteAllText(path, "{\"milliseconds\": []}");

        Assert.That(() => PeersPage.Save(Folder, []), Throws.InstanceOf<InputException>().With.Message.Contains(path));
        Assert.That(File.ReadAllText(path), Is.EqualTo("{\"milliseconds\": []}"));
    }

    [TestCase("pytorch")]
    [TestCase("numpy")]
    public void Python_agrees_with_ours_where_it_has_the_library(string peer)
    {
        PeerSection section = Tiny.Run(
            PeersMeasurement.Python.Where(one => one.Word == peer), PeerWorks.Words, _ => { }, _ => { }, CancellationToken.None).Single();
        if (section.Absent is not null)
        {
            Assert.Ignore(section.Absent);
        }

        Assert.That(section.Version, Does.StartWith(peer == "numpy" ? "NumPy 2" : "PyTorch ").And.Contain("Python 3"));
        Assert.That(section.Rows, Has.Count.EqualTo(peer == "numpy" ? 6 : 9));
        using IDisposable all = Assert.EnterMultipleScope();
        foreach (PeerRow row in section.Rows)
        {
            string[] words = row.Agreement.Split(' ');
            switch (words[0])
            {
                case "features":
                    Assert.That(double.Parse(words[^1], CultureInfo.InvariantCulture), Is.LessThan(1e-6));
                    break;
                case "loss":
                    Assert.That(double.Parse(words[^1], CultureInfo.InvariantCulture),
                        Is.EqualTo(double.Parse(words[^3], CultureInfo.InvariantCulture)).Within(2e-6));
                    break;
                default:
                    Assert.That(row.Agreement, Is.EqualTo("20 of 20 the same").Or.EqualTo("3 of 3 the same").Or.EqualTo(
                        "other draws, the same algorithm"), row.Work);
                    break;
            }
        }
    }

    [Test]
    public void Without_python_it_is_named_as_not_measured()
    {
        (IPeer? peer, string why) = PythonPeer.NumPy(new PeerData(Tiny.Size), BackendKind.Cpu, "no-such-python");

        Assert.That(peer, Is.Null);
        Assert.That(why, Does.StartWith("no-such-python cannot be started"));
    }

    [Test]
    public void A_peer_that_is_not_built_in_is_named_as_not_measured()
    {
        Said said = BenchCommand.Do("peers", "--peer", "libtorch");

        Assert.That(said.Out, Does.Contain("libtorch through TorchSharp: not measured: it is not built in"));
        Assert.That(BenchCommand.Run("peers", "--repetitions", "0").Code, Is.EqualTo(2));
        Assert.That(BenchCommand.Run("peers", "--peer", "matlab").Code, Is.EqualTo(2));
    }

    private static PeersMeasurement Tiny { get; } = new(BackendKind.Cpu, new(60, 16, 8, 200, 100, 20, 5, 3), 1, "", "");
}
