using FisherKernels.Kernels;

namespace FisherKernels.Outside;

/// <summary>Finds the one device of this assembly, which is always there.</summary>
public sealed class OutsideProvider() : BackendProvider(BackendName)
{
    public const string BackendName = "outside";

    public override IReadOnlyList<DeviceDescription> Devices() => [new(Name, OutsideBackend.DeviceName, 0, null)];

    protected override Backend Open(int threads, bool isAutomatic) => new OutsideBackend();
}
