using System.Text.Json;
using FisherKernels.Kernels;
using FisherKernels.Learning;
using FisherKernels.Learning.Pools;
using FisherKernels.Storage;

namespace FisherKernels.Cli.Commands;

/// <summary>The two files of a batch: NAME.npy, c × 2 row numbers, and NAME.jsonl, a line of JSON for each pair.</summary>
/// <param name="Pairs">Path of the first.</param>
/// <param name="Lines">Path of the second.</param>
internal sealed record BatchFiles(string Pairs, string Lines)
{
    // Each line says what it is: a file of lines has no place for a header.
    private const string Format = "fisher-pairs/2", Extension = ".npy";

    /// <summary>NAME is what is given, unless that ends in .npy, so that batches of different names share no file.</summary>
    /// <exception cref="InputException">A folder, no name, or two names of one file.</exception>
    public static BatchFiles Named(string given)
    {
        if (Path.EndsInDirectorySeparator(given))
        {
            throw new InputException($"--out is {given}, a folder; name a file in it, such as {given}next.npy.");
        }

        string name = given.EndsWith(Extension, StringComparison.Ordinal) ? given[..^Extension.Length] : given;
        if (Path.GetFileName(name) is "" or "." or "..")
        {
            throw new InputException(given == name
                ? $"--out is {given}, a folder; name a file in it, such as {Path.Combine(given, "next.npy")}."
                : $"--out is {given}, which has no name before {Extension}; give one, such as {Path.Combine(Path.GetDirectoryName(given)!, "next.npy")}.");
        }

        var files = new BatchFiles(name + Extension, name + ".jsonl");
        bool isOne = FileIdentity.Of(files.Pairs) is { } pairs && FileIdentity.Of(files.Lines) == pairs;
        return isOne || FileIdentity.Resolved(files.Pairs) == FileIdentity.Resolved(files.Lines)
            ? throw new InputException($"{files.Pairs} and {files.Lines} lead to one file: neither could be written without losing the other. Remove the links, or give another --out.")
            : files;
    }

    /// <summary>Writes both, or neither.</summary>
    /// <param name="pool">Where the pairs' rows lie.</param>
    /// <param name="chosen">[c], best first.</param>
    /// <param name="values">[c], their scores.</param>
    public void Write(EmbeddingPool pool, Pair[] chosen, double[] values)
    {
        long[] rows = [.. chosen.SelectMany(pair => new long[] { pair.First, pair.Second })];
        AtomicFile.WriteTogether(
            (Pairs, stream => Npy.Write<long>(stream, rows, [chosen.Length, 2])), (Lines, stream => WriteLines(stream, pool, chosen, values)));
    }

    private static void WriteLines(Stream stream, EmbeddingPool pool, Pair[] chosen, double[] values)
    {
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
                    score = values[rank],
                },
                JsonText.Lines));
        }
    }
}
