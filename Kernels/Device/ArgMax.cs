using ILGPU;

namespace FisherKernels.Kernels.Device;

/// <summary>The largest key of a group of 64 threads, the lower number of equal ones.</summary>
/// <remarks>An order without ties between numbers: the same one is found whatever the groups that looked for it.</remarks>
internal static class ArgMax
{
    /// <summary>What a thread brings that found nothing: keys of numbers are ≥ 0.</summary>
    public const int NoNumber = -1, NoKey = -1;

    /// <summary>Whether the first comes before the second.</summary>
    public static bool Before(double key, int number, double than, int thanNumber) => key > than || key == than && number < thanNumber;

    /// <summary>The best number of all threads, its key in key_t[0]; NoNumber where there is none.</summary>
    /// <param name="key_t">[64], shared memory.</param>
    /// <param name="number_t">[64], shared memory.</param>
    /// <param name="key">The thread's own.</param>
    /// <param name="number">The thread's own.</param>
    public static int Of(ArrayView<double> key_t, ArrayView<int> number_t, double key, int number)
    {
        int t = Group.IdxX;
        key_t[t] = key;
        number_t[t] = number;
        Group.Barrier();
        for (int half = Block.Threads / 2; half > 0; half /= 2)
        {
            if (t < half && Before(key_t[t + half], number_t[t + half], key_t[t], number_t[t]))
            {
                key_t[t] = key_t[t + half];
                number_t[t] = number_t[t + half];
            }

            Group.Barrier();
        }

        return number_t[0];
    }
}
