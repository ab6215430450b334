using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Diagnosers;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Toolchains.InProcess.NoEmit;
using Perfolizer.Horology;

namespace FisherKernels.Bench.Micro;

/// <summary>How operations are measured.</summary>
internal static class MicroConfig
{
    public static IConfig Create() => DefaultConfig.Instance
        .AddDiagnoser(MemoryDiagnoser.Default)
        .AddColumn(StatisticColumn.Median)
        .HideColumns(StatisticColumn.Error)
        .WithSummaryStyle(SummaryStyle.Default.WithMaxParameterColumnWidth(60))
        .AddJob(Job.Default
            // A device's context in a child process was reported to hang at its end.
            .WithToolchain(InProcessNoEmitToolchain.Instance)
            .WithIterationTime(TimeInterval.FromMilliseconds(200))
            .WithWarmupCount(3)
            .WithIterationCount(10));
}
