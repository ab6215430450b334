using FisherKernels.Learning;

namespace FisherKernels.Bench.Experiments.Generate;

/// <summary>Nearly normal numbers, cheaply: three billion of them are drawn for one data set of full size.</summary>
internal static class Normals
{
    // Sums of four uniform numbers of 16 bits (Irwin and Hall): mean 0, variance 1, tails that end at 3.5. Mixing columns brings
    // them closer still.
    private const float Mean = 4 * 65535f / 2, Scale = 1 / 37837.2f; // √(4 · 65536² / 12)

    /// <summary>The next one.</summary>
    public static float Next(SeededRandom random)
    {
        ulong bits = random.NextBits();
        uint sum = (uint)(bits & 0xFFFF) + (uint)((bits >> 16) & 0xFFFF) + (uint)((bits >> 32) & 0xFFFF) + (uint)(bits >> 48);
        return (sum - Mean) * Scale;
    }

    /// <summary>The next ones.</summary>
    public static void Fill(SeededRandom random, Span<float> numbers)
    {
        for (int j = 0; j < numbers.Length; j++)
        {
            numbers[j] = Next(random);
        }
    }
}
