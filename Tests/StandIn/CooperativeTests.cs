using NUnit.Framework;

namespace FisherKernels.Tests.StandIn;

/// <summary>Groups that run at the same time and wait for each other.</summary>
public class CooperativeTests
{
    // Thread 0 of each group counts itself at out[0] and waits until all have: in %r30 the number to wait for.
    private const string Arrive = """
        bar.sync 0; @%p1 bra Through{0};
        membar.gl; atom.add.u32 %r31, [%rd1], 1; add.u32 %r30, %r30, %r3;
        Wait{0}: {1} setp.lt.u32 %p2, %r31, %r30; @%p2 bra Wait{0};
        membar.gl; Through{0}: bar.sync 0;

        """;

    // Each group writes its word, then adds up those of all: out[1 + group] and out[1 + groups + group].
    private static string Sums(string poll, bool waits = true)
    {
        string barrier = waits ? Arrive.Replace("{0}", "A", StringComparison.Ordinal).Replace("{1}", poll, StringComparison.Ordinal) : "";
        return "mov.u32 %r30, 0; setp.ne.u32 %p1, %r1, 0; add.u32 %r10, %r2, 1; mul.wide.u32 %rd4, %r10, 4; add.u64 %rd4, %rd1, %rd4; "
            + "@!%p1 st.u32 [%rd4], %r10;\n"
            + barrier + """
            @%p1 ret;
            mov.u32 %r11, 0; mov.u32 %r12, 0; mov.u64 %rd5, %rd1;
            add: add.u64 %rd5, %rd5, 4; ld.u32 %r13, [%rd5]; add.u32 %r11, %r11, %r13; add.u32 %r12, %r12, 1;
            setp.lt.u32 %p3, %r12, %r3; @%p3 bra add;
            mul.wide.u32 %rd6, %r3, 4; add.u64 %rd6, %rd4, %rd6; st.u32 [%rd6], %r11;
            """;
    }

    [Test]
    public void A_grid_barrier_holds(
        [Values("atom.add.u32 %r31, [%rd1], 0;", "ld.acquire.gpu.u32 %r31, [%rd1];", "ld.volatile.global.u32 %r31, [%rd1];")] string poll,
        [Values(1, 2, 132)] int groups)
    {
        StandInDriver.Outcome outcome = StandInDriver.Open().Run(Sums(poll), new(groups, 64, Cooperative: true), 1 + 2 * groups);
        Assert.That(outcome.Result, Is.Zero, outcome.Log);
        Assert.That(outcome.Words[(1 + groups)..], Is.All.EqualTo(groups * (groups + 1) / 2));
    }

    [Test]
    public void Without_the_barrier_it_is_a_race() =>
        Assert.That(StandInDriver.Open()
            .Run(Sums("", waits: false), new(4, 64, Cooperative: true), 9).Findings, Does.Contain("RACE between groups: read after write"));

    [Test]
    public void An_ordinary_launch_has_no_grid_barrier()
    {
        StandInDriver.Outcome outcome = StandInDriver.Open().Run(Sums("atom.add.u32 %r31, [%rd1], 0;"), new(2, 64), 5);
        Assert.That(outcome.Findings, Is.EqualTo(["DEADLOCK"]));
        Assert.That(outcome.Result, Is.EqualTo(StandInDriver.LaunchFailed));
    }

    [Test]
    public void Groups_that_wait_for_one_too_many_are_found() =>
        Assert.That(StandInDriver.Open().Run("wait: ld.volatile.u32 %r10, [%rd1]; setp.le.u32 %p1, %r10, %r3; @%p1 bra wait;",
            new(4, 32, Cooperative: true)).Findings, Is.EqualTo(["DEADLOCK"]));

    // Words go round: what was read in one step is overwritten in the next.
    [Test]
    public void Many_steps()
    {
        const int groups = 5, steps = 40;
        string step(int i) => Arrive.Replace("{0}", $"{i}a", StringComparison.Ordinal)
            .Replace("{1}", "atom.add.u32 %r31, [%rd1], 0;", StringComparison.Ordinal)
            + "@!%p1 ld.u32 %r12, [%rd5];\n"
            + Arrive.Replace("{0}", $"{i}b", StringComparison.Ordinal)
                .Replace("{1}", "atom.add.u32 %r31, [%rd1], 0;", StringComparison.Ordinal)
            + "add.u32 %r12, %r12, 1; @!%p1 st.u32 [%rd4], %r12;\n";
        StandInDriver.Outcome outcome = StandInDriver.Open().Run("""
            mov.u32 %r30, 0; setp.ne.u32 %p1, %r1, 0; add.u32 %r10, %r2, 1; rem.u32 %r11, %r10, %r3; add.u32 %r11, %r11, 1;
            mul.wide.u32 %rd4, %r10, 4; add.u64 %rd4, %rd1, %rd4; mul.wide.u32 %rd5, %r11, 4; add.u64 %rd5, %rd1, %rd5;
            mul.lo.u32 %r12, %r10, 100; @!%p1 st.u32 [%rd4], %r12;

            """ + string.Concat(Enumerable.Range(0, steps).Select(step)), new(groups, 33, Cooperative: true), 1 + groups);
        Assert.That(outcome.Result, Is.Zero, outcome.Log);
        Assert.That(outcome.Words[1..],
            Is.EqualTo(Enumerable.Range(0, groups).Select(g => (uint)(100 * ((g + steps) % groups + 1) + steps))));
    }

    // 132 multiprocessors of 2,048 threads, as many groups of 1,024 as there are registers for.
    [TestCase(132, 1024, 0)]
    [TestCase(133, 1024, StandInDriver.CooperativeTooLarge)]
    [TestCase(1056, 128, 0)]
    [TestCase(1057, 128, StandInDriver.CooperativeTooLarge)]
    public void Too_large_a_launch_is_refused(int groups, int threads, int expected)
    {
        StandInDriver.Outcome outcome = StandInDriver.Open().Run("", new(groups, threads, Cooperative: true));
        Assert.That(outcome.Result, Is.EqualTo(expected));
    }

    [Test]
    public unsafe void Occupancy_is_what_a_launch_is_held_to()
    {
        StandInDriver driver = StandInDriver.Open();
        (_, IntPtr function, _) = driver.Load("");
        var occupancy = (delegate* unmanaged<int*, IntPtr, int, nuint, int>)driver.Function("cuOccupancyMaxActiveBlocksPerMultiprocessor");
        int of(int threads, int bytes)
        {
            int groups;
            StandInDriver.Check(occupancy(&groups, function, threads, (nuint)bytes));
            return groups;
        }

        Assert.That((of(1024, 0), of(256, 0), of(128, 0), of(32, 0), of(32, 100_000)), Is.EqualTo((1, 4, 8, 25, 2)));
        int attribute;
        StandInDriver.Check(((delegate* unmanaged<int*, int, int, int>)driver.Function("cuDeviceGetAttribute"))(&attribute, 95, 0));
        Assert.That(attribute, Is.EqualTo(1));
    }
}
