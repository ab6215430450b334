using System.Runtime.ExceptionServices;

namespace FisherKernels.Learning.Pools;

/// <summary>Work in blocks on all cores that fails as it would on one.</summary>
internal static class Blocks
{
    /// <summary>Does every block; of several that fail, the first one's exception is thrown, whichever was done first.</summary>
    public static void InOrder(int count, Action<int> work)
    {
        if (count == 1)
        {
            work(0);
            return;
        }

        var failures = new ExceptionDispatchInfo?[count];
        Parallel.For(0, count, block =>
        {
            try
            {
                work(block);
            }
            catch (Exception exception)
            {
                failures[block] = ExceptionDispatchInfo.Capture(exception);
            }
        });
        Array.Find(failures, failure => failure is not null)?.Throw();
    }
}
