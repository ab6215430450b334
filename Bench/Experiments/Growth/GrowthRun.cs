namespace FisherKernels.Bench.Experiments.Growth;

/// <summary>Measures what growth.json does not have yet, and keeps each cell as soon as it is there.</summary>
/// <param name="measurement">How often and how long.</param>
/// <param name="path">The folder; must be there.</param>
/// <param name="results">What it has.</param>
internal sealed class GrowthRun(GrowthMeasurement measurement, string path, GrowthResults results)
{
    /// <summary>Measures the missing cells and returns everything.</summary>
    /// <param name="missing">The data of one size are drawn once for all its numbers of threads.</param>
    /// <param name="done">Cells that are there already.</param>
    /// <param name="report">Told how many cells are done, and what is at work.</param>
    /// <param name="cancellation">Looked at before each cell and within.</param>
    public GrowthResults Measure(
        IEnumerable<(string Sweep, GrowthSize Size, int Threads)> missing, int done, Action<double, string> report,
        CancellationToken cancellation)
    {
        GrowthResults all = results;
        foreach (IGrouping<(string Sweep, GrowthSize Size), (string Sweep, GrowthSize Size, int Threads)> group in missing.GroupBy(
            place => (place.Sweep, place.Size)))
        {
            (string sweep, GrowthSize size) = group.Key;
            report(done, FormattableString.Invariant($"{sweep}, n = {size.Pairs:N0}, R = {size.Responses:N0}, d = {size.Width:N0}"));
            string? tooLarge = TooLarge(size);
            GrowthData? data = tooLarge is null ? new GrowthData(size, all.Seed) : null;
            foreach ((_, _, int team) in group)
            {
                cancellation.ThrowIfCancellationRequested();
                GrowthCell cell = data is null
                    ? GrowthMeasurement.Not(sweep, size, team, tooLarge!) : measurement.Run(sweep, size, team, data, cancellation);
                all = all with { Cells = [.. all.Cells, cell] };
                all.Save(path);
                done++;
            }
        }

        return all;
    }

    // 0.9: the runtime and the system want some too.
    private static string? TooLarge(GrowthSize size)
    {
        double there = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
        return !size.FitsAnArray ? "features or pairs have more numbers than an array holds"
            : size.Needed > 0.9 * there
                ? FormattableString.Invariant($"it needs {size.Needed / 1e9:F1} GB, and there are {there / 1e9:F1} GB")
            : null;
    }
}
