using ILGPU;

namespace FisherKernels.Gpu.Device;

/// <summary>One column of the four rows of a panel of <see cref="Factorisation"/>, in registers of the thread with the column's
/// number.</summary>
/// <remarks>Every thread has the rows' pivots as well, so that none waits for another's.</remarks>
internal struct PanelRows
{
    private double _a0, _a1, _a2, _a3, _p0, _p1, _p2, _p3, _u0, _u1, _u2, _u3, _own;

    /// <summary>The pivot of the row with the thread's number, once it has been there.</summary>
    public readonly double Own => _own;

    /// <summary>Reads the rows of a panel, and takes the u of the panel before off them.</summary>
    /// <param name="a_T">The triangle.</param>
    /// <param name="before_Pd">u of the panel before; there is none before the first.</param>
    /// <param name="first">First row.</param>
    /// <param name="width">Length of a row of u.</param>
    public void Begin(ArrayView<double> a_T, ArrayView<double> before_Pd, int first, int width)
    {
        // A column of the panel before begins anew, from zero, with its own row.
        int k = Group.IdxX, own = k - (first - Factorisation.Panel);
        bool isNew = own >= 0 && own < Factorisation.Panel;
        double a0 = At(a_T, first, k), a1 = At(a_T, first + 1, k), a2 = At(a_T, first + 2, k), a3 = At(a_T, first + 3, k);
        _a0 = isNew ? 0 : a0;
        _a1 = isNew ? 0 : a1;
        _a2 = isNew ? 0 : a2;
        _a3 = isNew ? 0 : a3;
        _p0 = At(a_T, first, first);
        _p1 = At(a_T, first + 1, first + 1);
        _p2 = At(a_T, first + 2, first + 2);
        _p3 = At(a_T, first + 3, first + 3);
        if (first > 0)
        {
            Subtract(before_Pd, first, isNew && own > 0 ? 0 : _u0);
            Subtract(before_Pd, first + width, isNew && own > 1 ? 0 : _u1);
            Subtract(before_Pd, first + 2 * width, isNew && own > 2 ? 0 : _u2);
            Subtract(before_Pd, first + 3 * width, _u3);
        }
    }

    /// <summary>Makes u of the first row.</summary>
    /// <param name="u_Pd">u of this panel, out.</param>
    /// <param name="first">First row.</param>
    public void Row0(ArrayView<double> u_Pd, int first)
    {
        _u0 = Divide(_a0, _p0, first);
        u_Pd[Group.IdxX] = _u0;
    }

    /// <summary>Takes u of the first row off those after it, and makes that of the second.</summary>
    /// <param name="u_Pd">u of this panel.</param>
    /// <param name="first">First row.</param>
    /// <param name="width">Length of a row of u.</param>
    public void Row1(ArrayView<double> u_Pd, int first, int width)
    {
        bool isNew = Group.IdxX == first;
        Reduce(u_Pd[first + 1], _u0, isNew, ref _a1, ref _p1);
        Reduce(u_Pd[first + 2], _u0, isNew, ref _a2, ref _p2);
        Reduce(u_Pd[first + 3], _u0, isNew, ref _a3, ref _p3);
        _u1 = Divide(_a1, _p1, first + 1);
        u_Pd[width + Group.IdxX] = _u1;
    }

    /// <summary>Likewise of the second and the third.</summary>
    /// <param name="u_Pd">u of this panel.</param>
    /// <param name="first">First row.</param>
    /// <param name="width">Length of a row of u.</param>
    public void Row2(ArrayView<double> u_Pd, int first, int width)
    {
        bool isNew = Group.IdxX == first + 1;
        Reduce(u_Pd[width + first + 2], _u1, isNew, ref _a2, ref _p2);
        Reduce(u_Pd[width + first + 3], _u1, isNew, ref _a3, ref _p3);
        _u2 = Divide(_a2, _p2, first + 2);
        u_Pd[2 * width + Group.IdxX] = _u2;
    }

    /// <summary>Likewise of the third and the fourth.</summary>
    /// <param name="u_Pd">u of this panel.</param>
    /// <param name="first">First row.</param>
    /// <param name="width">Length of a row of u.</param>
    public void Row3(ArrayView<double> u_Pd, int first, int width)
    {
        Reduce(u_Pd[2 * width + first + 3], _u2, Group.IdxX == first + 2, ref _a3, ref _p3);
        _u3 = Divide(_a3, _p3, first + 3);
        u_Pd[3 * width + Group.IdxX] = _u3;
    }

    // A row is taken off another; the column with its own number begins anew, from zero.
    private static void Reduce(double s, double u, bool isNew, ref double a, ref double pivot)
    {
        pivot = Fused.MultiplyAdd(-s, s, pivot);
        a = Fused.MultiplyAdd(-s, u, isNew ? 0 : a);
    }

    // The place is chosen, not the number: there is one load and no branch.
    private static double At(ArrayView<double> a_T, int i, int k)
    {
        int start = Factorisation.Start(IntrinsicMath.Max(i, k));
        return a_T[start + IntrinsicMath.Min(i, k)];
    }

    private double Divide(double a, double pivot, int row)
    {
        bool isOwn = Group.IdxX == row;
        _own = isOwn ? pivot : _own;
        return (isOwn ? 1 : a) / Math.Sqrt(pivot);
    }

    private void Subtract(ArrayView<double> u, int at, double own)
    {
        double s0 = u[at], s1 = u[at + 1], s2 = u[at + 2], s3 = u[at + 3];
        _a0 = Fused.MultiplyAdd(-s0, own, _a0);
        _a1 = Fused.MultiplyAdd(-s1, own, _a1);
        _a2 = Fused.MultiplyAdd(-s2, own, _a2);
        _a3 = Fused.MultiplyAdd(-s3, own, _a3);
        _p0 = Fused.MultiplyAdd(-s0, s0, _p0);
        _p1 = Fused.MultiplyAdd(-s1, s1, _p1);
        _p2 = Fused.MultiplyAdd(-s2, s2, _p2);
        _p3 = Fused.MultiplyAdd(-s3, s3, _p3);
    }
}
