namespace FisherKernels.Kernels.Cpu;

/// <summary>Work cut into blocks by its shape alone, so that what is computed does not depend on how many threads share it.</summary>
internal static class Blocks
{
    // Below some ten microseconds of work, waking a second thread costs more than it saves.
    private const long WorthSharing = 100_000;

    /// <summary>Runs <paramref name="body"/>(0 … count − 1), in any order where there are several threads.</summary>
    /// <param name="threads">Who shares the work.</param>
    /// <param name="count">Number of blocks.</param>
    /// <param name="work">Innermost steps of all blocks together, about.</param>
    /// <param name="body">One block; blocks write to different places.</param>
    public static void Run(Workers threads, int count, long work, Action<int> body) =>
        Run(threads, count, work, (block, _) => body(block));

    /// <summary>The same, for blocks that need scratch: of those that run at once, no two have the same lane.</summary>
    public static void Run(Workers threads, int count, long work, Action<int, int> body)
    {
        if (work < WorthSharing)
        {
            for (int block = 0; block < count; block++)
            {
                body(block, 0);
            }
        }
        else
        {
            threads.Run(count, body);
        }
    }

    /// <summary>Blocks of <paramref name="size"/> that <paramref name="length"/> makes.</summary>
    public static int Count(int length, int size) => (length + size - 1) / size;
}
