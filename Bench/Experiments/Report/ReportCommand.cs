using System.CommandLine;
using FisherKernels.Cli;
using FisherKernels.Learning;
using FisherKernels.Learning.Files;

namespace FisherKernels.Bench.Experiments.Report;

/// <summary>Bench report: one page with figures and tables from kept runs.</summary>
internal static class ReportCommand
{
    public static Command Create(Output output)
    {
        var runs = new Option<string[]>("--runs") { Description = "folders that fisher run made", Required = true, AllowMultipleArgumentsPerToken = true };
        var data = new Option<string[]>("--data") { Description = "folders with their data, for the golden rewards of chosen pairs; the bundled data is found without", AllowMultipleArgumentsPerToken = true };
        var folder = new Option<string>("--out") { Description = "folder for report.md, report.csv and figures", Required = true };
        var command = new Command("report", "One page with figures and tables from the folders of fisher run.") { runs, data, folder };
        command.SetAction(parsed =>
        {
            string[] folders = [.. parsed.GetValue(data) ?? [], Path.Combine(AppContext.BaseDirectory, "Data", "caption_contest")];
            if (folders.SkipLast(1).FirstOrDefault(path => !Directory.Exists(path)) is { } absent)
            {
                throw new InputException($"There is no folder {absent}; --data names folders with data.");
            }

            (KeptRun, float[]?)[] kept = [.. parsed.GetRequiredValue(runs).Select(KeptRun.Open).Select(run => (run, Golden(run, folders)))];
            string path = parsed.GetRequiredValue(folder);
            Directory.CreateDirectory(path);
            ReportPage.Save(path, kept);
            output.Out.WriteLine($"Report: {Path.Combine(path, "report.md")}, numbers: {Path.Combine(path, "report.csv")}");
            return 0;
        });
        return command;
    }

    private static float[]? Golden(KeptRun run, string[] folders)
    {
        if (folders.Select(folder => Path.Combine(folder, $"reward_{run.Data}_train.npy")).FirstOrDefault(File.Exists) is not { } path)
        {
            return null;
        }

        using NpyFile file = NpyFile.Open(path);
        var rewards = new float[file.Count];
        file.ReadSingles(0, rewards);
        int largest = run.Cells.SelectMany(cell => cell.Rounds).SelectMany(round => round.First.Concat(round.Second)).DefaultIfEmpty().Max();
        return largest < rewards.Length
            ? rewards
            : throw new InputException($"{path} has {rewards.Length} rewards, and the run {run.Name} asked about response {largest}; it is of other data.");
    }
}
