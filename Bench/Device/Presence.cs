using FisherKernels.Kernels;

namespace FisherKernels.Bench;

/// <summary>Which backends are here.</summary>
internal static class Presence
{
    /// <summary>The registered backends that are worth measuring, the CPU first: the emulator is there to be right, not fast.</summary>
    public static IReadOnlyList<BackendProvider> Measurable =>
        [.. Backend.Providers.Where(provider => provider.IsAutomatic || provider.Kind == BackendKind.Cpu)
            .OrderBy(provider => provider.Kind)];

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
