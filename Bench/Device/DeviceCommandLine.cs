using System.CommandLine;
using FisherKernels.Bench.Report;
using FisherKernels.Gpu;
using FisherKernels.Kernels;
using FisherKernels.Learning;

namespace FisherKernels.Bench;

/// <summary>What is measured on devices, as a function: arguments in, text out, an exit code back. 0 done, 1 failed, 2 bad input.</summary>
internal static class DeviceCommandLine
{
    /// <summary>Runs one command.</summary>
    /// <param name="arguments">What was typed.</param>
    /// <param name="result">Where results go.</param>
    /// <param name="progress">Where everything goes that a person reads while waiting.</param>
    public static async Task<int> RunAsync(IReadOnlyList<string> arguments, TextWriter result, TextWriter progress)
    {
        GpuBackends.Register();
        using IDisposable? traced = DeviceTrace.Begin(progress);
        var root = new RootCommand("device bench: what is right and how fast it is on the devices of a machine.");
        root.Subcommands.Add(ReportCommand.Create(result, progress));
        root.Subcommands.Add(PtxCommand.Create(result));
        root.Subcommands.Add(Devices(result));
        ParseResult parsed = root.Parse(arguments);
        if (parsed.Errors.Count > 0)
        {
            progress.WriteLine($"device bench: {string.Join(' ', parsed.Errors.Select(error => error.Message).Distinct())}");
            return 2;
        }

        try
        {
            return await parsed.InvokeAsync(
                new InvocationConfiguration { EnableDefaultExceptionHandler = false, Output = result, Error = progress })
                .ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            progress.WriteLine("device bench: stopped.");
            return 1;
        }
        catch (Exception exception) when (exception is InputException or ArgumentException)
        {
            progress.WriteLine($"device bench: {exception.Message}");
            return 2;
        }
#pragma warning disable CA1031 // On a machine that is there for minutes whoever reads the log needs all of it.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            progress.WriteLine($"device bench: {exception}");
            return 1;
        }
    }

    private static Command Devices(TextWriter result)
    {
        var command = new Command("devices", "What can compute here, and why the rest cannot.");
        command.SetAction(_ =>
        {
            foreach (DeviceDescription device in Backend.Devices())
            {
                result.WriteLine(
                    $"{device.Kind}: {(device.Name.Length > 0 ? device.Name : "none")}; "
                    + $"{device.Problem ?? $"{device.MemoryBytes:N0} bytes"}");
            }
        });
        return command;
    }
}
