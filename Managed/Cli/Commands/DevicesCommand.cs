using System.CommandLine;
using System.Text.Json;
using FisherKernels.Cli.Terminal;
using FisherKernels.Kernels;
using FisherKernels.Storage;
using MathNet.Numerics.Providers.LinearAlgebra;
using Spectre.Console;

namespace FisherKernels.Cli.Commands;

/// <summary>fisher devices: what can compute here, and what --device auto would take.</summary>
internal static class DevicesCommand
{
    public static Command Create(Output output)
    {
        var command = new Command("devices", "List what can compute here, and why the rest cannot.");
        var shared = new SharedOptions(command);
        command.SetAction(parsed =>
        {
            IReadOnlyList<DeviceDescription> devices = Backend.Devices();
            using Backend chosen = shared.Open(parsed);
            string provider = $"{LinearAlgebraControl.Provider}";
            if (shared.Json(parsed))
            {
                output.Out.WriteLine(JsonSerializer.Serialize(
                    new
                    {
                        devices = devices.Select(device => new { kind = device.Backend, device.Name, device.MemoryBytes, device.Problem }),
                        chosen = new { kind = chosen.Name, device = chosen.Device, why = chosen.Why },
                        linearAlgebra = provider,
                    },
                    JsonText.Indented));
                return 0;
            }

            var table = new Table().AddColumn("--device").AddColumn("name").AddColumn(new TableColumn("memory").RightAligned())
                .AddColumn("usable");
            foreach (DeviceDescription device in devices)
            {
                table.AddRow(
                    device.Backend,
                    Markup.Escape(device.Name),
                    device.MemoryBytes == 0 ? "" : FormattableString.Invariant($"{device.MemoryBytes / (double)(1 << 30):F1} GiB"),
                    Markup.Escape(device.Problem is null ? "yes" : $"no: {device.Problem}"));
            }

            output.Write(table);
            output.Out.WriteLine($"--device {shared.Device(parsed)} takes: {chosen.Device} ({chosen.Why})");
            output.Out.WriteLine($"d × d eigenvalues by: {provider}");
            return 0;
        });
        return command;
    }
}
