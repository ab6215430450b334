using System.Text.RegularExpressions;
using FisherKernels.Bench;
using FisherKernels.Kernels.Device;
using ILGPU.Runtime.Cuda;
using NUnit.Framework;

namespace FisherKernels.Tests;

/// <summary>Every kernel compiles to PTX, with nothing in slow local memory and little enough shared memory; no GPU needed.</summary>
public sealed partial class PtxTests
{
    private readonly KernelPtx _ptx = new();

    public static IEnumerable<TestCaseData> Kernels =>
        from type in KernelPtx.Kernels
        from architecture in new[] { CudaArchitecture.SM_80, CudaArchitecture.SM_90 }
        select new TestCaseData(type, architecture).SetArgDisplayNames(type.Name, architecture.ToString());

    [OneTimeTearDown]
    public void Close() => _ptx.Dispose();

    [TestCaseSource(nameof(Kernels))]
    public void Compiles_into_registers_and_shared_memory(Type kernel, CudaArchitecture architecture)
    {
        string ptx = _ptx.Compile(kernel, architecture);

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
        Assert.That(SharedBytes(_ptx.Compile(typeof(FisherKernels.Kernels.Device.LinearKernel), CudaArchitecture.SM_80)), Is.EqualTo(2 * 32 * 33 * 4));

    [Test]
    public void The_factor_s_sums_are_fused_and_nothing_is_called()
    {
        string ptx = _ptx.Compile(typeof(FactorKernel), CudaArchitecture.SM_90);
        Assert.That(ptx, Does.Contain("fma.rn.f64").And.Contain("sqrt.rn.f64").And.Contain("div.rn.f64").And.Not.Contain("call.uni"));
    }

    private static int SharedBytes(string ptx) =>
        SharedArray().Matches(ptx).Sum(match => int.Parse(match.Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture));

    [GeneratedRegex(@"\.shared[^;\[]*\[(\d+)\]")]
    private static partial Regex SharedArray();
}
