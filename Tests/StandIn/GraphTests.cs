using System.Diagnostics;
using NUnit.Framework;

namespace FisherKernels.Tests.StandIn;

/// <summary>Launches that are written down and done again.</summary>
public sealed unsafe class GraphTests
{
    private const int Relaxed = 2;

    [Test]
    public void A_captured_launch_runs_when_it_is_replayed()
    {
        StandInDriver driver = StandInDriver.Open();
        (_, IntPtr count, _) = driver.Load("ld.u32 %r10, [%rd1]; add.u32 %r10, %r10, 1; st.u32 [%rd1], %r10;");
        IntPtr words = driver.Allocate(1);
        driver.Upload(words, [0]);
        IntPtr stream = Stream(driver, nonBlocking: true);

        StandInDriver.Check(Begin(driver, stream));
        StandInDriver.Check(driver.Submit(count, new(), words, words, stream));
        StandInDriver.Check(driver.Submit(count, new(), words, words, stream));
        IntPtr graph, executable;
        StandInDriver.Check(((delegate* unmanaged<IntPtr, IntPtr*, int>)driver.Function("cuStreamEndCapture"))(stream, &graph));
        Assert.That(driver.Download(words, 1), Is.EqualTo([0u]), "nothing runs while it is captured");

        StandInDriver.Check(
            ((delegate* unmanaged<IntPtr*, IntPtr, ulong, int>)driver.Function("cuGraphInstantiateWithFlags"))(&executable, graph, 0));
        for (int i = 0; i < 3; i++)
        {
            StandInDriver.Check(((delegate* unmanaged<IntPtr, IntPtr, int>)driver.Function("cuGraphLaunch"))(executable, stream));
        }

        Assert.That(driver.Download(words, 1), Is.EqualTo([6u]));
        StandInDriver.Check(((delegate* unmanaged<IntPtr, int>)driver.Function("cuGraphExecDestroy"))(executable));
        StandInDriver.Check(((delegate* unmanaged<IntPtr, int>)driver.Function("cuGraphDestroy"))(graph));
        StandInDriver.Check(((delegate* unmanaged<IntPtr, int>)driver.Function("cuStreamDestroy_v2"))(stream));
        driver.Free(words);
    }

    [Test]
    public void The_legacy_stream_is_not_captured() => Assert.That(Begin(StandInDriver.Open(), 0), Is.EqualTo(900));

    // A blocking stream that is captured and the legacy stream would have to wait for each other; both learn it.
    [TestCase(false, 906, 901)]
    [TestCase(true, 0, 0)]
    public void The_legacy_stream_beside_a_capture(bool nonBlocking, int launched, int ended)
    {
        StandInDriver driver = StandInDriver.Open();
        (_, IntPtr nothing, _) = driver.Load("");
        IntPtr words = driver.Allocate(1), stream = Stream(driver, nonBlocking), graph;
        StandInDriver.Check(Begin(driver, stream));
        Assert.That(driver.Submit(nothing, new(), words, words, 0), Is.EqualTo(launched));
        Assert.That(((delegate* unmanaged<IntPtr, IntPtr*, int>)driver.Function("cuStreamEndCapture"))(stream, &graph), Is.EqualTo(ended));
        StandInDriver.Check(((delegate* unmanaged<IntPtr, int>)driver.Function("cuStreamDestroy_v2"))(stream));
        driver.Free(words);
    }

    [Test]
    public void A_stream_that_is_captured_cannot_be_waited_for()
    {
        StandInDriver driver = StandInDriver.Open();
        IntPtr stream = Stream(driver, nonBlocking: true), graph;
        StandInDriver.Check(Begin(driver, stream));
        Assert.That(((delegate* unmanaged<IntPtr, int>)driver.Function("cuStreamSynchronize"))(stream), Is.EqualTo(900));
        Assert.That(((delegate* unmanaged<IntPtr, IntPtr*, int>)driver.Function("cuStreamEndCapture"))(stream, &graph), Is.EqualTo(901));
        StandInDriver.Check(((delegate* unmanaged<IntPtr, int>)driver.Function("cuStreamDestroy_v2"))(stream));
    }

    [Test]
    public void Events_tell_the_time_that_passed()
    {
        StandInDriver driver = StandInDriver.Open();
        IntPtr before, after;
        var create = (delegate* unmanaged<IntPtr*, uint, int>)driver.Function("cuEventCreate");
        var record = (delegate* unmanaged<IntPtr, IntPtr, int>)driver.Function("cuEventRecord");
        StandInDriver.Check(create(&before, 0));
        StandInDriver.Check(create(&after, 0));
        StandInDriver.Check(record(before, 0));
        var clock = Stopwatch.StartNew();
        SpinWait.SpinUntil(() => clock.Elapsed >= TimeSpan.FromMilliseconds(5));
        double between = clock.Elapsed.TotalMilliseconds;
        StandInDriver.Check(record(after, 0));
        float milliseconds;
        StandInDriver.Check(
            ((delegate* unmanaged<float*, IntPtr, IntPtr, int>)driver.Function("cuEventElapsedTime"))(&milliseconds, before, after));
        // What the host took lies between the two events.
        Assert.That(milliseconds, Is.GreaterThanOrEqualTo(between - 0.01));
    }

    private static IntPtr Stream(StandInDriver driver, bool nonBlocking)
    {
        IntPtr stream;
        StandInDriver.Check(((delegate* unmanaged<IntPtr*, uint, int>)driver.Function("cuStreamCreate"))(&stream, nonBlocking ? 1u : 0));
        return stream;
    }

    private static int Begin(StandInDriver driver, IntPtr stream) =>
        ((delegate* unmanaged<IntPtr, int, int>)driver.Function("cuStreamBeginCapture_v2"))(stream, Relaxed);
}
