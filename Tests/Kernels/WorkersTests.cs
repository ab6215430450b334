using FisherKernels.Kernels.Cpu;
using NUnit.Framework;

namespace FisherKernels.Tests;

/// <summary>The CPU backend's team of threads: what is handed out is done once, by whomever.</summary>
public sealed class WorkersTests
{
    // Far more than any of it takes: a test fails and does not hang.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Test]
    public void Every_block_is_done_once([Values(1, 2, 3, 8)] int threads, [Values(0, 1, 2, 17, 1000)] int count)
    {
        using var team = new Workers(threads);
        for (int round = 0; round < 50; round++)
        {
            var done = new int[count];
            team.Run(count, (block, _) => Interlocked.Increment(ref done[block]));
            Assert.That(done, Is.All.EqualTo(1));
        }
    }

    [Test]
    public void Threads_that_fell_asleep_come_back()
    {
        using var team = new Workers(2);
        for (int round = 0; round < 5; round++)
        {
            // Two blocks that wait for each other meet only if two threads are there.
            using var both = new Barrier(2);
            int met = 0;
            team.Run(2, (_, _) => Interlocked.Add(ref met, both.SignalAndWait(Patience) ? 1 : 0));
            Assert.That(met, Is.EqualTo(2));
            Assert.That(SpinWait.SpinUntil(() => team.Asleep == 1, Patience), "a thread without work falls asleep");
        }
    }

    [Test]
    public void Blocks_that_run_at_once_have_lanes_of_their_own()
    {
        using var team = new Workers(4);
        var taken = new int[4];
        var shared = 0;
        for (int round = 0; round < 100; round++)
        {
            team.Run(64, (_, lane) =>
            {
                shared += Interlocked.Exchange(ref taken[lane], 1);
                Thread.SpinWait(50);
                Volatile.Write(ref taken[lane], 0);
            });
        }

        Assert.That(shared, Is.Zero);
    }

    [Test]
    public void A_block_may_share_work_itself()
    {
        using var team = new Workers(3);
        var done = new int[20 * 30];
        team.Run(20, (outer, _) => team.Run(30, (inner, _) => Interlocked.Increment(ref done[outer * 30 + inner])));
        Assert.That(done, Is.All.EqualTo(1));
    }

    [Test]
    public void Several_threads_may_share_work_at_once()
    {
        using var team = new Workers(3);
        var done = new int[4 * 500];
        Thread[] callers = [.. Enumerable.Range(0, 4).Select(caller => new Thread(() =>
        {
            for (int round = 0; round < 10; round++)
            {
                team.Run(50, (block, _) => Interlocked.Increment(ref done[(caller * 10 + round) * 50 + block]));
            }
        }))];
        Array.ForEach(callers, caller => caller.Start());
        Array.ForEach(callers, caller => caller.Join());
        Assert.That(done, Is.All.EqualTo(1));
    }

    [Test]
    public void An_exception_comes_back_as_it_was_thrown_and_the_team_goes_on([Values(1, 2, 4)] int threads)
    {
        using var team = new Workers(threads);
        for (int round = 0; round < 20; round++)
        {
            Assert.That(
                () => team.Run(100, (_, _) => throw new InvalidDataException("as it was thrown")),
                Throws.InstanceOf<InvalidDataException>().With.Message.EqualTo("as it was thrown"));
            int done = 0;
            team.Run(100, (_, _) => Interlocked.Increment(ref done));
            Assert.That(done, Is.EqualTo(100));
        }
    }

    [Test]
    public void After_disposal_the_caller_does_all_of_it()
    {
        var team = new Workers(3);
        team.Run(10, (_, _) => { });
        team.Dispose();
        int caller = Environment.CurrentManagedThreadId, elsewhere = 0;
        team.Run(100, (_, _) => elsewhere += Environment.CurrentManagedThreadId == caller ? 0 : 1);
        Assert.That(elsewhere, Is.Zero);
    }
}
