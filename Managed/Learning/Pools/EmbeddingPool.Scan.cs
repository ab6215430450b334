using System.Numerics;
using FisherKernels.Learning.Files;

namespace FisherKernels.Learning.Pools;

/// <content>Reading as float64, rows that are not finite, and the statistics of columns.</content>
public sealed partial class EmbeddingPool
{
    private const int BlocksTogether = 8, FewestRowsWithStrays = 10;

    /// <summary>Whether the numbers are of a type that float32 may not hold: float64, or whole numbers of 32 bits and more.</summary>
    public bool IsWide => _file?.Type is NpyType.Float64 or NpyType.Int32 or NpyType.UInt32 or NpyType.Int64 or NpyType.UInt64;

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

    /// <summary>Reads every row once, twice where rows are stray, in bounded memory; rows that are NaN or infinite anywhere are left out and listed.</summary>
    /// <remarks>Blocks of fixed size are joined in their order, so the numbers do not depend on how many threads read them.</remarks>
    /// <param name="cancellation">Looked at between blocks.</param>
    public ColumnStatistics Scan(CancellationToken cancellation = default) => Scan(null, cancellation);

    /// <inheritdoc cref="Scan(CancellationToken)"/>
    /// <param name="progress">Told the share of the rows done, up to 1; or null.</param>
    /// <param name="cancellation">Looked at between blocks.</param>
    public ColumnStatistics Scan(IProgress<double>? progress, CancellationToken cancellation = default)
    {
        var extremes = new ColumnExtremes(Dimension);
        (ColumnMoments all, List<int> broken) = Pass([], extremes, progress, cancellation);
        int[] stray = all.Count < FewestRowsWithStrays ? [] : Strays(all.Count, extremes, cancellation, ref all);
        ColumnStatistics columns = all.Statistics();
        for (int column = 0; column < Dimension; column++)
        {
            // Squares of the largest and the smallest float64 are none; a quarter of the range stands for the deviation then.
            if (columns.StandardDeviation[column] is 0 or double.PositiveInfinity && extremes.Stray(column).Range is > 0 and var range)
            {
                columns.StandardDeviation[column] = range / 4;
            }
        }

        return columns with
        {
            BrokenRows = broken,
            StrayRows = stray,
            Resolution = _file?.Type switch
            {
                NpyType.Float64 => Math.ScaleB(1, -53),
                NpyType.Float16 => Math.ScaleB(1, -11),
                NpyType.Float32 or null => Math.ScaleB(1, -24),
                _ => 0,
            },
        };
    }

    // In a column of which hardly any other value differs from the rest, as in a sparse one, the squares of the others come
    // to no more than that of their range: what looked stray there is put back.
    private int[] Strays(long count, ColumnExtremes extremes, CancellationToken cancellation, ref ColumnMoments all)
    {
        var found = new Dictionary<int, (double Range, int[] Rows)>();
        for (int column = 0; column < Dimension; column++)
        {
            if (extremes.Stray(column) is { Rows.Length: > 0 } stray)
            {
                found[column] = stray;
            }
        }

        HashSet<int> suspected = [.. found.Values.SelectMany(stray => stray.Rows)];
        if (suspected.Count == 0 || suspected.Count * 10L > count)
        {
            return [];
        }

        (ColumnMoments rest, _) = Pass(suspected, null, null, cancellation);
        HashSet<int> rows =
            [.. found.Where(entry => rest.Squares(entry.Key) > entry.Value.Range * entry.Value.Range).SelectMany(entry => entry.Value.Rows)];
        if (rows.Count > 0)
        {
            all = rows.Count == suspected.Count ? rest : Pass(rows, null, null, cancellation).All;
        }

        return [.. rows.Order()];
    }

    private (ColumnMoments All, List<int> Broken) Pass(
        HashSet<int> without, ColumnExtremes? extremes, IProgress<double>? progress, CancellationToken cancellation) => IsWide
        ? Pass<double>(without, extremes, progress, cancellation)
        : Pass<float>(without, extremes, progress, cancellation);

    private (ColumnMoments All, List<int> Broken) Pass<T>(
        HashSet<int> without, ColumnExtremes? extremes, IProgress<double>? progress, CancellationToken cancellation)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        int block = Math.Max(1, BlockNumbers / Dimension), done = 0;
        int blocks = (int)(((long)Responses + block - 1) / block);
        var all = new ColumnMoments(Dimension);
        var broken = new List<int>();
        var parts = new ScanPart<T>[Math.Min(blocks, BlocksTogether)];
        for (int part = 0; part < parts.Length; part++)
        {
            parts[part] = new ScanPart<T>(Math.Min(block, Responses), Dimension, extremes is not null);
        }

        for (int first = 0; first < blocks; first += parts.Length)
        {
            cancellation.ThrowIfCancellationRequested();
            int together = Math.Min(parts.Length, blocks - first);
            Blocks.InOrder(together, part =>
            {
                int start = (first + part) * block, count = Math.Min(block, Responses - start);
                ReadRaw(start, parts[part].Rows.AsSpan(0, count * Dimension));
                parts[part].Take(start, count, without);
            });
            for (int part = 0; part < together; part++)
            {
                all.Join(parts[part].Moments);
                broken.AddRange(parts[part].Broken);
                if (parts[part].Extremes is { } own)
                {
                    extremes!.Join(own);
                }
            }

            done = (int)Math.Min(Responses, (long)done + (long)together * block);
            progress?.Report((double)done / Responses);
        }

        return (all, broken);
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
        long start = (long)first * Dimension;
        if (_numbers is not null)
        {
            ReadOnlySpan<float> own = _numbers.AsSpan((int)start, rows.Length);
            for (int j = 0; j < rows.Length; j++)
            {
                rows[j] = T.CreateTruncating(own[j]);
            }
        }
        else if (typeof(T) == typeof(float))
        {
            _file!.ReadSingles(start, System.Runtime.InteropServices.MemoryMarshal.Cast<T, float>(rows));
        }
        else
        {
            _file!.ReadDoubles(start, System.Runtime.InteropServices.MemoryMarshal.Cast<T, double>(rows));
        }
    }

    private InputException NotFinite(int row, int column, double value) => new(FormattableString.Invariant(
        $"{Name}: row {row} ({Place(row)}), column {column} is {value}; embeddings must be finite. Embed the response again, or leave out what names it; every row has to stay where it is."));

    /// <summary>A block of rows that one thread reads, and what it says of them.</summary>
    private sealed class ScanPart<T>(int rows, int columns, bool withExtremes)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        private readonly int[] _numbers = new int[rows];

        public T[] Rows { get; } = new T[rows * columns];

        public ColumnMoments Moments { get; } = new(columns);

        public ColumnExtremes? Extremes { get; } = withExtremes ? new(columns) : null;

        public List<int> Broken { get; } = [];

        /// <summary>Takes in the rows that were read; those that are not finite and those that are not wanted are closed up.</summary>
        public void Take(int first, int count, HashSet<int> without)
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
            Extremes?.Take(there, _numbers.AsSpan(0, kept));
        }
    }
}
