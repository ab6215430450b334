using FisherKernels.Bench;
using FisherKernels.Gpu.Device;
using ILGPU.Runtime.Cuda;
using NUnit.Framework;

namespace FisherKernels.Tests;

/// <summary>Every kernel as the GPU maker's assembler makes it for an H100: all in registers, and few enough of them for its
/// launch.</summary>
public sealed class PtxasTests
{
    // Of a multiprocessor; what one thread may have; what a group may have of shared memory without asking for more.
    private const int RegisterFile = 65_536, MostRegisters = 255, MostShared = 48 * 1024;

    // Kernels that are quick because their loads are under way together; of those by Linear… each brings four numbers.
    private static readonly Dictionary<Type, int> Together = new()
    {
        [typeof(InformationKernel)] = 16,
        [typeof(WhitenKernel)] = 16,
        [typeof(AllPairsGradientKernel)] = 16,
        [typeof(LaplacianKernel)] = 4,
        [typeof(LogDetGradientKernel)] = 8,
        [typeof(GreedyStartKernel)] = 8,
        [typeof(GreedyAtOnceKernel)] = 4,
        [typeof(TopSelectKernel)] = 4,
        [typeof(LinearKernel)] = 4,
        [typeof(LinearTensorKernel)] = 4,
        [typeof(LinearInputGradientKernel)] = 4,
        [typeof(LinearWeightGradientKernel)] = 4,
        [typeof(LinearWeightGradientTensorKernel)] = 4,
        [typeof(LinearSumKernel)] = 4,
    };

    private readonly KernelPtx _ptx = new();

    public static IEnumerable<TestCaseData> Kernels =>
        KernelPtx.Kernels.Select(kernel => new TestCaseData(kernel).SetArgDisplayNames(kernel.Name));

    [OneTimeTearDown]
    public void Close() => _ptx.Dispose();

    [TestCaseSource(nameof(Kernels))]
    public void Nothing_is_spilled_and_a_group_fits(Type kernel)
    {
        (Assembler? assembler, string absent) = Assembler.Find();
        if (assembler is null)
        {
            Assert.Ignore(absent);
        }

        Assembled made = assembler!.Assemble(_ptx.Compile(kernel, CudaArchitecture.SM_90));

        int threads = Threads(kernel);
        TestContext.Out.WriteLine(
            $"{kernel.Name}: {made.Registers} registers of {threads} threads, {made.SharedBytes:N0} bytes shared, {made.LoadsInFlight()} "
            + "loads in flight");
        Assert.That((made.StackBytes, made.SpilledBytes), Is.EqualTo((0, 0)), "bytes of stack and of spilled registers");
        Assert.That(made.Registers, Is.InRange(1, MostRegisters));

        // Registers are given out to a warp in steps of eight a thread.
        Assert.That((made.Registers + 7) / 8 * 8 * threads, Is.LessThanOrEqualTo(RegisterFile), $"registers of a group of {threads}");
        Assert.That(made.SharedBytes, Is.LessThanOrEqualTo(MostShared));
        if (made.Code.Count > 0 && Together.TryGetValue(kernel, out int loads))
        {
            Assert.That(made.LoadsInFlight(), Is.GreaterThanOrEqualTo(loads), "loads that are waited for together");
        }
    }

    [Test]
    public void What_the_assembler_says_is_read()
    {
        Assembled made = Assembled.Read(
            """
            ptxas info    : Function properties for Kernel_Run
                8 bytes stack frame, 4 bytes spill stores, 12 bytes spill loads
            ptxas info    : Used 55 registers, 16896 bytes smem
            """,
            """
                    /*0500*/                   LD.E R10, desc[UR10][R10.64] ;
                    /*0510*/                   LD.E.64 R12, desc[UR10][R2.64] ;
                    /*0520*/              @!P0 LDG.E R20, desc[UR10][R4.64] ;
                    /*0530*/                   FADD R1, R13, R2 ;
            .L_x_1:
                    /*0540*/                   LD.E R10, desc[UR10][R2.64] ;
                    /*0550*/                   LDS R11, [R7] ;
                    /*0560*/                   BAR.SYNC.DEFER_BLOCKING 0x0 ;
                    /*0570*/                   LD.E R12, desc[UR10][R2.64] ;
                    /*0580*/                   ST.E desc[UR10][R2.64], R12 ;
            """);

        Assert.That((made.Registers, made.StackBytes, made.SpilledBytes, made.SharedBytes), Is.EqualTo((55, 8, 16, 16896)));
        Assert.That(made.Code, Has.Count.EqualTo(10), "nine instructions and a label");
        Assert.That(made.LoadsInFlight(), Is.EqualTo(3),
            "three before the sum reads the upper half of the second; a barrier ends what follows");
        const string Chain = "/*0500*/ LD.E R10, desc[UR10][R2.64] ;\n/*0510*/ LD.E R11, desc[UR10][R10.64] ;";
        Assert.That(Assembled.Read("", Chain).LoadsInFlight(), Is.EqualTo(1), "an address that is awaited");
    }

    // A kernel that needs a group of a certain size says so in a constant; the runtime's choice and the others' is up to 256.
    private static int Threads(Type kernel) => kernel.GetField("Threads")?.GetRawConstantValue() is int threads ? threads : 256;
}
