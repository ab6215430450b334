using System.Diagnostics;
using FisherKernels.Bench;
using NUnit.Framework;

namespace FisherKernels.Tests;

/// <summary>What is written of that which ILGPU keeps to itself.</summary>
public sealed class TraceTests
{
    private const string Variable = "FISHER_TRACE";

    private string? _before;

    [SetUp]
    public void Remember() => _before = Environment.GetEnvironmentVariable(Variable);

    [TearDown]
    public void Restore() => Environment.SetEnvironmentVariable(Variable, _before);

    [Test]
    public void On_request_a_missing_library_and_what_a_compiler_says_are_written_and_nothing_else()
    {
        Environment.SetEnvironmentVariable(Variable, "1");
        using var said = new StringWriter();
        using (DeviceTrace.Begin(said))
        {
            Assert.That(() => throw new DllNotFoundException("no libcuda"), Throws.InstanceOf<DllNotFoundException>());
            Assert.That(() => throw new InvalidOperationException("of our own"), Throws.InvalidOperationException);
            Trace.WriteLine("ptxas: line 7");
        }

        Trace.WriteLine("later");
        Assert.That(said.ToString(), Does.Contain("trace: DllNotFoundException: no libcuda").And.Contain("ptxas: line 7"));
        Assert.That(said.ToString(), Does.Not.Contain("of our own").And.Not.Contain("later"));
    }

    [Test]
    public void Unasked_nothing_is_listened_to()
    {
        Environment.SetEnvironmentVariable(Variable, null);
        Assert.That(DeviceTrace.Begin(TextWriter.Null), Is.Null);
    }
}
