using FisherKernels.Kernels;
using ILGPU;

namespace FisherKernels.Gpu;

/// <summary>What pairs are chosen from, in the memory of a device; real memory also where there is nothing.</summary>
internal readonly ref struct DOptimalViews
{
    /// <summary>[n].</summary>
    public required ArrayView<Pair> Pairs { get; init; }

    /// <summary>[R + 1], as in <see cref="PairGraph"/>.</summary>
    public required ArrayView<int> Starts { get; init; }

    /// <summary>[2n].</summary>
    public required ArrayView<int> Incident { get; init; }

    /// <summary>Φ [R, d].</summary>
    public required ArrayView<float> Features { get; init; }

    /// <summary>Weights v [n].</summary>
    public required ArrayView<float> Variances { get; init; }

    /// <summary>I_past [d, d], where there is one.</summary>
    public required ArrayView<double> Past { get; init; }

    /// <summary>Whether there is one.</summary>
    public required bool HasPast { get; init; }

    /// <summary>λ.</summary>
    public required double Ridge { get; init; }

    /// <summary>n.</summary>
    public required int Count { get; init; }

    /// <summary>R.</summary>
    public required int Responses { get; init; }

    /// <summary>d.</summary>
    public required int Dimension { get; init; }
}
