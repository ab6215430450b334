namespace FisherKernels.Kernels;

/// <summary>A device that is there, or the reason why there is none of its kind.</summary>
/// <param name="Backend">The name of the backend that would be opened on it.</param>
/// <param name="Name">The device's own name; empty where there is none.</param>
/// <param name="MemoryBytes">Its memory, 0 where there is none.</param>
/// <param name="Problem">Why it cannot be used; null where nothing is known against it. The self-test runs when it is opened.</param>
public sealed record DeviceDescription(string Backend, string Name, long MemoryBytes, string? Problem)
{
    /// <summary>The kind of backend that would be opened on it.</summary>
    public BackendKind Kind => BackendNames.Parse(Backend);
}
