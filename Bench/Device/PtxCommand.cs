using System.CommandLine;
using FisherKernels.Storage;
using ILGPU.Runtime.Cuda;

namespace FisherKernels.Bench;

/// <summary>ptx FOLDER: every kernel as text for a GPU's driver, a file each.</summary>
internal static class PtxCommand
{
    public static Command Create(TextWriter result)
    {
        var folder = new Argument<string>("folder") { Description = "gets KERNEL.ptx of every kernel" };
        var command = new Command("ptx", "Compiles every kernel to PTX for compute capability 9.0; needs no GPU.") { folder };
        command.SetAction(parsed =>
        {
            string path = parsed.GetRequiredValue(folder);
            AtomicFile.MakeFolder(path);
            using var ptx = new KernelPtx();
            foreach (Type kernel in KernelPtx.Kernels)
            {
                File.WriteAllText(Path.Combine(path, kernel.Name + ".ptx"), ptx.Compile(kernel, CudaArchitecture.SM_90));
            }

            result.WriteLine($"{KernelPtx.Kernels.Count} kernels: {path}");
        });
        return command;
    }
}
