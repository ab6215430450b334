using System.Globalization;
using System.Numerics;
using System.Runtime.InteropServices;

namespace FisherKernels.Learning.Pools;

/// <content>Reading as float64, rows that are not finite, and the statistics of columns.</content>
public sealed partial class EmbeddingPool
{
    private const int BlocksTogether = 8;

    /// <summary>Whether the numbers are of a type that float32 may not hold: float64, or whole numbers of 32 bits and more.</summary>
    public bool IsWide => _source.Precision is EmbeddingPrecision.Float64 or EmbeddingPrecision.Int32 or EmbeddingPrecision.Int64;

    // Whole numbers that float64 may not hold.
    internal bool IsLong => _source.Precision == EmbeddingPrecision.Int64;

    /// <summary>Reads the embeddings of some responses as float64.</summary>
    /// <param name="responses">k rows, in any order, repeats allowed.</param>
    /// <param name="rows">[k, D], out.</param>
    /// <exception cref="ArgumentException">A row that is not there, or lengths that do not fit.</exception>
    /// <exception cref="InputException">An embedding is NaN or infinite: names its row, prompt and column.</exception>
    public void ReadDoubles(ReadOnlySpan<int> responses, Span<double> rows)
    {
        Require(responses, rows.Length);
        for (int j = 0; j < responses.Length;)
        {
            int count = Run(responses[j..]);
            Span<double> part = rows.Slice(j * Dimension, count * Dimension);
            ReadRaw(responses[j], part);
            int broken = FirstNotFinite<double>(part);
            if (broken >= 0)
            {
                throw NotFinite(responses[j] + broken / Dimension, broken % Dimension, part[broken]);
            }

            j += count;
        }
    }

    /// <summary>Those of some responses whose embedding is NaN or infinite anywhere, in the order given.</summary>
    /// <param name="responses">k rows, in any order, repeats allowed.</param>
    /// <exception cref="ArgumentException">A row that is not there.</exception>
    public int[] NotFinite(ReadOnlySpan<int> responses)
    {
        int block = Math.Max(1, BlockNumbers / Dimension);
        var found = new List<int>();
        var rows = new double[Math.Min(block, responses.Length) * Dimension];
        Require(responses, (long)responses.Length * Dimension);
        for (int j = 0; j < responses.Length;)
        {
            int count = Math.Min(Run(responses[j..]), block);
            ReadRaw(responses[j], rows.AsSpan(0, count * Dimension));
            for (int i = 0; i < count; i++)
            {
                if (FirstNotFinite<double>(rows.AsSpan(i * Dimension, Dimension)) >= 0)
                {
                    found.Add(responses[j] + i);
                }
            }

            j += count;
        }

        return [.. found];
    }

    /// <summary>Refuses a pool of which a row is NaN or infinite anywhere.</summary>
    /// <param name="statistics">Of <see cref="Scan(CancellationToken)"/>.</param>
    /// <exception cref="InputException">Names the first such row, its prompt and column.</exception>
    public void RequireFinite(ColumnStatistics statistics)
    {
        ArgumentNullException.ThrowIfNull(statistics);
        if (statistics.BrokenRows is [int row, ..])
        {
            var numbers = new double[Dimension];
            ReadDoubles([row], numbers);
        }
    }

    /// <summary>Reads every row once, and again as long as rows are found stray, in bounded memory; rows that are NaN or infinite
    /// anywhere are left out and listed.</summary>
    /// <remarks>Blocks of fixed size are joined in their order, so the numbers do not depend on how many threads read them.</remarks>
    /// <param name="cancellationToken">Looked at between blocks.</param>
    public ColumnStatistics Scan(CancellationToken cancellationToken = default) => Scan(null, cancellationToken);

    /// <inheritdoc cref="Scan(CancellationToken)"/>
    /// <param name="progress">Told the share of the rows done, up to 1; or null.</param>
    /// <param name="cancellationToken">Looked at between blocks.</param>
    public ColumnStatistics Scan(IProgress<double>? progress, CancellationToken cancellationToken = default)
    {
        var strays = new StrayRows(Dimension);
        (ColumnMoments all, ColumnExtremes extremes, List<int> broken) = Pass([], progress, cancellationToken);
        while (strays.Next(all, extremes))
        {
            (all, extremes, _) = Pass(strays.Rows, null, cancellationToken);
        }

        ColumnStatistics columns = all.Statistics();
        for (int column = 0; column < Dimension; column++)
        {
            // Squares of the largest and the smallest float64 are none; a quarter of the range stands for the deviation then.
            if (!(columns.StandardDeviation[column] is > 0 and < double.PositiveInfinity) && extremes.Range(column) is > 0 and var range)
            {
                columns.StandardDeviation[column] = range / 4;
            }
        }

        return columns with
        {
            BrokenRows = broken,
            StrayRows = [.. strays.Rows.Order()],
            Resolution = _source.Precision switch
            {
                EmbeddingPrecision.Float64 => Math.ScaleB(1, -53),
                EmbeddingPrecision.Float16 => Math.ScaleB(1, -11),
                EmbeddingPrecision.Float32 => Math.ScaleB(1, -24),
                _ => 0,
            },
        };
    }

