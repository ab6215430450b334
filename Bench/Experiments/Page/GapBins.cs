namespace FisherKernels.Bench.Experiments.Page;

/// <summary>Bins of a histogram of gaps, each as wide as the next and none holding more of the possible values than another.</summary>
/// <remarks>
/// Golden rewards that are whole numbers, or multiples of some step, have gaps on a lattice 0, h, 2h, … Bins of any other width then
/// hold now one, now two of its values, and a smooth distribution looks jagged. On a lattice every bin is therefore made for the same
/// number of values and centred on them; where there is none, or one too fine to be seen, bins divide the range.
/// </remarks>
internal sealed class GapBins
{
    private const int Most = 24;

    // With more values of the lattice than this in a bin, one more or less does not show.
    private const int FineEnough = 20;

    private readonly double _start, _width;

    /// <summary>For these gaps, ≥ 0, up to where one in a hundred lies beyond: a single far pair would squeeze the rest.</summary>
    public GapBins(IEnumerable<double> gaps)
    {
        double[] sorted = [.. gaps.Order()];
        double end = sorted.Length == 0 ? 0 : sorted[(int)(0.99 * (sorted.Length - 1))];
        int bins = Most;
        if (Step(sorted, end) is { } h)
        {
            int values = (int)Math.Round(end / h) + 1, each = (values + Most - 1) / Most;
            (_start, _width, bins) = (-h / 2, each * h, (values + each - 1) / each);
        }
        else
        {
            _width = Math.Max(end, 1e-9) / Most;
        }

        Middles = [.. Enumerable.Range(0, bins).Select(bin => _start + (bin + 0.5) * _width)];
    }

    /// <summary>Middle of each bin, ascending.</summary>
    public double[] Middles { get; }

    /// <summary>Share of the gaps in each bin; what lies beyond the last is in it.</summary>
    public double[] Shares(IReadOnlyCollection<double> gaps)
    {
        var shares = new double[Middles.Length];
        foreach (double gap in gaps)
        {
            shares[(int)Math.Clamp((gap - _start) / _width, 0, shares.Length - 1)] += 1.0 / gaps.Count;
        }

        return shares;
    }

    // The largest h of which every gap is a multiple, by Euclid's algorithm; float32 rewards make multiples inexact.
    private static double? Step(double[] sorted, double end)
    {
        double inexact = sorted.Length == 0 ? 0 : 1e-5 * sorted[^1], finest = Math.Max(end / (Most * FineEnough), 100 * inexact), h = 0;
        foreach (double gap in sorted)
        {
            (double a, double b) = (gap, h);
            while (b > inexact)
            {
                (a, b) = (b, Math.Abs(Math.IEEERemainder(a, b)));
            }

            h = a;
            if (h > inexact && h < finest)
            {
                return null;
            }
        }

        return h > inexact ? h : null;
    }
}
