using System.Numerics;
using FisherKernels.Kernels;
using FisherKernels.Learning.Pools;

namespace FisherKernels.Learning.Models;

/// <summary>The responses that some comparisons name, each with the first one whose embedding the model cannot tell from its own.</summary>
internal sealed class ComparedRows
{
    private readonly int[] _rows, _first;

    private ComparedRows(int[] rows, int[] first) => (_rows, _first) = (rows, first);

    /// <summary>How many.</summary>
    public int Count => _rows.Length;

    /// <summary>Rows of the pool, ascending.</summary>
    public ReadOnlySpan<int> Rows => _rows;

    /// <summary>Whether a row is the first of its kind.</summary>
    public bool IsFirst(int number) => _first[number] == number;

    /// <summary>Reads every one of them once.</summary>
    /// <exception cref="InputException">An embedding is NaN or infinite: names its row, prompt, column and comparison.</exception>
    public static ComparedRows Create(EmbeddingPool pool, BradleyTerryMlp model, ReadOnlySpan<Comparison> comparisons)
    {
        var pairs = new Pair[comparisons.Length];
        for (int i = 0; i < pairs.Length; i++)
        {
            pairs[i] = comparisons[i].Pair;
        }

        int[] rows = Labels.Distinct(pairs), first = new int[rows.Length];
        var seen = new Dictionary<UInt128, int>();
        int inputs = model.Shape.Inputs;
        try
        {
            model.Read(pool, rows, (start, rows_pD) =>
            {
                for (int j = 0; j < rows_pD.Length / inputs; j++)
                {
                    UInt128 mark = Mark(rows_pD.Slice(j * inputs, inputs));
                    first[start + j] = seen.TryGetValue(mark, out int before) ? before : seen[mark] = start + j;
                }
            });
        }
        catch (InputException exception) when (pool.NotFinite(rows) is { Length: > 0 } broken)
        {
            int at = Array.FindIndex(pairs, pair => pair.First == broken[0] || pair.Second == broken[0]);
            throw new InputException(
                $"Comparison {at} is of responses {pairs[at].First} and {pairs[at].Second}. {exception.Message}", exception);
        }

        return new ComparedRows(rows, first);
    }

    /// <summary>What a pair asks, whichever side is first and whichever copies of its responses it names: numbers into
    /// <see cref="Rows"/>, ascending.</summary>
    public Pair Question(Pair pair)
    {
        int a = _first[Array.BinarySearch(_rows, pair.First)], b = _first[Array.BinarySearch(_rows, pair.Second)];
        return a < b ? new Pair(a, b) : new Pair(b, a);
    }

    /// <summary>Whether the model cannot tell the two apart, whatever it learns.</summary>
    public bool IsIdentical(Pair pair) => Question(pair) is var question && question.First == question.Second;

    // Two sums of 64 bits: different rows do not share both by accident. Adding 0 makes −0 the 0 that it is equal to.
    private static UInt128 Mark(ReadOnlySpan<float> row)
    {
        ulong a = 0x9E3779B97F4A7C15, b = 0xC2B2AE3D27D4EB4F;
        foreach (float number in row)
        {
            uint bits = BitConverter.SingleToUInt32Bits(number + 0f);
            a = BitOperations.RotateLeft((a ^ bits) * 0xD6E8FEB86659FD93, 29);
            b = (BitOperations.RotateLeft(b, 37) + bits) * 0xFF51AFD7ED558CCD;
        }

        return new UInt128(a, b);
    }
}
