using System.Globalization;
using System.Text;
using FisherKernels.Bench.Peers;
using FisherKernels.Learning.Batches;
using FisherKernels.Storage;

namespace FisherKernels.Bench.Experiments.Batches;

/// <summary>The page of a measurement: batches.md, and the figure beside it.</summary>
internal static class BatchPage
{
    private const string Nothing = "–";

    /// <summary>Writes batches.md, batches.png and batches.svg; the folder must be there.</summary>
    public static void Save(string folder, BatchResults results)
    {
        BatchFigure.Save(Path.Combine(folder, "batches"), results);
        AtomicFile.Write(Path.Combine(folder, "batches.md"), stream => stream.Write(Encoding.UTF8.GetBytes(Text(results))));
    }

    private static string Text(BatchResults results)
    {
        var page = new StringBuilder(
            $"# Which optimiser of a batch\n\n{results.Describe()}.\n\n"
            + "![What each optimiser's batch is proven to lose at most, over the time of choosing it](batches.svg)\n\n"
            + "Times in ms: median (quartiles). Choosing starts from a problem that is prepared: weights, M₀ and copies on the host are "
            + "made once a pool, in a time of their own.\n"
            + "log det: of M, in nats. Efficiency: exp((log det − bound)/d), so many times the information per dimension of the best "
            + "batch at least; \"own\" with the bound from the batch's own gradient, \"tight\" with that of the relaxation, which goes on "
            + $"from the batch until it is within {BatchMeasurement.Gap}·d nats of its bound or gains nothing.\n"
            + "\"99 %\" and \"99.8 %\": ms of proving it, and in brackets with choosing; \"no\" where the relaxation, in which pairs may "
            + "be taken in part, reaches so much that no bound from concavity can prove it.\n"
            + "Responses: different ones, of 2c places. Distance: mean over two pairs of the batch, of z = L⁻¹δ with M of all candidates. "
            + "Closest: mean over pairs of the largest |cos| between z and another pair's of the batch. In top: share of pairs that the "
            + "largest gradients have too.\n"
            + $"Random: means of {BatchMeasurement.Draws} batches; nothing is timed.\n");
        foreach (PoolResult pool in results.Pools)
        {
            page.Append(CultureInfo.InvariantCulture,
                $"\n## {pool.Name}, c = {pool.Count:N0} of {pool.Candidates:N0}\n\n{pool.Description}. Prepared in "
                + $"{Spread(pool.PreparedMilliseconds)} ms. ");
            page.Append(CultureInfo.InvariantCulture,
                $"No proof by concavity goes beyond {Percent(pool.Limit)} for the best batch here.\n\n");
            page.Append("| optimiser | choosing, ms | log det | own | ms | tight | steps | ms | 99 % | 99.8 % | responses | distance | "
                + "closest | in top |\n|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|\n");
            foreach (BatchCell cell in pool.Cells)
            {
                page.Append(Row(cell)).Append('\n');
            }
        }

        if (results.EveryPair is [var first, ..])
        {
            page.Append(CultureInfo.InvariantCulture,
                $"\n## every pair, c = {first.Count:N0} of {(long)first.Responses * (first.Responses - 1) / 2:N0}\n\n");
            page.Append("All pairs of the generated pool's responses, none of them listed, with nothing labelled (`fisher select "
                + "--every-pair`). Choosing includes the certificate, from the batch's own gradient over all pairs.\n\n");
            page.Append("| optimiser | choosing, ms | log det | proven | passes over all pairs | no exchange of one pair helps "
                + "|\n|---|---:|---:|---:|---:|---|\n");
            foreach (EveryPairCell cell in results.EveryPair)
            {
                page.Append(CultureInfo.InvariantCulture,
                    $"| {cell.Name} | {Spread(cell.Milliseconds)} | {cell.LogDet:F3} | {Percent(cell.Efficiency)} | {cell.Passes} | "
                    + $"{(cell.IsLocalOptimum ? "proven" : Nothing)} |\n");
            }
        }

        return page.ToString();
    }

    private static string Row(BatchCell cell)
    {
        string proofs =
            string.Join(" | ", BatchMeasurement.Efficiencies.Select(
            efficiency => Proven(cell, cell.Proofs.FirstOrDefault(proof => proof.Efficiency == efficiency))));
        return string.Create(CultureInfo.InvariantCulture,
            $"| {cell.Name} | {Spread(cell.Milliseconds)} | {cell.LogDet:F3} | {Percent(cell.Own)} | {Middle(cell.OwnMilliseconds)} | "
            + $"{Percent(cell.Tight)} | {cell.Steps} | {Middle(cell.TightMilliseconds)} | {proofs} | {cell.Batch.Responses:N0} | "
            + $"{cell.Batch.Distance:G3} | {cell.Batch.Closest:F3} | {100 * cell.Batch.SharedWithTop:F0} % |");
    }

    private static string Proven(BatchCell cell, ProofTime? proof) => proof is null ? Nothing
        : proof.Ended != Proof.Given ? "no"
        : $"{Middle(proof.Milliseconds)} ({Time(cell.Median + BatchCell.Middle(proof.Milliseconds))})";

    private static string Spread(double[] milliseconds) => milliseconds.Length == 0 ? Nothing : string.Create(
        CultureInfo.InvariantCulture,
        $"{Time(PairedTiming.Quantile(milliseconds, 0.5))} ({Time(PairedTiming.Quantile(milliseconds, 0.25))} to "
        + $"{Time(PairedTiming.Quantile(milliseconds, 0.75))})");

    private static string Middle(double[] milliseconds) => milliseconds.Length == 0 ? Nothing : Time(BatchCell.Middle(milliseconds));

    private static string Percent(double share) => FormattableString.Invariant($"{100 * share:F2} %");

    private static string Time(double ms) => ms >= 100 ? FormattableString.Invariant($"{ms:F0}") : FormattableString.Invariant($"{ms:G3}");
}
