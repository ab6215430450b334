namespace FisherKernels.Kernels;

public abstract partial class Backend
{
    /// <summary>A selector from plain memory, with scratch of its own; the caller disposes it, before the backend.</summary>
    public virtual DOptimalSelector CreateSelector() => new ComposedSelector(this);
}
