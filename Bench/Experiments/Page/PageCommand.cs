using System.CommandLine;
using FisherKernels.Cli.Terminal;
using FisherKernels.Experiments.Runs;
using FisherKernels.Learning;
using FisherKernels.Storage;

namespace FisherKernels.Bench.Experiments.Page;

/// <summary>Bench page: one page with figures and tables from kept runs.</summary>
internal static class PageCommand
{
    public static Command Create(Output output)
    {
        var runs = new Option<string[]>(
            "--runs")
        { Description = "folders that fisher run made", Required = true, AllowMultipleArgumentsPerToken = true };
        var data = new Option<string[]>(
            "--data")
        {
            Description =
                "folders with their data, for the golden rewards and embeddings of chosen pairs; the bundled data is found without",
            AllowMultipleArgumentsPerToken = true
        };
        var folder = new Option<string>("--out") { Description = "folder for report.md, report.csv and figures", Required = true };
        var command = new Command("page", "One page with figures and tables from the folders of fisher run.") { runs, data, folder };
        command.SetAction(parsed =>
        {
            string[] folders = [.. parsed.GetValue(data) ?? [], Path.Combine(AppContext.BaseDirectory, "Data", "caption_contest")];
            if (folders.SkipLast(1).FirstOrDefault(path => !Directory.Exists(path)) is { } absent)
            {
                throw new InputException($"There is no folder {absent}; --data names folders with data.");
            }

            IReadOnlyList<ReportedRun> reported = ReportedRun.All([.. parsed.GetRequiredValue(runs).Select(KeptRun.Open)], folders);
            string path = parsed.GetRequiredValue(folder);
            AtomicFile.MakeFolder(path);
            ReportPage.Save(path, reported);
            ReportTable.Save(path, reported);
            output.Out.WriteLine($"Report: {Path.Combine(path, "report.md")}, numbers: {Path.Combine(path, "report.csv")}");
            return 0;
        });
        return command;
    }
}
