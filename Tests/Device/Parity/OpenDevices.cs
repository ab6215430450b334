using FisherKernels.Kernels;
using NUnit.Framework;

namespace FisherKernels.Tests;

/// <summary>Backends of one fixture, each opened once: a context costs up to a second, and kernels are compiled on first use.</summary>
internal sealed class OpenDevices : IDisposable
{
    private readonly Dictionary<BackendKind, (Backend? Device, string Why)> _devices = [];

    /// <summary>Whether it interprets and is spared what is large: the emulator, and a CUDA driver that stands in for a GPU
    /// (FISHER_DEVICE_SIZE=small).</summary>
    public static bool IsSlow(BackendKind kind) =>
        kind == BackendKind.Emulator || (kind == BackendKind.Cuda && Environment.GetEnvironmentVariable("FISHER_DEVICE_SIZE") == "small");

    /// <summary>The backend of that kind; where there is none, the running test is skipped with the reason.</summary>
    public Backend Get(BackendKind kind)
    {
        if (!_devices.TryGetValue(kind, out (Backend? Device, string Why) found))
        {
            try
            {
                found = (Backend.Open(kind), "");
            }
            catch (Exception exception) when (exception is DeviceUnavailableException or ArgumentOutOfRangeException)
            {
                found = (null, exception.Message);
            }

            _devices.Add(kind, found);
        }

        if (found.Device is null)
        {
            Assert.Ignore(found.Why);
        }

        return found.Device!;
    }

    public void Dispose()
    {
        foreach ((Backend? device, string _) in _devices.Values)
        {
            device?.Dispose();
        }
    }
}
