using BenchmarkDotNet.Running;
using FisherKernels.Bench.Micro;
using FisherKernels.Kernels;

if (args is not ["micro", ..])
{
    Console.Error.WriteLine("micro [--filter '*Information*'] [options of BenchmarkDotNet]   operations on the CPU and every device present");
    return 2;
}

foreach (BackendKind kind in new[] { BackendKind.Cuda, BackendKind.OpenCl })
{
    if (Operations.Absent(kind) is { } why)
    {
        Console.WriteLine($"Not measured: {why}");
    }
}

return BenchmarkRunner.Run<Operations>(MicroConfig.Create(), args[1..]).HasCriticalValidationErrors ? 1 : 0;
