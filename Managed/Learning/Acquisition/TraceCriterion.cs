namespace FisherKernels.Learning.Acquisition;

/// <summary>Which tr(V M⁻¹) a design minimises (MATH.md §4).</summary>
internal enum TraceCriterion
{
    /// <summary>V = 1: the mean variance of the head's coordinates.</summary>
    A,

    /// <summary>V = mean of δδᵀ over the targets: the mean variance of their predicted reward gaps.</summary>
    V,

    /// <summary>V = δ*δ*ᵀ of the target whose gap is predicted worst at present: a subgradient of the largest variance.</summary>
    G,
}
