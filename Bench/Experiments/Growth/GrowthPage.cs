using System.Globalization;
using System.Text;
using FisherKernels.Bench.Peers;
using FisherKernels.Storage;

namespace FisherKernels.Bench.Experiments.Growth;

/// <summary>The page of a measurement: growth.md, and the figure beside it.</summary>
internal static class GrowthPage
{
    private const string Nothing = "–";

    /// <summary>Writes growth.md, growth.png and growth.svg; the folder must be there.</summary>
    public static void Save(string folder, GrowthResults results)
    {
        GrowthFigure.Save(Path.Combine(folder, "growth"), results);
        AtomicFile.Write(Path.Combine(folder, "growth.md"), stream => stream.Write(Encoding.UTF8.GetBytes(Text(results))));
    }

    private static string Text(GrowthResults results)
    {
        var page = new StringBuilder(
            "# How one selection grows\n\n"
            + "The best 500 pairs in order, past-aware (I_past given), from features, rewards and pairs in the caller's memory; sorting "
            + "the pairs by response is part of it.\n"
            + $"{results.Describe()}.\n\n![Time and memory of one selection over pairs, responses and width](growth.svg)\n\n"
            + "ms: median (quartiles) of the repetitions, scratch kept from run to run. First: the first run of a new backend, which "
            + "takes its memory from the system.\n"
            + "MB: how far that first run raised the resident memory, in 10⁶ bytes. Given: features, rewards and pairs, which were there "
            + "before.\n");
        foreach (string line in Findings(results))
        {
            page.Append(CultureInfo.InvariantCulture, $"\n* {line}");
        }

        page.Append('\n');
        foreach (Sweep sweep in Sweep.All)
        {
            GrowthCell[] cells = [.. results.Of(sweep)];
            if (cells.Length == 0)
            {
                continue;
            }

            page.Append(CultureInfo.InvariantCulture,
                $"\n## More {sweep.Title(results.Standing)}\n\n| n | R | d | threads | ms | repetitions | ns per pair | first, ms | MB | "
                + $"fitted, MB | given, MB |\n|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|\n");
            foreach (GrowthCell cell in cells)
            {
                page.Append(Row(cell, results.Memory)).Append('\n');
            }
        }

        return page.ToString();
    }

    private static string Row(GrowthCell cell, MemoryFit? fit)
    {
        string place = FormattableString.Invariant($"| {cell.Pairs:N0} | {cell.Responses:N0} | {cell.Width:N0} | {cell.Threads} |");
        string given = Megabytes(cell.Size().Given / 1e6), fitted = fit is null ? Nothing : Megabytes(fit.Bytes(cell.Size()) / 1e6);
        return cell.NotMeasured is { } why
            ? $"{place} not measured: {why} | {Nothing} | {Nothing} | {Nothing} | {Nothing} | {fitted} | {given} |"
            : string.Create(CultureInfo.InvariantCulture,
                $"{place} {Time(cell.Median)} ({Time(Quartile(0.25))} to {Time(Quartile(0.75))}) | {cell.Milliseconds.Length} | "
                + $"{Short(cell.NanosecondsPerPair)} | {Time(cell.FirstMilliseconds)} | {Megabytes(cell.Megabytes)} | {fitted} | "
                + $"{given} |");

        double Quartile(double q) => PairedTiming.Quantile(cell.Milliseconds, q);
    }

    // Sentences that are made of nothing but what was measured.
    private static IEnumerable<string> Findings(GrowthResults results)
    {
        foreach (Sweep sweep in Sweep.All.Where(sweep => sweep.Symbol == "n"))
        {
            foreach (IGrouping<int, GrowthCell> team in results.Of(sweep).Where(cell => cell.NotMeasured is null && cell.Pairs >= 10_000)
                .GroupBy(cell => cell.Threads))
            {
                GrowthCell least = team.MinBy(cell => cell.NanosecondsPerPair)!, most = team.MaxBy(cell => cell.NanosecondsPerPair)!;
                yield return string.Create(CultureInfo.InvariantCulture,
                    $"`{sweep.Name}`, {Threads(team.Key)}, from 10,000 pairs on: {Short(least.NanosecondsPerPair)} ns per pair at n = "
                    + $"{least.Pairs:N0} at least, {Short(most.NanosecondsPerPair)} at n = {most.Pairs:N0} at most.");
            }
        }

        if (results.Memory is { } fit)
        {
            yield return string.Create(CultureInfo.InvariantCulture,
                $"Memory of a selection ≈ {fit.BytesPerFeature:F1} R·d + {fit.BytesPerPair:F1} n + {fit.BytesPerMatrixEntry:F0} d² + "
                + $"{fit.BytesAlways / 1e6:F1}·10⁶ bytes, fitted to {fit.Cells} cells of at least {MemoryFit.LeastMegabytes:F0} MB; none "
                + $"is off by a factor of more than {fit.WorstRatio:F2}. ")
                + "Given besides: 4 R·d + 4 R + 8 n.";
        }

        if (results.Cells.Where(cell => cell.NotMeasured is null).MaxBy(cell => (cell.Pairs, cell.Responses, -cell.Median)) is { } largest)
        {
            GrowthSize next = largest.Size() with { Pairs = (int)Math.Min(10L * largest.Pairs, int.MaxValue) };
            yield return string.Create(CultureInfo.InvariantCulture,
                $"Largest measured: {largest.Pairs:N0} pairs of {largest.Responses:N0} responses, d = {largest.Width}: "
                + $"{largest.Median / 1e3:G3} s on {Threads(largest.Threads)}. ")
                + FormattableString.Invariant(
                    $"The next power of ten is {next.Pairs:N0} pairs: not measured; ten times as long would be {largest.Median / 100:G2} s")
                + (results.Memory is { } memory ? FormattableString.Invariant(
                    $", and the fit asks for {(memory.Bytes(next) + next.Given) / 1e9:F1} GB with what is given.") : ".");
        }
    }

    private static string Threads(int count) => count == 1 ? "one thread" : FormattableString.Invariant($"{count} threads");

    private static string Time(double? milliseconds) =>
        milliseconds is double ms ? ms >= 1000 ? ms.ToString("N0", CultureInfo.InvariantCulture) : Short(ms) : Nothing;

    private static string Short(double? number) => number?.ToString(number >= 100 ? "F0" : "G3", CultureInfo.InvariantCulture) ?? Nothing;

    private static string Megabytes(double? megabytes) =>
        megabytes?.ToString(megabytes < 10 ? "F1" : "N0", CultureInfo.InvariantCulture) ?? Nothing;
}
