using System.Buffers;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace FisherKernels.Kernels.Cpu;

// All pairs in tiles of v that lie above the diagonal. Rows of tiles are dealt out to a fixed number of parts in turn, so
// that each has long and short ones, and what the parts give is put together in their order.
internal sealed partial class CpuBackend
{
    private const int TileRows = 64;
    private const int TileColumns = Gemm.Depth;
    private const int MostParts = 16;

    // I = ΦᵀSΦ − (T + Tᵀ), S = diag(Σ_b v_ab), T = Σ_{a<b} v_ab φ_a φ_bᵀ: a product with half of v, not with all of it. A
    // common offset of the features is in no difference, but would cancel between the terms: Φ is centred before.
    protected override void AllPairsInformationCore(DeviceArray<float> phi_Rd, DeviceArray<float> r_R, DeviceArray<double> fisher_dd)
    {
        int responses = phi_Rd.Rows, d = phi_Rd.Columns, size = d * d;
        int parts = Math.Min(MostParts, Blocks.Count(responses, TileRows)), chunks = Blocks.Count(responses, TileColumns);
        int chunkSize = Gemm.Panels<double>(d) * TileColumns * Gemm.Width<double>();
        double[] phi = ArrayPool<double>.Shared.Rent(responses * d), packed = ArrayPool<double>.Shared.Rent(chunks * chunkSize);
        double[] sums = ArrayPool<double>.Shared.Rent(parts * responses), products = ArrayPool<double>.Shared.Rent(parts * size);
        TensorPrimitives.ConvertTruncating<float, double>(Of(phi_Rd), phi);
        Centre(phi, responses, d);
        for (int chunk = 0; chunk < chunks; chunk++)
        {
            int first = chunk * TileColumns, rows = Math.Min(TileColumns, responses - first);
            Gemm.Pack<double>(phi.AsSpan(first * d, rows * d), d, 1, rows, d, packed.AsSpan(chunk * chunkSize));
        }

        Blocks.Run(Threads, parts, (long)responses * responses * d / 2, part =>
        {
            Span<double> sum = sums.AsSpan(part * responses, responses), product = products.AsSpan(part * size, size);
            sum.Clear();
            product.Clear();
            double[] v = ArrayPool<double>.Shared.Rent(TileRows * TileColumns), flow = ArrayPool<double>.Shared.Rent(TileRows * d);
            double[] packedFlow = ArrayPool<double>.Shared.Rent(Gemm.Panels<double>(d) * TileRows * Gemm.Width<double>());
            for (int first = part * TileRows; first < responses; first += parts * TileRows)
            {
                int rows = Math.Min(TileRows, responses - first), start = first / TileColumns;
                for (int chunk = start; chunk < chunks; chunk++)
                {
                    int column = chunk * TileColumns, columns = Math.Min(TileColumns, responses - column);
                    VarianceTile(Of(r_R), first, rows, column, columns, v, sum);
                    Gemm.Multiply<double>(
                        rows, d, columns, v, TileColumns, 1, packed.AsSpan(chunk * chunkSize), flow, d, add: chunk > start);
                }

                Gemm.Pack<double>(flow, d, 1, rows, d, packedFlow);
                Gemm.Multiply<double>(d, d, rows, phi.AsSpan(first * d), 1, d, packedFlow, product, d, add: true);
            }

            ArrayPool<double>.Shared.Return(v);
            ArrayPool<double>.Shared.Return(flow);
            ArrayPool<double>.Shared.Return(packedFlow);
        });

        for (int part = 1; part < parts; part++)
        {
            TensorPrimitives.Add(sums.AsSpan(0, responses), sums.AsSpan(part * responses, responses), sums.AsSpan(0, responses));
            TensorPrimitives.Add(products.AsSpan(0, size), products.AsSpan(part * size, size), products.AsSpan(0, size));
        }

        Span<double> fisher = Of(fisher_dd);
        WeightedSquares(phi, sums, responses, d, packed, fisher);
        Subtract(products, d, fisher);
        ArrayPool<double>.Shared.Return(phi);
        ArrayPool<double>.Shared.Return(packed);
        ArrayPool<double>.Shared.Return(sums);
        ArrayPool<double>.Shared.Return(products);
    }

    // T + Tᵀ off a lower half, and that to the upper one.
    private static void Subtract(double[] products, int d, Span<double> fisher)
    {
        for (int j = 0; j < d; j++)
        {
            for (int k = 0; k <= j; k++)
            {
                fisher[j * d + k] -= products[j * d + k] + products[k * d + j];
                fisher[k * d + j] = fisher[j * d + k];
            }
        }
    }

