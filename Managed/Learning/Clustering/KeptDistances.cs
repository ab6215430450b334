namespace FisherKernels.Learning.Clustering;

/// <summary>Squared distances of all points from all centres, block by block, for whoever needs them once more.</summary>
internal sealed class KeptDistances : IDisposable
{
    // 16 MB: memory is to stay in proportion to n and to R·d.
    private const long Most = 1 << 21;

    private readonly PairPoints _points;
    private readonly int _centres;
    private readonly Rented<double> _distances2;    // [blocks, K, PairBlock]

    private KeptDistances(PairPoints points, int centres, int numbers) => (_points, _centres, _distances2) = (points, centres, new Rented<double>(numbers));

    /// <summary>Room for them; null where they are too many.</summary>
    /// <param name="points">n.</param>
    /// <param name="centres">K.</param>
    public static KeptDistances? UnlessMany(PairPoints points, int centres)
    {
        long numbers = (points.Count + PairPoints.PairBlock - 1L) / PairPoints.PairBlock * PairPoints.PairBlock * centres;
        return numbers <= Most ? new KeptDistances(points, centres, (int)numbers) : null;
    }

    /// <summary>Takes those of a block of points from some centres.</summary>
    public void Keep(int begin, int first, ReadOnlySpan<double> distances2) => distances2.CopyTo(Of(begin, first, distances2.Length));

    /// <summary>Gives them to be used up, as <see cref="PairPoints.Distances2(ReadOnlySpan{double}, int, int, TakeDistances)"/> does.</summary>
    /// <param name="each">Innermost steps that the taker does with one distance, about.</param>
    /// <param name="take">Called for every block and some centres, those of lower numbers first.</param>
    public void Give(int each, TakeDistances take) => _points.Share(_points.Count, PairPoints.PairBlock, each * _centres, (begin, _) =>
    {
        for (int first = 0; first < _centres; first += PairPoints.Together)
        {
            take(begin, first, Of(begin, first, Math.Min(PairPoints.Together, _centres - first) * PairPoints.PairBlock));
        }
    });

    /// <inheritdoc/>
    public void Dispose() => _distances2.Dispose();

    private Span<double> Of(int begin, int first, int length) => _distances2.Span.Slice(begin * _centres + first * PairPoints.PairBlock, length);
}
