using System.CommandLine;
using FisherKernels.Kernels;

namespace FisherKernels.Cli.Commands;

/// <summary>fisher devices: what could compute here.</summary>
internal static class DevicesCommand
{
    public static Command Create(Output output)
    {
        var command = new Command("devices", "List what can compute here, and why what cannot.");
        _ = new SharedOptions(command);
        command.SetAction(_ =>
        {
            using var cpu = Backend.Open(BackendKind.Cpu);
            output.Out.WriteLine(cpu.Device);
            return 0;
        });
        return command;
    }
}
