using ILGPU;

namespace FisherKernels.Gpu.Device;

/// <summary>Four neighbouring float32 numbers: 16 bytes that are read or written by one instruction where they lie on a multiple of
/// 16.</summary>
internal struct Quad
{
    public float X, Y, Z, W;

    /// <summary>Adds another.</summary>
    public void Add(Quad b)
    {
        X += b.X;
        Y += b.Y;
        Z += b.Z;
        W += b.W;
    }

    /// <summary>Adds a multiple of another.</summary>
    public void Add(float a, Quad b)
    {
        X += a * b.X;
        Y += a * b.Y;
        Z += a * b.Z;
        W += a * b.W;
    }

    /// <summary>source[row, column … column + 3], zero from <paramref name="end"/> on and below the last row.</summary>
    /// <param name="source">Rows of <paramref name="columns"/> numbers.</param>
    /// <param name="row">Row, ≥ 0.</param>
    /// <param name="rows">Rows there are.</param>
    /// <param name="column">Column, a multiple of 4.</param>
    /// <param name="end">Columns that may be read; a multiple of 4 or the last column's end.</param>
    /// <param name="columns">Numbers in a row.</param>
    /// <param name="wide">1 where the view lies on a multiple of 16 bytes and <paramref name="columns"/> is a multiple of 4.</param>
    public static Quad Read(ArrayView<float> source, int row, int rows, int column, int end, int columns, int wide)
    {
        var quad = default(Quad);
        if (row < rows && column < end)
        {
            int at = row * columns + column;
            if (wide == 1)
            {
                quad = source.Cast<Quad>()[at / 4];
            }
            else
            {
                quad.X = source[at];
                quad.Y = column + 1 < end ? source[at + 1] : 0;
                quad.Z = column + 2 < end ? source[at + 2] : 0;
                quad.W = column + 3 < end ? source[at + 3] : 0;
            }
        }

        return quad;
    }

    /// <summary>target[row, column … column + 3] = this, as far as there are columns; the row and the first column exist.</summary>
    public readonly void Write(ArrayView<float> target, int row, int column, int columns, int wide)
    {
        int at = row * columns + column;
        if (wide == 1)
        {
            target.Cast<Quad>()[at / 4] = this;
            return;
        }

        target[at] = X;
        if (column + 1 < columns)
        {
            target[at + 1] = Y;
        }

        if (column + 2 < columns)
        {
            target[at + 2] = Z;
        }

        if (column + 3 < columns)
        {
            target[at + 3] = W;
        }
    }
}
