using System.Reflection;
using System.Runtime.InteropServices;
using ILGPU;
using ILGPU.Runtime;
using ILGPU.Runtime.Cuda;

namespace FisherKernels.Gpu;

/// <summary>Launches whose groups all run at a time, so that they may wait for each other: on CUDA, by the driver itself, since
/// ILGPU 1.5.3 has none.</summary>
internal sealed unsafe class CooperativeLaunch
{
    // Of the driver's header cuda.h: what a device is asked for, what a function is told, and answers where so many groups do not
    // fit at a time,
    // or where such launches are not to be had after all (a card that is shared).
    private const DeviceAttributeKind Offered = (DeviceAttributeKind)95;
    private const int PreferredSharedMemoryCarveout = 9, OutOfResources = 701, TooLarge = 720, NotSupported = 801;

    private readonly CudaKernel _kernel;
    private readonly delegate* unmanaged<nint, uint, uint, uint, uint, uint, uint, uint, nint, void**, int> _launch;

    private CooperativeLaunch(CudaKernel kernel, nint launch)
    {
        _kernel = kernel;
        _launch = (delegate* unmanaged<nint, uint, uint, uint, uint, uint, uint, uint, nint, void**, int>)launch;
    }

    /// <summary>Loads a kernel for such launches; null where the device or its driver has none.</summary>
    /// <param name="accelerator">Any, made current.</param>
    /// <param name="run">The kernel's method, without an index.</param>
    /// <param name="threads">Of a group.</param>
    /// <param name="sharedPercent">How much of what can be shared memory of a multiprocessor the kernel needs; the rest is to be
    /// its cache.</param>
    public static CooperativeLaunch? Load(Accelerator accelerator, MethodInfo run, int threads, int sharedPercent)
    {
        // What groups tell each other is told by instructions of compute capability 7.0.
        if (accelerator is not CudaAccelerator cuda || cuda.Architecture < CudaArchitecture.SM_70
            || CudaAPI.CurrentAPI.GetDeviceAttribute(Offered, cuda.DeviceId) == 0
            || !NativeLibrary.TryLoad(OperatingSystem.IsWindows() ? "nvcuda" : "cuda", typeof(Context).Assembly, null, out nint driver)
            || !NativeLibrary.TryGetExport(driver, "cuLaunchCooperativeKernel", out nint launch))
        {
            return null;
        }

        var kernel = (CudaKernel)cuda.LoadKernel(run, new KernelSpecialization(threads, 1));
        if (NativeLibrary.TryGetExport(driver, "cuFuncSetAttribute", out nint tell))
        {
            // A hint: the launch is right whatever the driver makes of it.
            _ = ((delegate* unmanaged<nint, int, int, int>)tell)(kernel.FunctionPtr, PreferredSharedMemoryCarveout, sharedPercent);
        }

        return new(kernel, launch);
    }

    /// <summary>Launches, or says false where so many groups do not run at a time; nothing has happened then.</summary>
    /// <param name="groups">Of the grid.</param>
    /// <param name="threads">Of a group.</param>
    /// <param name="stream">Of the same accelerator.</param>
    /// <param name="arguments">In the order of the kernel's parameters.</param>
    /// <exception cref="CudaException">Anything else went wrong.</exception>
    public bool TryRun(int groups, int threads, AcceleratorStream stream, params ReadOnlySpan<Argument> arguments)
    {
        void** places = stackalloc void*[arguments.Length];
        fixed (Argument* first = arguments)
        {
            for (int i = 0; i < arguments.Length; i++)
            {
                places[i] = first + i;
            }

            int error = _launch(_kernel.FunctionPtr, (uint)groups, 1, 1, (uint)threads, 1, 1, 0, ((CudaStream)stream).StreamPtr, places);
            return error is not (OutOfResources or TooLarge or NotSupported) && Require(error);
        }
    }

    private static bool Require(int error) => error == 0 ? true : throw new CudaException((CudaError)error);

    /// <summary>One argument as a kernel's PTX takes it: a number, or where a view begins and how long it is.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal readonly struct Argument
    {
        private readonly long _first, _length;

        private Argument(long first, long length) => (_first, _length) = (first, length);

        public static implicit operator Argument(int number) => new(number, 0);

        public static Argument Of<T>(ArrayView<T> view)
            where T : unmanaged => new(view.Length == 0 ? 0 : view.LoadEffectiveAddressAsPtr(), view.Length);
    }
}
