using System.Reflection;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using FisherKernels.Kernels;

namespace FisherKernels.Bench;

/// <summary>Where something is measured, as far as the system tells.</summary>
/// <param name="Kind">The backend.</param>
/// <param name="Device">The device's own name; of the CPU its model and its cores.</param>
/// <param name="Computes">How the backend describes itself.</param>
/// <param name="Processor">The CPU beside it, and its cores.</param>
/// <param name="Driver">Of the device; of the CPU the runtime.</param>
/// <param name="System">The operating system.</param>
internal sealed partial record Machine(string Kind, string Device, string Computes, string Processor, string Driver, string System)
{
    /// <summary>The commit that this program was built from, as the SDK noted it; empty where it was built outside of a
    /// repository.</summary>
    public static string Commit => typeof(Machine).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>(
        )?.InformationalVersion.Split('+') is [_, { Length: >= 7 } commit]
        ? commit[..7]
        : "";

    /// <summary>The CPU here, and its cores.</summary>
    public static string ProcessorHere => $"{Model()}, {Environment.ProcessorCount} cores";

    /// <summary>Name of a file about the device: lower case, digits and dashes.</summary>
    public string FileName => NotInNames().Replace(Device.ToLowerInvariant(), "-").Trim('-');

    public static Machine Of(Backend on)
    {
        string processor = ProcessorHere;
        string name = on.Kind == BackendKind.Cpu
            ? processor : Backend.Devices().First(device => device.Backend == on.Name && device.Problem is null).Name;
        return new Machine(on.Name, name, on.Device, processor, DriverOf(on.Kind), RuntimeInformation.OSDescription);
    }

    private static string Model() => FirstLine("/proc/cpuinfo", "model name") is { } line
        ? line[(line.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim()
        : Environment.GetEnvironmentVariable("PROCESSOR_IDENTIFIER") ?? $"{RuntimeInformation.ProcessArchitecture}";

    private static string DriverOf(BackendKind kind) => kind switch
    {
        BackendKind.Cpu => RuntimeInformation.FrameworkDescription,
        BackendKind.Cuda => FirstLine("/proc/driver/nvidia/version", "NVRM version") ?? "driver not told by the system",
        _ => "driver not told by the system",
    };

    private static string? FirstLine(string path, string beginning) =>
        File.Exists(path) ? File.ReadLines(path).FirstOrDefault(line => line.StartsWith(beginning, StringComparison.Ordinal)) : null;

    [GeneratedRegex("[^a-z0-9]+")]
    private static partial Regex NotInNames();
}
