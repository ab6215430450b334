using System.Reflection;
using FisherKernels.Bench.Cases;
using FisherKernels.Kernels;
using FisherKernels.Tests.Reference;
using NUnit.Framework;

namespace FisherKernels.Tests.House;

/// <summary>Every operation of the seam has cases, a definition that they are held to, and a step of the test that a device passes before
/// it is used.</summary>
public sealed class OperationsComplete
{
    // Public methods that compute nothing: they register, open, close and carry. A selector is two operations on spans; its tests say so.
    private static readonly string[] NoOperations =
    [
        nameof(Backend.Register), nameof(Backend.Open), nameof(Backend.Devices), nameof(Backend.Allocate), nameof(Backend.Upload),
        nameof(Backend.Graph), nameof(Backend.CreateSelector), nameof(Backend.Synchronize), nameof(Backend.Dispose),
    ];

    public static IEnumerable<string> Operations => typeof(Backend)
        .GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly)
        .Where(method => !method.IsSpecialName)
        .Select(method => method.Name)
        .Except(NoOperations)
        .Distinct();

    [TestCaseSource(nameof(Operations))]
    public void Has_a_case_and_a_definition(string operation)
    {
        OperationCase[] cases = [.. OperationCases.Small.Where(one => one.Operation == operation)];
        Assert.That(cases, Is.Not.Empty, $"{operation} has no case in Bench/Device/Cases.");
        OperationCase least = cases.MinBy(one => one.Work)!;
        Assert.That(least.Make().GetType().Name, Is.EqualTo(operation), "the case's operation");
        Assert.That(() => Definition.Of(least.Make()), Throws.Nothing);
    }

    [Test]
    public void Every_case_is_of_an_operation() =>
        Assert.That(OperationCases.All.Select(one => one.Operation).Distinct(), Is.EquivalentTo(Operations));

    [Test]
    public void Every_operation_is_a_step_of_the_self_test()
    {
        using Backend cpu = Backend.Open(BackendKind.Cpu, threads: 1);
        string[] steps = [.. SelfTest.Results(cpu).Select(step => step.Operation).Distinct()];
        Assert.That(Operations.Except(steps), Is.Empty, "operations without a step in Kernels/SelfTest.cs");
        Assert.That(NoOperations.Except(typeof(Backend).GetMethods().Select(method => method.Name)), Is.Empty, "names that are gone");
    }
}
