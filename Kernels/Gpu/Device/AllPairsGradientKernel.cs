using ILGPU;

namespace FisherKernels.Gpu.Device;

/// <summary>How fast log det M grows with the weight of each pair a &lt; b, for a band of rows of the R × R matrix of pairs.</summary>
/// <remarks>
/// <code>
/// g_ab = v_ab ‖z_a − z_b‖²      first ≤ a &lt; end, a &lt; b &lt; R                            MATH.md §3, §6
///
/// z_Rd  [R,d]   double   whitened features
/// r_R   [R]     float    rewards; v_ab = t/(1 + t)², t = e^−|r_a − r_b|
/// g_n   [n]     float    out, row after row what stands right of the diagonal: all pairs in their order and nothing else
/// </code>
/// The same operations in the same order as PairDistance has them: the scores are equal to the last bit.
/// Launch: grid (⌈(R − first)/32⌉, ⌈(end − first)/32⌉) of 64 threads, one 32×32 block of pairs each, a block below the
/// diagonal none; 17.4 KB shared memory.
/// Cost: 3d operations in float64 a pair, and an exponential; a block reads 64 rows of z. R = 5,000, d = 64 is 2.4 GFLOP,
/// 0.4 GB of z, mostly cached, and 50 MB of scores.
/// </remarks>
internal static class AllPairsGradientKernel
{
    public static void Run(ArrayView<double> z_Rd, ArrayView<float> r_R, ArrayView<float> g_n, int first, int end, int responses, int d)
    {
        ArrayView<double> left = SharedMemory.Allocate<double>(DoubleBlock.Size);
        ArrayView<double> right = SharedMemory.Allocate<double>(DoubleBlock.Size);
        if (Grid.IdxX < Grid.IdxY)
        {
            return;
        }

        int row = first + Grid.IdxY * DoubleBlock.Side, column = first + Grid.IdxX * DoubleBlock.Side;
        var distance2 = default(DoubleTile);
        for (int j = 0; j < d; j += DoubleBlock.Side)
        {
            var leftStrip = DoubleStrip.Of(z_Rd, row, end, j, d);
            var rightStrip = DoubleStrip.Of(z_Rd, column, responses, j, d);
            leftStrip.PutTransposed(left);
            rightStrip.PutTransposed(right);
            Group.Barrier();
            distance2.AddSquares(left, right, IntrinsicMath.Min(DoubleBlock.Side, d - j));
            Group.Barrier();
        }

        distance2.CopyTo(left);
        Group.Barrier();
        int lane = DoubleBlock.Lane, b = column + lane;
        float reward = b < responses ? r_R[b] : 0;
        for (int k = DoubleBlock.First; k < DoubleBlock.Side && row + k < end; k += DoubleBlock.Lines)
        {
            int a = row + k;
            if (b > a && b < responses)
            {
                g_n[Before(a - first, responses - first - 1) + b - a - 1] =
                    (float)(Logistic.Variance(Logistic.Decay(r_R[a] - reward)) * left[k * DoubleBlock.Line + lane]);
            }
        }
    }

    /// <summary>Σ_{i &lt; rows} (longest − i): the pairs of the first rows, the first of which has the most.</summary>
    public static int Before(int rows, int longest) => rows * (2 * longest - rows + 1) / 2;
}
