using System.Runtime.InteropServices;
using FisherKernels.Kernels;

namespace FisherKernels.Learning.Models;

/// <summary>Comparisons over the distinct responses that occur in them: each response goes through the network once (MATH.md §1).</summary>
internal sealed class Labels
{
    /// <param name="comparisons">Over rows of a pool.</param>
    public Labels(ReadOnlySpan<Comparison> comparisons)
    {
        Pairs = new Pair[comparisons.Length];
        Preferences = new float[comparisons.Length];
        for (int i = 0; i < comparisons.Length; i++)
        {
            Pairs[i] = comparisons[i].Pair;
            Preferences[i] = Math.Clamp(comparisons[i].Preference, 0, 1);
        }

        Responses = Distinct(Pairs);
        for (int i = 0; i < Pairs.Length; i++)
        {
            Pairs[i] = Local(Responses, Pairs[i]);
        }
    }

    /// <summary>Rows of the pool, ascending.</summary>
    public int[] Responses { get; }

    /// <summary>The compared pairs, as indices into <see cref="Responses"/>.</summary>
    public Pair[] Pairs { get; }

    /// <summary>The preference h for the first of each pair, in [0, 1].</summary>
    public float[] Preferences { get; }

    /// <summary>The responses that occur in some pairs, ascending.</summary>
    public static int[] Distinct(ReadOnlySpan<Pair> pairs)
    {
        int[] rows = MemoryMarshal.Cast<Pair, int>(pairs).ToArray();
        Array.Sort(rows);
        int count = 0;
        foreach (int row in rows)
        {
            if (count == 0 || rows[count - 1] != row)
            {
                rows[count++] = row;
            }
        }

        return rows[..count];
    }

    /// <summary>The pair by the numbers of its responses in an ascending list.</summary>
    public static Pair Local(ReadOnlySpan<int> responses, Pair pair) =>
        new(responses.BinarySearch(pair.First), responses.BinarySearch(pair.Second));
}
