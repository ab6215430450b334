namespace FisherKernels.Kernels.Numerics;

/// <summary>Threads that share blocks of work.</summary>
internal interface IBlockRunner
{
    /// <summary>Runs <paramref name="body"/>(0 … <paramref name="count"/> − 1, lane), by several threads where that pays.</summary>
    /// <param name="count">Number of blocks.</param>
    /// <param name="work">Innermost steps of all blocks together, about.</param>
    /// <param name="body">One block and its lane; blocks write to different places, and no two that run at once have the same lane.</param>
    void Run(int count, long work, Action<int, int> body);
}
