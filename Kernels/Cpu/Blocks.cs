namespace FisherKernels.Kernels.Cpu;

/// <summary>Work cut into blocks by its shape alone, so that what is computed does not depend on how many threads share it.</summary>
internal static class Blocks
{
    // Below some ten microseconds of work, waking a second thread costs more than it saves.
    private const long WorthSharing = 500_000;

    /// <summary>Runs <paramref name="body"/>(0 … count − 1), in any order where there are several threads.</summary>
    /// <param name="threads">At most so many at once; 1 stays on the caller's.</param>
    /// <param name="count">Number of blocks.</param>
    /// <param name="work">Innermost steps of all blocks together, about.</param>
    /// <param name="body">One block; blocks write to different places.</param>
    public static void Run(int threads, int count, long work, Action<int> body)
    {
        if (threads == 1 || count <= 1 || work < WorthSharing)
        {
            for (int block = 0; block < count; block++)
            {
                body(block);
            }
        }
        else
        {
            Parallel.For(0, count, new ParallelOptions { MaxDegreeOfParallelism = threads }, body);
        }
    }

    /// <summary>Blocks of <paramref name="size"/> that <paramref name="length"/> makes.</summary>
    public static int Count(int length, int size) => (length + size - 1) / size;
}
