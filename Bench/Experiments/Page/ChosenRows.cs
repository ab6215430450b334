using System.Numerics.Tensors;
using FisherKernels.Learning.Models;
using FisherKernels.Learning.Pools;

namespace FisherKernels.Bench.Experiments.Page;

/// <summary>The standardised embeddings of responses that were asked about: read when first asked for, kept while they fit.</summary>
/// <param name="pool">Where they are read, row by row: a pool may be larger than the memory.</param>
/// <param name="standardisation">Of its columns; one that does not vary is 0 everywhere.</param>
/// <param name="room">Most numbers kept from one batch to the next.</param>
internal sealed class ChosenRows(EmbeddingPool pool, Standardisation standardisation, long room = ChosenRows.UsualRoom)
{
    // 256 MB of float32: every response of a small pool, 32,768 of 2,048 columns.
    private const long UsualRoom = 1L << 26;

    private readonly Dictionary<int, float[]> _rows = [];

    /// <summary>D.</summary>
    public int Columns => pool.Dimension;

    /// <summary>δ_i = (ψ_a − ψ_b)/√D of pairs (a, b): [c, D], row by row.</summary>
    /// <exception cref="FisherKernels.Learning.InputException">An embedding is NaN or infinite.</exception>
    public double[] Differences(int[] first, int[] second)
    {
        Fetch([.. first.Concat(second).Distinct().Order()]);
        int d = Columns;
        var delta_cD = new double[first.Length * d];
        var other = new double[d];
        for (int i = 0; i < first.Length; i++)
        {
            Span<double> delta = delta_cD.AsSpan(i * d, d);
            TensorPrimitives.ConvertTruncating<float, double>(_rows[first[i]], delta);
            TensorPrimitives.ConvertTruncating<float, double>(_rows[second[i]], other);
            TensorPrimitives.Subtract(delta, other, delta);
            TensorPrimitives.Divide(delta, Math.Sqrt(d), delta);
        }

        return delta_cD;
    }

    private void Fetch(int[] wanted)
    {
        int[] missing = [.. wanted.Where(response => !_rows.ContainsKey(response))];
        if ((long)(_rows.Count + missing.Length) * Columns > room)
        {
            _rows.Clear();
            missing = wanted;
        }

        var read = new float[missing.Length * Columns];
        pool.Read(missing, read);
        standardisation.Apply(read);
        for (int j = 0; j < missing.Length; j++)
        {
            _rows[missing[j]] = read[(j * Columns)..((j + 1) * Columns)];
        }
    }
}
