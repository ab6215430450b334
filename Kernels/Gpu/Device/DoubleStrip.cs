using ILGPU;

namespace FisherKernels.Gpu.Device;

/// <summary>A thread's sixteen numbers of a block, on their way from a matrix in memory to a <see cref="DoubleBlock"/>.</summary>
/// <remarks>
/// Thread t of 64 takes column t%32 of rows t/32, t/32 + 2, …, 30 + t/32: neighbouring threads read neighbouring numbers. Between
/// the loads stands
/// no store, which a compiler that does not know where it goes would not move a load over: all sixteen are under way at once. Those of two
/// matrices as well, where both strips are taken before either is put down. Scalars, as in <see cref="DoubleTile"/>.
/// </remarks>
internal struct DoubleStrip
{
    private double _00, _01, _02, _03, _04, _05, _06, _07, _08, _09, _10, _11, _12, _13, _14, _15;

    /// <summary>Of source[row + r, column + c], widened; zero outside.</summary>
    /// <param name="source">[rows, columns].</param>
    /// <param name="row">First row of the block.</param>
    /// <param name="rows">End of the rows.</param>
    /// <param name="column">First column of the block.</param>
    /// <param name="columns">Columns of the matrix.</param>
    public static DoubleStrip Of(ArrayView<float> source, int row, int rows, int column, int columns) =>
        Of<float, Widened>(source, row, rows, column, columns, 0);

    /// <summary>Of source[row + r, column + c]; zero outside.</summary>
    /// <param name="source">[rows, columns].</param>
    /// <param name="row">First row of the block.</param>
    /// <param name="rows">End of the rows.</param>
    /// <param name="column">First column of the block.</param>
    /// <param name="columns">Columns of the matrix.</param>
    public static DoubleStrip Of(ArrayView<double> source, int row, int rows, int column, int columns) =>
        Of<double, Same>(source, row, rows, column, columns, 0);

    /// <summary>Of a triangular matrix: zero, and not read, above the diagonal.</summary>
    /// <param name="source">[rows, rows].</param>
    /// <param name="row">First row of the block.</param>
    /// <param name="column">First column of the block.</param>
    /// <param name="rows">Rows and columns of the matrix.</param>
    public static DoubleStrip OfLower(ArrayView<double> source, int row, int column, int rows) =>
        Of<double, Same>(source, row, rows, column, rows, column + DoubleBlock.Lane - row - DoubleBlock.First);

    /// <summary>block[r, c] = strip[r, c].</summary>
    public readonly void Put(ArrayView<double> block_rc) =>
        Put(block_rc, DoubleBlock.First * DoubleBlock.Line + DoubleBlock.Lane, DoubleBlock.Lines * DoubleBlock.Line);

    /// <summary>block[c, r] = strip[r, c].</summary>
    public readonly void PutTransposed(ArrayView<double> block_cr) =>
        Put(block_cr, DoubleBlock.Lane * DoubleBlock.Line + DoubleBlock.First, DoubleBlock.Lines);

    // Rows from so many below the thread's first one on.
    private static DoubleStrip Of<T, TWiden>(ArrayView<T> source, int row, int rows, int column, int columns, int from)
        where T : unmanaged
        where TWiden : struct, IWiden<T>
    {
        int first = row + DoubleBlock.First, at = first * columns + column + DoubleBlock.Lane, step = DoubleBlock.Lines * columns;
        int end = column + DoubleBlock.Lane < columns ? rows - first : 0;
        return new DoubleStrip
        {
            _00 = At<T, TWiden>(source, at, 0 >= from && 0 < end),
            _01 = At<T, TWiden>(source, at + step, 2 >= from && 2 < end),
            _02 = At<T, TWiden>(source, at + 2 * step, 4 >= from && 4 < end),
            _03 = At<T, TWiden>(source, at + 3 * step, 6 >= from && 6 < end),
            _04 = At<T, TWiden>(source, at + 4 * step, 8 >= from && 8 < end),
            _05 = At<T, TWiden>(source, at + 5 * step, 10 >= from && 10 < end),
            _06 = At<T, TWiden>(source, at + 6 * step, 12 >= from && 12 < end),
            _07 = At<T, TWiden>(source, at + 7 * step, 14 >= from && 14 < end),
            _08 = At<T, TWiden>(source, at + 8 * step, 16 >= from && 16 < end),
            _09 = At<T, TWiden>(source, at + 9 * step, 18 >= from && 18 < end),
            _10 = At<T, TWiden>(source, at + 10 * step, 20 >= from && 20 < end),
            _11 = At<T, TWiden>(source, at + 11 * step, 22 >= from && 22 < end),
            _12 = At<T, TWiden>(source, at + 12 * step, 24 >= from && 24 < end),
            _13 = At<T, TWiden>(source, at + 13 * step, 26 >= from && 26 < end),
            _14 = At<T, TWiden>(source, at + 14 * step, 28 >= from && 28 < end),
            _15 = At<T, TWiden>(source, at + 15 * step, 30 >= from && 30 < end),
        };
    }

    private static double At<T, TWiden>(ArrayView<T> source, int at, bool isInside)
        where T : unmanaged
        where TWiden : struct, IWiden<T> => isInside ? default(TWiden).Of(source[at]) : 0;

    private readonly void Put(ArrayView<double> block, int at, int step)
    {
        block[at] = _00;
        block[at + step] = _01;
        block[at + 2 * step] = _02;
        block[at + 3 * step] = _03;
        block[at + 4 * step] = _04;
        block[at + 5 * step] = _05;
        block[at + 6 * step] = _06;
        block[at + 7 * step] = _07;
        block[at + 8 * step] = _08;
        block[at + 9 * step] = _09;
        block[at + 10 * step] = _10;
        block[at + 11 * step] = _11;
        block[at + 12 * step] = _12;
        block[at + 13 * step] = _13;
        block[at + 14 * step] = _14;
        block[at + 15 * step] = _15;
    }

    private interface IWiden<T>
    {
        double Of(T number);
    }

    private readonly struct Same : IWiden<double>
    {
        public double Of(double number) => number;
    }

    private readonly struct Widened : IWiden<float>
    {
        public double Of(float number) => number;
    }
}
