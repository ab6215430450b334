using FisherKernels.Kernels;

namespace FisherKernels.Learning.Clustering;

/// <summary>Who shares work on the host.</summary>
/// <param name="on">Whose host threads; null for the caller alone.</param>
internal sealed class HostThreads(Backend? on)
{
    /// <summary>Runs <paramref name="body"/>(first, end) for blocks of so many of <paramref name="length"/>; blocks write to different places.</summary>
    /// <param name="length">How many.</param>
    /// <param name="block">In a block; what is computed depends on it, and not on the threads.</param>
    /// <param name="each">Innermost steps of one, about.</param>
    /// <param name="body">One block.</param>
    public void Share(int length, int block, int each, Action<int, int> body)
    {
        int count = (length + block - 1) / block;
        void Run(int number) => body(number * block, Math.Min((number + 1) * block, length));
        if (on is null)
        {
            for (int number = 0; number < count; number++)
            {
                Run(number);
            }
        }
        else
        {
            on.Share(count, (long)length * each, Run);
        }
    }
}
