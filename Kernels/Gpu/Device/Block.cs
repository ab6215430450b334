namespace FisherKernels.Gpu.Device;

/// <summary>What products in float64 are cut into: 32×32 numbers, worked on by a group of 64 threads.</summary>
internal static class Block
{
    public const int Side = 32, Threads = 64;

    public static int Count(int numbers) => (numbers + Side - 1) / Side;
}
