using FisherKernels.Learning;
using FisherKernels.Learning.Pools;

namespace FisherKernels.Storage;

/// <summary>A pool of responses whose embeddings lie in a .npy file.</summary>
public static class PoolFile
{
    /// <summary>Opens a .npy file of shape (prompts, responses, D) or (R, D); rows are counted in that order.</summary>
    /// <remarks>The rows stay in the file, which is open until the pool is disposed.</remarks>
    /// <param name="path">Embeddings.</param>
    /// <param name="promptIdsPath">.npy of R integers, the prompt of each row, any integers; without it the first axis of three is the
    /// prompt, and a file of two axes is one prompt.</param>
    /// <exception cref="InputException">A shape that is no pool, another number of prompts than of rows, or a damaged file.</exception>
    public static EmbeddingPool Load(string path, string? promptIdsPath = null)
    {
        var source = NpyEmbeddings.Open(path);
        try
        {
            return promptIdsPath is null
                ? EmbeddingPool.From(source)
                : EmbeddingPool.From(source, ReadPromptIds(promptIdsPath, source.Layout.Aggregate(1L, (product, axis) => product * axis)));
        }
        catch
        {
            source.Dispose();
            throw;
        }
    }

    private static long[] ReadPromptIds(string path, long rows)
    {
        using NpyFile file = NpyFile.Open(path);
        if (file.Count != rows)
        {
            throw new InputException($"{path} has {file.Count} prompts, the embeddings {rows} rows; expected one for each row.");
        }

        var prompts = new long[rows];
        file.ReadInts(0, prompts);
        return prompts;
    }
}
