using FisherKernels.Kernels;

namespace FisherKernels.Bench;

/// <summary>Which backends are here.</summary>
internal static class Presence
{
    /// <summary>Why a backend cannot be measured here; null where it can.</summary>
    public static string? Absent(BackendKind kind)
    {
        try
        {
            using Backend _ = Backend.Open(kind);
            return null;
        }
        catch (DeviceUnavailableException exception)
        {
            return exception.Message;
        }
    }
}
