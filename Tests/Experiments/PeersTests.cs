using FisherKernels.Bench.Peers;
using FisherKernels.Tests.Apps;
using NUnit.Framework;

namespace FisherKernels.Tests.Experiments;

/// <summary>Bench peers without its peers: what is counted, and what is said where none is there.</summary>
public class PeersTests
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
        PairedTiming timing = PairedTiming.Measure(() => Note('A'), () => Note('B'), 2, CancellationToken.None);

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
        var work = new PeerWork("work", "peer", () => { }, () => { }, () => "", 3);

        Assert.That(PeersCommand.Row(work, new([1], [2]), 1.4, null, "same"), Is.EqualTo("| work | peer | 1 (1 to 1) | 2 (2 to 2) | **2.00** (2.00 to 2.00) | 3 (not reached) | 1 | – | same |"));
        Assert.That(PeersCommand.Row(work, new([1], [3]), null, null, "same"), Does.Contain("| 3 | – | – | same |"));
    }

    [Test]
    public void Memory_that_is_touched_is_seen_and_given_back_is_not_counted_again()
    {
        double? peak = PeakMemory.Of(() => Touch(64 << 20));
        Assume.That(peak, Is.Not.Null, "the mark cannot be set back here");

        Assert.That(peak, Is.GreaterThan(60), "64 MB at 67.1 million bytes, less what was resident and free");
        Assert.That(PeakMemory.Of(() => { }), Is.LessThan(60));

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
    public void A_peer_that_is_not_there_is_named_as_not_measured()
    {
        Assume.That(PeersCommand.Absent, Is.Not.Null);

        Said said = BenchCommand.Do("peers");

        Assert.That(said.Out, Does.Contain("Not measured: libtorch"));
        Assert.That(BenchCommand.Run("peers", "--repetitions", "0").Code, Is.EqualTo(2));
    }
}