    // v_ab of a tile, zero where b ≤ a, and its sums along both sides.
    private static void VarianceTile(ReadOnlySpan<float> r, int first, int rows, int column, int columns, Span<double> v, Span<double> sum)
    {
        Span<float> row = stackalloc float[TileColumns];
        for (int i = 0; i < rows; i++)
        {
            int a = first + i, skip = Math.Clamp(a + 1 - column, 0, columns);
            Span<double> to = v.Slice(i * TileColumns, columns), above = to[skip..];
            Span<float> x = row[skip..columns];
            to[..skip].Clear();
            TensorPrimitives.Subtract(r.Slice(column + skip, x.Length), r[a], x);
            VectorMath.Map<TileVariance>(x, x, x);
            TensorPrimitives.ConvertTruncating<float, double>(x, above);
            sum[a] += TensorPrimitives.Sum<double>(above);
            TensorPrimitives.Add(sum.Slice(column + skip, x.Length), above, sum.Slice(column + skip, x.Length));
        }
    }

    // ΦᵀSΦ, tiles that reach the diagonal.
    private static void WeightedSquares(double[] phi, double[] weights, int responses, int d, double[] packed, Span<double> result)
    {
        double[] weighted = ArrayPool<double>.Shared.Rent(TileColumns * d);
        for (int first = 0; first < responses; first += TileColumns)
        {
            int rows = Math.Min(TileColumns, responses - first);
            for (int i = 0; i < rows; i++)
            {
                TensorPrimitives.Multiply(phi.AsSpan((first + i) * d, d), weights[first + i], weighted.AsSpan(i * d, d));
            }

            Gemm.Pack<double>(weighted, d, 1, rows, d, packed);
            Gemm.Multiply<double>(d, d, rows, phi.AsSpan(first * d), 1, d, packed, result, d, add: first > 0, Gemm.Part.LowerResult);
        }

        ArrayPool<double>.Shared.Return(weighted);
    }

    // Scores in float32 that are at least the true ones leave a handful of pairs to be looked at in float64.
    protected override ReadOnlySpan<ulong> AllPairsTopCore(DeviceArray<double> z_Rd, DeviceArray<float> r_R, int k)
    {
        int responses = z_Rd.Rows;
        var bounds = new ScoreBounds(Of(z_Rd), Of(r_R), responses, z_Rd.Columns);
        int parts = Math.Min(MostParts, Blocks.Count(responses, TileRows));
        var best = new BestKeys[parts];
        Blocks.Run(Threads, parts, (long)responses * responses * z_Rd.Columns / 2, part =>
        {
            long pairs = 0;
            for (int first = part * TileRows; first < responses; first += parts * TileRows)
            {
                pairs += (long)Math.Min(TileRows, responses - first) * (responses - first);
            }

            var keys = new BestKeys(k, pairs);
            float[] gram = ArrayPool<float>.Shared.Rent(TileRows * TileColumns);
            for (int first = part * TileRows; first < responses; first += parts * TileRows)
            {
                int rows = Math.Min(TileRows, responses - first);
                for (int column = first / TileColumns * TileColumns; column < responses; column += TileColumns)
                {
                    int columns = Math.Min(TileColumns, responses - column);
                    bounds.Gram(first, rows, column, columns, gram);
                    for (int i = 0; i < rows; i++)
                    {
                        bounds.Offer(first + i, column, columns, gram.AsSpan(i * TileColumns, TileColumns), Of(z_Rd), keys);
                    }
                }
            }

            ArrayPool<float>.Shared.Return(gram);
            best[part] = keys;
        });

        ulong[] all = [.. best.SelectMany(keys => keys.Best)];
        Array.Sort(all);
        Array.Reverse(all);
        return all.AsSpan(0, k);
    }

    // Leaves δ as it is, to rounding of each difference from the mean.
    private static void Centre(Span<double> rows, int count, int d)
    {
        var mean = new double[d];
        for (int a = 0; a < count; a++)
        {
            TensorPrimitives.Add(mean, rows.Slice(a * d, d), mean);
        }

        TensorPrimitives.Divide(mean, count, mean);
        for (int a = 0; a < count; a++)
        {
            TensorPrimitives.Subtract(rows.Slice(a * d, d), mean, rows.Slice(a * d, d));
        }
    }

    /// <summary>Upper bounds of v ‖z_a − z_b‖² from products in float32.</summary>
    /// <remarks>
    /// <code>
    /// ‖z_a − z_b‖² ≤ (1 + ε)‖y_a‖² + (1 + ε)‖y_b‖² − 2 y_aᵀy_b      y = z − mean in float32, ε = (d + 16)·2⁻²³
    /// </code>
    /// Rounding z costs 4·2⁻²⁴ of ‖y_a‖² + ‖y_b‖², the product d·2⁻²⁴ (2‖y_a‖‖y_b‖ is no more than that sum; Higham 2002,
    /// §3.1), the rest some units: ε allows for twice as much. y is scaled by a power of two so that nothing overflows, and a
    /// threshold that is tiny beside it rejects nothing.
    /// </remarks>
    private sealed class ScoreBounds
    {
        private readonly int _responses, _d, _chunkSize;
        private readonly double _scale2;
        private readonly float[] _y, _packed, _norms, _r;