    private (ColumnMoments All, ColumnExtremes Extremes, List<int> Broken) Pass(
        HashSet<int> without, IProgress<double>? progress, CancellationToken cancellationToken) => IsWide
        ? Pass<double>(without, progress, cancellationToken)
        : Pass<float>(without, progress, cancellationToken);

    private (ColumnMoments All, ColumnExtremes Extremes, List<int> Broken) Pass<T>(
        HashSet<int> without, IProgress<double>? progress, CancellationToken cancellationToken)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        int block = Math.Max(1, BlockNumbers / Dimension), done = 0;
        int blocks = (int)(((long)Responses + block - 1) / block);
        var all = new ColumnMoments(Dimension);
        var extremes = new ColumnExtremes(Dimension);
        var broken = new List<int>();
        var parts = new ScanPart<T>[Math.Min(blocks, BlocksTogether)];
        for (int part = 0; part < parts.Length; part++)
        {
            parts[part] = new ScanPart<T>(Math.Min(block, Responses), Dimension);
        }

        for (int first = 0; first < blocks; first += parts.Length)
        {
            cancellationToken.ThrowIfCancellationRequested();
            int together = Math.Min(parts.Length, blocks - first);
            Blocks.InOrder(together, part =>
            {
                int start = (first + part) * block, count = Math.Min(block, Responses - start);
                ReadRaw(start, parts[part].Rows.AsSpan(0, count * Dimension));
                parts[part].Take(start, count, without, extremes);
            });
            for (int part = 0; part < together; part++)
            {
                all.Join(parts[part].Moments);
                extremes.Join(parts[part].Extremes);
                broken.AddRange(parts[part].Broken);
            }

            done = (int)Math.Min(Responses, (long)done + (long)together * block);
            progress?.Report((double)done / Responses);
        }

        return (all, extremes, broken);
    }

    private void Require(ReadOnlySpan<int> responses, long numbers)
    {
        if (numbers != (long)responses.Length * Dimension)
        {
            throw new ArgumentException($"rows has {numbers} numbers, expected {responses.Length}×{Dimension}.", nameof(numbers));
        }

        foreach (int response in responses)
        {
            if (response < 0 || response >= Responses)
            {
                throw new ArgumentOutOfRangeException(nameof(responses), response, $"Rows run from 0 to {Responses - 1}.");
            }
        }
    }

    // Rows that follow one another in the file are read together.
    private static int Run(ReadOnlySpan<int> responses)
    {
        int count = 1;
        while (count < responses.Length && responses[count] == responses[0] + count)
        {
            count++;
        }

        return count;
    }

    private void ReadRaw<T>(int first, Span<T> rows)
        where T : unmanaged, INumber<T>
    {
        if (typeof(T) == typeof(float))
        {
            _source.Read(first, MemoryMarshal.Cast<T, float>(rows));
        }
        else
        {
            _source.Read(first, MemoryMarshal.Cast<T, double>(rows));
        }
    }

    private InputException NotFinite(int row, int column, double value) => new(string.Create(CultureInfo.InvariantCulture,
        $"{Name}: row {row} ({Place(row)}), column {column} is {value}; embeddings must be finite. Embed the response again, or leave "
        + $"out what names it; every row has to stay where it is."));

    /// <summary>A block of rows that one thread reads, and what it says of them.</summary>
    private sealed class ScanPart<T>(int rows, int columns)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        private readonly int[] _numbers = new int[rows];

        public T[] Rows { get; } = new T[rows * columns];

        public ColumnMoments Moments { get; } = new(columns);

        public ColumnExtremes Extremes { get; } = new(columns, rows);

        public List<int> Broken { get; } = [];

        /// <summary>Takes in the rows that were read; those that are not finite and those that are not wanted are closed up.</summary>
        public void Take(int first, int count, HashSet<int> without, ColumnExtremes known)
        {
            Broken.Clear();
            int kept = 0;
            bool clean = FirstNotFinite<T>(Rows.AsSpan(0, count * columns)) < 0;
            for (int j = 0; j < count; j++)
            {
                Span<T> row = Rows.AsSpan(j * columns, columns);
                if (!clean && FirstNotFinite<T>(row) >= 0)
                {
                    Broken.Add(first + j);
                }
                else if (!without.Contains(first + j))
                {
                    if (kept < j)
                    {
                        row.CopyTo(Rows.AsSpan(kept * columns, columns));
                    }

                    _numbers[kept++] = first + j;
                }
            }

            ReadOnlySpan<T> there = Rows.AsSpan(0, kept * columns);
            Moments.Take(there);
            Extremes.Take(there, _numbers.AsSpan(0, kept), known);
        }
    }
}
