namespace FisherKernels.Storage;

/// <summary>Files made of what is kept, again and again.</summary>
internal static class ResultFile
{
    /// <summary>Writes a file unless it has the same bytes already: what is finished can be shown where nothing can be written.</summary>
    public static void Save(string path, ReadOnlySpan<byte> content)
    {
        if (!File.Exists(path) || new FileInfo(path).Length != content.Length || !content.SequenceEqual(File.ReadAllBytes(path)))
        {
            byte[] bytes = content.ToArray();
            AtomicFile.Write(path, stream => stream.Write(bytes));
        }
    }
}
