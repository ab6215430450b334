using System.Reflection;
using System.Text.RegularExpressions;
using FisherKernels.Kernels;
using FisherKernels.Kernels.Device;
using ILGPU;
using ILGPU.Algorithms;
using ILGPU.Backends.EntryPoints;
using ILGPU.Backends.PTX;
using ILGPU.IR;
using ILGPU.Runtime.Cuda;
using NUnit.Framework;

namespace FisherKernels.Tests;

/// <summary>Every kernel compiles to PTX, with nothing in slow local memory and little enough shared memory; no GPU needed.</summary>
public sealed partial class PtxTests
{
    private readonly Context _context = Context.Create(builder =>
    {
        builder.EnableAlgorithms();
        Fused.Register(builder.GetIntrinsicManager());
    });

    public static IEnumerable<TestCaseData> Kernels =>
        from type in typeof(BackendKind).Assembly.GetTypes()
        where type.Namespace == "FisherKernels.Kernels.Device" && type.Name.EndsWith("Kernel", StringComparison.Ordinal)
        orderby type.Name
        from architecture in new[] { CudaArchitecture.SM_80, CudaArchitecture.SM_90 }
        select new TestCaseData(type, architecture).SetArgDisplayNames(type.Name, architecture.ToString());

    [OneTimeTearDown]
    public void Close() => _context.Dispose();

    [TestCaseSource(nameof(Kernels))]
    public void Compiles_into_registers_and_shared_memory(Type kernel, CudaArchitecture architecture)
    {
        MethodInfo run = kernel.GetMethod("Run", BindingFlags.Static | BindingFlags.Public)!;
        Assert.That(run, Is.Not.Null, "a kernel's method is called Run");
        string ptx = Compile(run, architecture);

        Assert.That(ptx, Does.Contain(".entry"));
        Assert.That(ptx, Does.Not.Contain("ld.local").And.Not.Contain("st.local").And.Not.Contain(".local "));
        Assert.That(SharedBytes(ptx), Is.LessThan(48 * 1024));
        // ILGPU 1.5.3 turns (float)(condition ? 1 : 0) into the float whose bits are 1.
        Assert.That(ptx, Does.Not.Contain("0f00000001").And.Not.Contain("0d0000000000000001"));
        // Float sums in an unknown order would not repeat.
        Assert.That(ptx, Does.Not.Match(@"(atom|red)\.[a-z.]*\.f(32|64)"));
    }

    [Test]
    public void Shared_memory_is_read_from_the_assembly() =>
        Assert.That(SharedBytes(Compile(typeof(FisherKernels.Kernels.Device.LinearKernel).GetMethod("Run")!, CudaArchitecture.SM_80)), Is.EqualTo(2 * 32 * 33 * 4));

    [Test]
    public void The_factor_s_sums_are_fused_and_nothing_is_called()
    {
        string ptx = Compile(typeof(FactorKernel).GetMethod("Run")!, CudaArchitecture.SM_90);
        Assert.That(ptx, Does.Contain("fma.rn.f64").And.Contain("sqrt.rn.f64").And.Contain("div.rn.f64").And.Not.Contain("call.uni"));
    }

    private string Compile(MethodInfo run, CudaArchitecture architecture)
    {
        using var backend = new PTXBackend(_context, architecture, CudaInstructionSet.ISA_80, null!);
        EntryPointDescription entry = run.GetParameters()[0].ParameterType == typeof(Index1D)
            ? EntryPointDescription.FromImplicitlyGroupedKernel(run)
            : EntryPointDescription.FromExplicitlyGroupedKernel(run);
        return ((PTXCompiledKernel)backend.Compile(entry, default)).PTXAssembly;
    }

    private static int SharedBytes(string ptx) =>
        SharedArray().Matches(ptx).Sum(match => int.Parse(match.Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture));

    [GeneratedRegex(@"\.shared[^;\[]*\[(\d+)\]")]
    private static partial Regex SharedArray();
}
