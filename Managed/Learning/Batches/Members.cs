using System.Numerics.Tensors;
using FisherKernels.Kernels;
using FisherKernels.Kernels.Numerics;

namespace FisherKernels.Learning.Batches;

/// <summary>A batch that changes by a pair at a time, with M⁻¹ and g = v δᵀM⁻¹δ of each of its pairs: d² + c·d operations a
/// change.</summary>
internal sealed class Members
{
    private readonly BatchProblem _problem;
    private readonly HashSet<int> _required;
    private readonly List<double[]> _delta = [];
    private readonly List<double> _g = [];
    private readonly double[] _u, _other;
    private UpdatedInverse _inverse;

    public Members(BatchProblem problem, int[] indices)
    {
        (_problem, Indices, _required) = (problem, [.. indices], [.. problem.Required]);
        (_u, _other) = (new double[problem.Dimension], new double[problem.Dimension]);
        foreach (int i in indices)
        {
            var delta = new double[problem.Dimension];
            problem.Delta(i, delta);
            _delta.Add(delta);
            _g.Add(0);
        }

        _inverse = Refresh(problem.Precision(indices));
    }

    public List<int> Indices { get; }

    public int Count => Indices.Count;

    /// <summary>log det M.</summary>
    public double LogDeterminant => _inverse.LogDeterminant;

    /// <summary>g of the k-th.</summary>
    public double Gradient(int k) => _g[k];

    /// <summary>Whether the k-th is one that must be in.</summary>
    public bool IsRequired(int k) => _required.Contains(Indices[k]);

    /// <summary>All from the sum M, without what rounding has left.</summary>
    public UpdatedInverse Refresh(PrecisionMatrix precision)
    {
        _inverse = new UpdatedInverse(precision);
        for (int k = 0; k < Count; k++)
        {
            _g[k] = _problem.V[Indices[k]] * _inverse.Multiply(_delta[k], _u);
        }

        return _inverse;
    }

    /// <summary>g of a pair that is not in, and how it goes with each that is: v_i v_k (δ_iᵀM⁻¹δ_k)².</summary>
    /// <param name="pair">Its number.</param>
    /// <param name="delta">Its δ.</param>
    /// <param name="cross">[c], out.</param>
    public double Look(int pair, double[] delta, Span<double> cross)
    {
        double v = _problem.V[pair], g = v * _inverse.Multiply(delta, _u);
        for (int k = 0; k < Count; k++)
        {
            double dot = TensorPrimitives.Dot<double>(_delta[k], _u);
            cross[k] = v * _problem.V[Indices[k]] * dot * dot;
        }

        return g;
    }

    /// <summary>Takes a pair out.</summary>
    public void Remove(int k)
    {
        (int pair, double[] delta) = (Indices[k], _delta[k]);
        Indices.RemoveAt(k);
        _delta.RemoveAt(k);
        _g.RemoveAt(k);
        Change(pair, delta, -1);
    }

    /// <summary>Puts a pair in the place of the k-th.</summary>
    public void Swap(int k, int pair, double[] delta)
    {
        Change(pair, delta, 1);
        (int old, double[] oldDelta) = (Indices[k], _delta[k]);
        (Indices[k], _delta[k]) = (pair, delta);
        Change(old, oldDelta, -1);
        _g[k] = _problem.V[pair] * _inverse.Multiply(delta, _u);
    }

    // M ← M ± v δδᵀ, and everyone's g: from the sum where so little is left of a direction that the difference would be rounding.
    private void Change(int pair, double[] delta, int sign)
    {
        double weight = sign * _problem.V[pair], q = _inverse.Multiply(delta, _other);
        if (1 + weight * q < UpdatedInverse.Vanishing)
        {
            Refresh(_problem.Precision([.. Indices]));
            return;
        }

        _inverse.Update(weight, _other, q);
        double scale = weight / (1 + weight * q);
        for (int k = 0; k < Count; k++)
        {
            double dot = TensorPrimitives.Dot<double>(_delta[k], _other);
            _g[k] -= scale * _problem.V[Indices[k]] * dot * dot;
        }
    }
}