        public ScoreBounds(ReadOnlySpan<double> z, ReadOnlySpan<float> r, int responses, int d)
        {
            (_responses, _d) = (responses, d);
            double[] centred = z.ToArray();
            Centre(centred, responses, d);
            double largest = centred.Length == 0 ? 0 : TensorPrimitives.MaxMagnitude<double>(centred);
            double scale = largest != 0 && double.IsNormal(largest)
                ? Math.ScaleB(1, -Math.Clamp(Math.ILogB(Math.Abs(largest)), -500, 500)) : 1;
            TensorPrimitives.Multiply(centred, scale, centred);
            _scale2 = scale * scale;
            _y = new float[responses * d];
            TensorPrimitives.ConvertTruncating<double, float>(centred, _y);

            // Whole vectors may be read past the last response.
            int padded = responses + Vector256<float>.Count;
            (_norms, _r) = (new float[padded], new float[padded]);
            r.CopyTo(_r);
            for (int a = 0; a < responses; a++)
            {
                double norm2 = 0;
                foreach (float y in _y.AsSpan(a * d, d))
                {
                    norm2 += (double)y * y;
                }

                _norms[a] = (float)(norm2 * (1 + Math.ScaleB(d + 16, -23)));
            }

            _chunkSize = Gemm.Panels<float>(TileColumns) * d * Gemm.Width<float>();
            int chunks = Blocks.Count(responses, TileColumns);
            _packed = new float[chunks * _chunkSize];
            for (int chunk = 0; chunk < chunks; chunk++)
            {
                int first = chunk * TileColumns, rows = Math.Min(TileColumns, responses - first);
                Gemm.Pack<float>(_y.AsSpan(first * d, rows * d), 1, d, d, rows, _packed.AsSpan(chunk * _chunkSize));
            }
        }

        /// <summary>y_aᵀy_b of a tile.</summary>
        public void Gram(int first, int rows, int column, int columns, Span<float> gram) => Gemm.Multiply<float>(
            rows, columns, _d, _y.AsSpan(first * _d), _d, 1, _packed.AsSpan(column / TileColumns * _chunkSize), gram, TileColumns,
            add: false);

        /// <summary>Offers the pairs (a, b &gt; a) of one row of a tile that may be among the best.</summary>
        public void Offer(int a, int column, int columns, ReadOnlySpan<float> gram, ReadOnlySpan<double> z, BestKeys keys)
        {
            int start = Math.Max(a + 1 - column, 0);
            ref float r = ref _r[column], norms = ref _norms[column], products = ref MemoryMarshal.GetReference(gram);
            Vector256<float> own = Vector256.Create(_r[a]), norm = Vector256.Create(_norms[a]),
                threshold = Vector256.Create(Scaled(keys.Threshold));
            for (int j = start / 8 * 8; j < columns; j += Vector256<float>.Count)
            {
                Vector256<float> v = VectorMath.Variance(own - Vector256.LoadUnsafe(ref r, (nuint)j));
                Vector256<float> distance2 = Vector256.FusedMultiplyAdd(
                    Vector256.Create(-2f), Vector256.LoadUnsafe(ref products, (nuint)j), norm + Vector256.LoadUnsafe(ref norms, (nuint)j));

                // Not "at least the threshold": a NaN is looked at.
                uint passed = ~Vector256.LessThan(v * distance2, threshold).ExtractMostSignificantBits() & 0xFF;
                for (; passed != 0; passed &= passed - 1)
                {
                    int lane = System.Numerics.BitOperations.TrailingZeroCount(passed), at = j + lane, b = column + at;
                    if (at >= start && at < columns)
                    {
                        float score = (float)(v[lane] * Vectors.SquaredDistance(z.Slice(a * _d, _d), z.Slice(b * _d, _d)));
                        keys.Add(TopKey.Create(score, (int)((uint)a * (uint)_responses + (uint)b)));
                        threshold = Vector256.Create(Scaled(keys.Threshold));
                    }
                }
            }
        }

        // In the units of y, and lower by more than its own rounding and that of the product with v.
        private float Scaled(ulong threshold)
        {
            double least = TopKey.Score(threshold) * _scale2 * (1 - Math.ScaleB(1, -21));
            return double.IsFinite(least) && least > Math.ScaleB(1, -100) ? (float)least : 0;
        }
    }

    private readonly struct TileVariance : VectorMath.IMap
    {
        public static Vector256<float> Of(Vector256<float> x, Vector256<float> dy) => VectorMath.Variance(x);
    }
}
