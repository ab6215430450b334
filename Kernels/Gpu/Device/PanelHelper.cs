using ILGPU;

namespace FisherKernels.Gpu.Device;

/// <summary>One thread of <see cref="Factorisation"/> that takes the u of the panel before off its column of the rows below the
/// present panel.</summary>
internal struct PanelHelper
{
    public const int Lanes = 32;

    private readonly int _column, _row, _rows;
    private double _u0, _u1, _u2, _u3;
    private bool _isNew, _isIdle;

    /// <summary>Neighbours have neighbouring columns; lines of 32 share the columns, and then the rows.</summary>
    /// <param name="number">Of the helper; negative where the thread is none.</param>
    /// <param name="helpers">All of them, at least one a column.</param>
    /// <param name="columns">Columns of the triangle.</param>
    public PanelHelper(int number, int helpers, int columns)
    {
        int chunks = (columns + Lanes - 1) / Lanes, line = number / Lanes, column = line % chunks * Lanes + number % Lanes;
        _rows = helpers / Lanes / chunks;
        _row = line / chunks;
        _column = number < 0 || _row >= _rows || column >= columns ? -1 : column;
    }

    /// <summary>Reads its column of the panel before.</summary>
    /// <param name="before_Pd">u of the panel before.</param>
    /// <param name="first">First row of the present panel.</param>
    /// <param name="width">Length of a row of u.</param>
    public void Begin(ArrayView<double> before_Pd, int first, int width)
    {
        // What stands in the present panel's columns has been read by the front, and is not read again.
        bool isThere = first > 0 && _column >= 0;
        _isIdle = !isThere || _column >= first && _column < first + Factorisation.Panel;
        if (isThere)
        {
            // A column of the panel before begins anew, from zero, with its own row.
            int own = _column - (first - Factorisation.Panel);
            _isNew = own >= 0 && own < Factorisation.Panel;
            _u0 = _isNew && own > 0 ? 0 : before_Pd[_column];
            _u1 = _isNew && own > 1 ? 0 : before_Pd[_column + width];
            _u2 = _isNew && own > 2 ? 0 : before_Pd[_column + 2 * width];
            _u3 = before_Pd[_column + 3 * width];
        }
    }

    /// <summary>Writes its column of the panel before, which is that of L⁻¹ up to the diagonal.</summary>
    /// <param name="inverse_dd">Out.</param>
    /// <param name="first">First row of the present panel.</param>
    /// <param name="d">d.</param>
    public readonly void Write(ArrayView<double> inverse_dd, int first, int d)
    {
        if (_row == 0 && _column >= 0 && first > 0)
        {
            int row = first - Factorisation.Panel;
            Write(inverse_dd, row, d, _u0);
            Write(inverse_dd, row + 1, d, _u1);
            Write(inverse_dd, row + 2, d, _u2);
            Write(inverse_dd, row + 3, d, _u3);
        }
    }

    /// <summary>Every fourth of the rows below the panel: the front waits after each of its four steps.</summary>
    /// <param name="a_T">The triangle.</param>
    /// <param name="before_Pd">u of the panel before.</param>
    /// <param name="first">First row of the present panel.</param>
    /// <param name="step">Which fourth.</param>
    /// <param name="end">End of the rows.</param>
    /// <param name="width">Length of a row of u.</param>
    public readonly void Reduce(ArrayView<double> a_T, ArrayView<double> before_Pd, int first, int step, int end, int width)
    {
        if (_isIdle)
        {
            return;
        }

        for (int i = first + (1 + _row) * Factorisation.Panel + step; i < end; i += _rows * Factorisation.Panel)
        {
            if (_column <= i)
            {
                int at = Factorisation.Start(i) + _column;
                double a = _isNew ? 0 : a_T[at];
                a = Fused.MultiplyAdd(-before_Pd[i], _u0, a);
                a = Fused.MultiplyAdd(-before_Pd[i + width], _u1, a);
                a = Fused.MultiplyAdd(-before_Pd[i + 2 * width], _u2, a);
                a_T[at] = Fused.MultiplyAdd(-before_Pd[i + 3 * width], _u3, a);
            }
        }
    }

    private readonly void Write(ArrayView<double> inverse_dd, int row, int d, double u)
    {
        if (_column <= row && row < d)
        {
            inverse_dd[row * d + _column] = u;
        }
    }
}
