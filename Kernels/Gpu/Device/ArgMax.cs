using ILGPU;

namespace FisherKernels.Gpu.Device;

/// <summary>The largest key of a group of 64 threads, the lower number of equal ones.</summary>
/// <remarks>An order without ties between numbers: the same one is found whatever the groups that looked for it.</remarks>
internal static class ArgMax
{
    /// <summary>What a thread brings that found nothing: keys of numbers are ≥ 0.</summary>
    public const int NoNumber = -1, NoKey = -1;

    /// <summary>Threads whose keys <see cref="OfWide"/> looks at.</summary>
    public const int Wide = 256;

    /// <summary>Whether the first comes before the second; without a branch, which would cost more than both comparisons.</summary>
    public static bool Before(double key, int number, double than, int thanNumber) => key > than | (key == than & number < thanNumber);

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

    /// <summary>The best of 256 keys, one of each of the first 256 threads, for every thread; in rounds of four, which need half
    /// the barriers.</summary>
    /// <param name="key_t">[256], shared memory.</param>
    /// <param name="number_t">[256], shared memory.</param>
    /// <param name="own">The thread's own; of no account from the 257th thread on.</param>
    public static Keyed OfWide(ArrayView<double> key_t, ArrayView<int> number_t, Keyed own)
    {
        int t = Group.IdxX;
        if (t < Wide)
        {
            key_t[t] = own.Key;
            number_t[t] = own.Number;
        }

        Group.Barrier();
        for (int left = Wide / 4; left > 1; left /= 4)
        {
            if (t < left)
            {
                Keyed four = OfFour(key_t, number_t, t, left);
                key_t[t] = four.Key;
                number_t[t] = four.Number;
            }

            Group.Barrier();
        }

        return OfFour(key_t, number_t, 0, 1);
    }

    // The best at first, first + apart, first + 2 apart, first + 3 apart.
    private static Keyed OfFour(ArrayView<double> key_t, ArrayView<int> number_t, int first, int apart)
    {
        int second = first + apart, third = second + apart, fourth = third + apart;
        Keyed left = Better(new(key_t[first], number_t[first]), new(key_t[second], number_t[second]));
        Keyed right = Better(new(key_t[third], number_t[third]), new(key_t[fourth], number_t[fourth]));
        return Better(left, right);
    }

    private static Keyed Better(Keyed one, Keyed other) => Before(other.Key, other.Number, one.Key, one.Number) ? other : one;
}

/// <summary>A pair's number and what it is chosen by.</summary>
internal readonly struct Keyed(double key, int number)
{
    public readonly double Key = key;
    public readonly int Number = number;
}
