using FisherKernels.Kernels;

namespace FisherKernels.Learning.Clustering;

/// <summary>Who shares work on the host.</summary>
/// <param name="on">Whose host threads; null for the caller alone.</param>
internal sealed class HostThreads(Backend? on)
{
    /// <summary>Blocks that may run at once have lanes of their own, from 0.</summary>
    public int Lanes => on?.Lanes ?? 1;

    /// <summary>Runs <paramref name="body"/>(first, end) for blocks of so many of <paramref name="length"/>; blocks write to different places.</summary>
    /// <param name="length">How many.</param>
    /// <param name="block">In a block; what is computed depends on it, and not on the threads.</param>
    /// <param name="each">Innermost steps of one, about.</param>
    /// <param name="body">One block.</param>
    public void Share(int length, int block, int each, Action<int, int> body) => Share(length, block, each, (first, end, _) => body(first, end));

    /// <summary>The same, with the block's lane.</summary>
    public void Share(int length, int block, int each, Action<int, int, int> body)
    {
        int count = (length + block - 1) / block;
        void Run(int number, int lane) => body(number * block, Math.Min((number + 1) * block, length), lane);
        if (on is null)
        {
            for (int number = 0; number < count; number++)
            {
                Run(number, 0);
            }
        }
        else
        {
            on.Share(count, (long)length * each, Run);
        }
    }
}
