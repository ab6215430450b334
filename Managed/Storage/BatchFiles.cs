using System.Text.Json;
using FisherKernels.Kernels;
using FisherKernels.Learning;
using FisherKernels.Learning.Batches;
using FisherKernels.Learning.Pools;

namespace FisherKernels.Storage;

/// <summary>The two files of a batch: NAME.npy, c × 2 row indices, and NAME.jsonl, a line of JSON for each pair.</summary>
/// <param name="Pairs">Path of the first.</param>
/// <param name="Lines">Path of the second.</param>
public sealed record BatchFiles(string Pairs, string Lines)
{
    // Each line says what it is: a file of lines has no place for a header.
    private const string Format = "fisher-pairs/2", Extension = ".npy";

    /// <summary>The files of a name: NAME is what is given, unless that ends in .npy, so that batches of different names share no
    /// file.</summary>
    /// <param name="given">NAME or NAME.npy, with its folder.</param>
    /// <exception cref="InputException">A folder, no name, or two names of one file.</exception>
    public static BatchFiles FromName(string given)
    {
        ArgumentNullException.ThrowIfNull(given);
        if (Path.EndsInDirectorySeparator(given))
        {
            throw new InputException($"{given} is a folder; name a file in it, such as {given}next.npy.");
        }

        string name = given.EndsWith(Extension, StringComparison.Ordinal) ? given[..^Extension.Length] : given;
        if (Path.GetFileName(name) is "" or "." or "..")
        {
            throw new InputException(given == name
                ? $"{given} is a folder; name a file in it, such as {Path.Combine(given, "next.npy")}."
                : $"{given} has no name before {Extension}; give one, such as {Path.Combine(Path.GetDirectoryName(given)!, "next.npy")}.");
        }

        var files = new BatchFiles(name + Extension, name + ".jsonl");
        return AtomicFile.IsSame(files.Pairs, files.Lines) || FileIdentity.Resolved(files.Pairs) == FileIdentity.Resolved(files.Lines)
            ? throw new InputException(
                $"{files.Pairs} and {files.Lines} lead to one file: neither could be written without losing the other. Remove the "
                    + "links, or give another name.")
            : files;
    }

    /// <summary>Writes both, or neither; whatever was there stays until both are complete.</summary>
    /// <param name="pool">Where the pairs' rows lie.</param>
    /// <param name="batch">Pairs of its rows.</param>
    /// <exception cref="InputException">The folder is not there.</exception>
    /// <exception cref="IOException">The disk refuses; the message names the target.</exception>
    public void Write(EmbeddingPool pool, Batch batch)
    {
        ArgumentNullException.ThrowIfNull(pool);
        ArgumentNullException.ThrowIfNull(batch);
        long[] rows = [.. batch.Pairs.SelectMany(pair => new long[] { pair.First, pair.Second })];
        AtomicFile.WriteTogether(
            (Pairs, stream => Npy.Write<long>(stream, rows, [batch.Pairs.Length, 2])), (Lines, stream => WriteLines(stream, pool, batch)));
    }

    private static void WriteLines(Stream stream, EmbeddingPool pool, Batch batch)
    {
        Pair[] chosen = batch.Pairs;
        using var text = new StreamWriter(stream, leaveOpen: true) { NewLine = "\n" };
        for (int rank = 0; rank < chosen.Length; rank++)
        {
            text.WriteLine(JsonSerializer.Serialize(
                new
                {
                    format = Format,
                    rank,
                    first = chosen[rank].First,
                    second = chosen[rank].Second,
                    firstPrompt = pool.PromptIdOf(chosen[rank].First),
                    secondPrompt = pool.PromptIdOf(chosen[rank].Second),
                    score = batch.Values[rank],
                },
                JsonText.Lines));
        }
    }
}
