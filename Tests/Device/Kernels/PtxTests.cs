using System.Text.RegularExpressions;
using FisherKernels.Bench;
using FisherKernels.Gpu.Device;
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
        Assert.That(SharedBytes(_ptx.Compile(typeof(FisherKernels.Gpu.Device.LinearKernel), CudaArchitecture.SM_80)),
            Is.EqualTo(2 * 2 * 8 * 72 * 4));

    [TestCase(typeof(FisherKernels.Gpu.Device.LinearKernel))]
    [TestCase(typeof(LinearInputGradientKernel))]
    [TestCase(typeof(LinearWeightGradientKernel))]
    public void A_product_reads_sixteen_bytes_at_a_time(Type kernel) =>
        Assert.That(_ptx.Compile(kernel, CudaArchitecture.SM_90), Does.Contain("ld.v4.f32").And.Contain("ld.shared.v4.f32"));

    // Two by eight fragments, three products each.
    [TestCase(typeof(LinearTensorKernel))]
    [TestCase(typeof(LinearWeightGradientTensorKernel))]
    public void A_stage_is_forty_eight_instructions_of_a_tensor_core(Type kernel) => Assert.That(
        Regex.Count(_ptx.Compile(kernel, CudaArchitecture.SM_80), @"mma\.sync\.aligned\.m16n8k8\.row\.col\.f32\.tf32\.tf32\.f32 \{%f\d+, "),
        Is.EqualTo(48));

    [TestCase(typeof(FactorKernel))]
    [TestCase(typeof(FarFactorKernel))]
    public void The_factor_s_sums_are_fused_and_nothing_is_called(Type kernel)
    {
        string ptx = _ptx.Compile(kernel, CudaArchitecture.SM_90);
        Assert.That(ptx, Does.Contain("fma.rn.f64").And.Contain("sqrt.rn.f64").And.Contain("div.rn.f64").And.Not.Contain("call.uni"));
    }

    [Test]
    public void What_groups_tell_each_other_passes_by_their_caches_and_leaves_them_as_they_are()
    {
        string ptx = _ptx.Compile(typeof(GreedyAtOnceKernel), CudaArchitecture.SM_90);
        Assert.That(ptx, Does.Contain("ld.relaxed.gpu.u64").And.Contain("st.relaxed.gpu.u64"));
        Assert.That(ptx, Does.Not.Contain("membar").And.Not.Contain("fence").And.Not.Contain("atom.").And.Not.Contain("call.uni"));
    }

    [TestCase(typeof(InformationKernel))]
    [TestCase(typeof(WhitenKernel))]
    [TestCase(typeof(AllPairsGradientKernel))]
    [TestCase(typeof(AllPairsLaplacianKernel))]
    public void Tiles_read_two_numbers_at_once(Type kernel) =>
        Assert.That(_ptx.Compile(kernel, CudaArchitecture.SM_90), Does.Contain("ld.shared.v2.f64").And.Contain("st.shared.v2.f64"));

    // A store that may go anywhere stands in the way of every load behind it.
    [TestCase(typeof(InformationKernel), 32)]
    [TestCase(typeof(WhitenKernel), 32)]
    [TestCase(typeof(AllPairsGradientKernel), 32)]
    [TestCase(typeof(LogDetGradientKernel), 16)]
    [TestCase(typeof(GreedyStartKernel), 16)]
    [TestCase(typeof(LaplacianKernel), 16)]
    public void Loads_from_memory_stand_together(Type kernel, int loads)
    {
        int most = 0, now = 0;
        foreach (string line in _ptx.Compile(kernel, CudaArchitecture.SM_90).Split('\n'))
        {
            now = StoreOrBarrier().IsMatch(line) ? 0 : GenericLoad().IsMatch(line) ? now + 1 : now;
            most = Math.Max(most, now);
        }

        Assert.That(most, Is.GreaterThanOrEqualTo(loads));
    }

    private static int SharedBytes(string ptx) =>
        SharedArray().Matches(ptx).Sum(match => int.Parse(match.Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture));

    [GeneratedRegex(@"^\s*(@!?%p\d+ )?(st\.|bar\.)")]
    private static partial Regex StoreOrBarrier();

    [GeneratedRegex(@"^\s*(@!?%p\d+ )?ld\.(f32|f64|b32|b64|u32|s32)")]
    private static partial Regex GenericLoad();

    [GeneratedRegex(@"\.shared[^;\[]*\[(\d+)\]")]
    private static partial Regex SharedArray();
}
