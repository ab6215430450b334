using FisherKernels.Kernels;

namespace FisherKernels.Learning.Models;

/// <summary>Widths of the reward network, and where each layer's numbers lie in one flat vector of parameters.</summary>
/// <remarks>
/// One vector means one Adam launch, one copy to save, one to load. Every part starts on a 128-byte boundary; the gaps stay zero.
/// </remarks>
public sealed class MlpShape
{
    private const int Boundary = 32;

    private readonly int[] _weightStarts, _biasStarts;

    /// <summary>D → hidden… → 1, the head without bias.</summary>
    /// <param name="inputs">D ≥ 1.</param>
    /// <param name="hidden">Widths of the hidden layers, each ≥ 1, at least one; the last is d.</param>
    /// <param name="activation">After each hidden layer.</param>
    public MlpShape(int inputs, IReadOnlyList<int> hidden, Activation activation)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(inputs);
        ArgumentNullException.ThrowIfNull(hidden);
        if (hidden.Count == 0 || hidden.Any(width => width < 1))
        {
            throw new ArgumentException(
                $"hidden is [{string.Join(", ", hidden)}], expected one or more widths of at least 1.", nameof(hidden));
        }

        Inputs = inputs;
        Hidden = [.. hidden];
        Activation = activation;
        _weightStarts = new int[hidden.Count + 1];
        _biasStarts = new int[hidden.Count];
        long next = 0;
        for (int layer = 0; layer <= hidden.Count; layer++)
        {
            _weightStarts[layer] = Take((long)Outputs(layer) * InputsOf(layer));
            if (layer < hidden.Count)
            {
                _biasStarts[layer] = Take(Outputs(layer));
            }
        }

        Length = (int)next;

        int Take(long count)
        {
            long start = next;
            next = (next + count + Boundary - 1) / Boundary * Boundary;
            return next <= Array.MaxLength
                ? (int)start
                : throw new ArgumentException(
                    $"A network {inputs} → {string.Join(" → ", hidden)} → 1 has too many parameters.", nameof(hidden));
        }
    }

    /// <summary>Width D of an embedding.</summary>
    public int Inputs { get; }

    /// <summary>Widths of the hidden layers.</summary>
    public IReadOnlyList<int> Hidden { get; }

    /// <summary>After each hidden layer.</summary>
    public Activation Activation { get; }

    /// <summary>d, width of the last hidden layer: the features that the design sees.</summary>
    public int FeatureWidth => Hidden[^1];

    /// <summary>Length of the flat vector, gaps included.</summary>
    internal int Length { get; }

    /// <summary>Where layer's weight [outputs, inputs] starts; layer Hidden.Count is the head.</summary>
    internal int WeightStart(int layer) => _weightStarts[layer];

    internal int BiasStart(int layer) => _biasStarts[layer];

    internal int InputsOf(int layer) => layer == 0 ? Inputs : Hidden[layer - 1];

    internal int Outputs(int layer) => layer == Hidden.Count ? 1 : Hidden[layer];
}
