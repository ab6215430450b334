using System.Runtime.InteropServices;
using System.Runtime.Loader;
using FisherKernels.Gpu.Device;
using FisherKernels.Kernels;
using ILGPU;
using ILGPU.Algorithms;
using ILGPU.Backends.OpenCL;
using ILGPU.Backends.PTX;
using ILGPU.IR;
using ILGPU.Runtime;
using ILGPU.Runtime.CPU;
using ILGPU.Runtime.Cuda;
using ILGPU.Runtime.OpenCL;
using IlgpuDevice = ILGPU.Runtime.Device;

namespace FisherKernels.Gpu;

/// <summary>Finds accelerators and opens them, or says what is missing.</summary>
internal static class Accelerators
{
    // ILGPU loads the unversioned names, which many systems install with the development files only.
    static Accelerators() =>
        (AssemblyLoadContext.GetLoadContext(typeof(Context).Assembly) ?? AssemblyLoadContext.Default).ResolvingUnmanagedDll +=
            (_, name) => OperatingSystem.IsLinux() && name is "cuda" or "OpenCL"
                && NativeLibrary.TryLoad($"lib{name}.so.1", out nint library) ? library : 0;

    /// <summary>Every device of a kind, the one to be opened first; one without a name and with a problem where there is none.</summary>
    /// <param name="kind">Cuda, OpenCl or Emulator.</param>
    public static IReadOnlyList<DeviceDescription> List(BackendKind kind)
    {
        string backend = BackendNames.From(kind);
        if (kind == BackendKind.Emulator)
        {
            return [new(backend, "ILGPU's CPU accelerator", GC.GetGCMemoryInfo().TotalAvailableMemoryBytes, null)];
        }

        DeviceDescription[] found = [.. Find(kind).Select(device =>
            new DeviceDescription(backend, device.Name, device.MemorySize, Problem(device)))];
        return found.Length > 0 ? found : [new(backend, "", 0, Missing(kind))];
    }

    /// <summary>Opens the first usable device.</summary>
    /// <param name="kind">Cuda, OpenCl or Emulator.</param>
    /// <param name="gpuOnly">Passes over OpenCL devices that are not GPUs.</param>
    /// <exception cref="DeviceUnavailableException">There is none.</exception>
    public static GpuBackend Open(BackendKind kind, bool gpuOnly)
    {
        IlgpuDevice[] found = [.. Find(kind)];
        IlgpuDevice? device = Array.Find(found, one => Problem(one) is null && (!gpuOnly || IsGpu(one)));
        if (device is null)
        {
            string reason = found.Length == 0
                ? Missing(kind)
                : string.Join("; ", found.Select(one => $"{one.Name} {Problem(one) ?? "is not a GPU"}"));
            throw new DeviceUnavailableException(BackendNames.From(kind), reason);
        }

        Context context = Context.Create(builder =>
        {
            builder.EnableAlgorithms();
            Fused.Register(builder.GetIntrinsicManager());
            _ = device switch
            {
                CudaDevice cuda => builder.Cuda(one => one.DeviceId == cuda.DeviceId),
                CLDevice openCl => builder.OpenCL(one => one.DeviceId == openCl.DeviceId),
                _ => builder.CPU((CPUDevice)device),
            };
        });
        try
        {
            return new GpuBackend(kind, context, context.Devices[0].CreateAccelerator(context));
        }
        catch (Exception exception) when (exception is AcceleratorException or NotSupportedException)
        {
            context.Dispose();
            throw new DeviceUnavailableException(
                BackendNames.From(kind), $"{device.Name} could not be opened: {exception.Message}", exception);
        }
    }

    private static IEnumerable<IlgpuDevice> Find(BackendKind kind) => kind switch
    {
        BackendKind.Cuda => CudaDevice.GetDevices(_ => true),
        BackendKind.OpenCl => CLDevice.GetDevices(_ => true).OrderBy(device => IsGpu(device) ? 0 : 1),
        // One thread of the operating system per kernel thread: no more than the product kernels need.
        _ => [new CPUDevice(4, Block.Threads / 4, 1)],
    };

    private static bool IsGpu(IlgpuDevice device) =>
        device is not CLDevice openCl || openCl.DeviceType.HasFlag(CLDeviceType.CL_DEVICE_TYPE_GPU);

    private static string? Problem(IlgpuDevice device) => device switch
    {
        CudaDevice cuda when cuda.Architecture is null || cuda.InstructionSet is null
            || !PTXCodeGenerator.SupportedInstructionSets.Contains(cuda.InstructionSet.Value)
            => $"has a driver ({cuda.DriverVersion}) for which ILGPU knows no PTX version",
        CLDevice openCl when openCl.CLStdVersion < CLBackend.MinimumVersion || !openCl.Capabilities.GenericAddressSpace
            => $"offers {openCl.DeviceVersion}; OpenCL 2.0 with a generic address space is needed",
        CLDevice openCl when !openCl.Capabilities.Float64 => "has no float64",
        _ => null,
    };

    private static string Missing(BackendKind kind)
    {
        (string library, string what) = kind == BackendKind.Cuda
            ? (OperatingSystem.IsWindows() ? "nvcuda" : "cuda", "CUDA driver")
            : (OperatingSystem.IsWindows() ? "opencl" : "OpenCL", "OpenCL loader");
        return NativeLibrary.TryLoad(library, typeof(Context).Assembly, null, out _)
            ? $"the {what} reports no device"
            : $"no {what} is installed (library {library} not found)";
    }
}
