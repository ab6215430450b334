using System.Numerics;
using System.Numerics.Tensors;

namespace FisherKernels.Learning.Clustering;

/// <summary>To which centre each point belongs so far, and how far off that is.</summary>
internal sealed class Assignment : IDisposable
{
    private readonly Rented<double> _distances2, _numbers;

    /// <summary>Of n points that belong nowhere yet.</summary>
    public Assignment(int points)
    {
        (_distances2, _numbers) = (new Rented<double>(points), new Rented<double>(points));
        Clear();
    }

    /// <summary>[n], the squared distance from the own centre.</summary>
    public Span<double> Distances2 => _distances2.Span;

    /// <summary>Those of a block of points.</summary>
    public ReadOnlySpan<double> Block(int begin) => Distances2.Slice(begin, Math.Min(PairPoints.PairBlock, Distances2.Length - begin));

    /// <summary>No point belongs anywhere.</summary>
    public void Clear()
    {
        Distances2.Fill(double.PositiveInfinity);
        _numbers.Span.Clear();
    }

    /// <summary>[n], out: the number of the nearest centre, the lower of equally near ones.</summary>
    public void CopyLabels(Span<int> labels) => TensorPrimitives.ConvertTruncating<double, int>(_numbers.Span, labels);

    /// <summary>Takes a block's points that are nearer to a centre than to those before.</summary>
    /// <param name="begin">The block's first point.</param>
    /// <param name="number">The centre's.</param>
    /// <param name="distances2">From it.</param>
    public void Lower(int begin, int number, ReadOnlySpan<double> distances2)
    {
        int length = Math.Min(PairPoints.PairBlock, Distances2.Length - begin), i = 0;
        Span<double> nearest = Distances2.Slice(begin, length), numbers = _numbers.Span.Slice(begin, length);

        // A number goes through the same registers as a double.
        var own = new Vector<double>(number);
        for (; i <= length - Vector<double>.Count; i += Vector<double>.Count)
        {
            Vector<double> here = new(distances2[i..]), before = new(nearest[i..]);
            Vector<long> nearer = Vector.LessThan(here, before);
            Vector.ConditionalSelect(nearer, here, before).CopyTo(nearest[i..]);
            Vector.ConditionalSelect(nearer, own, new Vector<double>(numbers[i..])).CopyTo(numbers[i..]);
        }

        for (; i < length; i++)
        {
            (nearest[i], numbers[i]) = distances2[i] < nearest[i] ? (distances2[i], number) : (nearest[i], numbers[i]);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _distances2.Dispose();
        _numbers.Dispose();
    }
}
