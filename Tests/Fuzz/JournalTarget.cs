using FisherKernels.Storage;

namespace FisherKernels.Fuzz;

/// <summary>A journal that is opened, grows by a line, and is opened again.</summary>
internal sealed class JournalTarget(string path) : Target
{
    private const string Added = """{"added":1}""";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Words { get; } =
        ["{\"a\":1}\n", "{}", "\n", "\\ud800", "null", "[]", "1e400", "\u00EF\u00BB\u00BF"];

    /// <inheritdoc/>
    public override IEnumerable<byte[]> Seeds()
    {
        yield return Bytes("{\"round\":0}\n{\"round\":1,\"name\":\"\\u00e9\"}\n");
        yield return Bytes("{\"round\":0}\n{\"rou");
        yield return [];
    }

    /// <inheritdoc/>
    protected override void Read(byte[] input)
    {
        File.WriteAllBytes(path, input);
        string[] before;
        using (var journal = JournalFile.Open(path))
        {
            before = [.. journal.Lines];
            journal.Append(Added);
        }

        using var again = JournalFile.Open(path);
        Require(!again.WasTorn, "A whole line is taken for one that was cut off.");
        Require(again.Lines.SequenceEqual([.. before, Added]), "A journal that was opened again has other lines.");
    }
}
