using FisherKernels.Learning;
using FisherKernels.Learning.Pools;

namespace FisherKernels.Storage;

/// <summary>Embeddings in a .npy file of shape (prompts, responses, D) or (R, D), which stay in it and are read where they are
/// needed.</summary>
internal sealed class NpyEmbeddings : IEmbeddingSource
{
    private const int MaxDimension = 1 << 20;

    private readonly NpyFile _file;

    private NpyEmbeddings(NpyFile file)
    {
        _file = file;
        Layout = [.. file.Shape.SkipLast(1)];
        Dimension = (int)file.Shape[^1];
    }

    public string Name => _file.Path;

    public IReadOnlyList<long> Layout { get; }

    public int Dimension { get; }

    public EmbeddingPrecision Precision => _file.Type switch
    {
        NpyType.Float16 => EmbeddingPrecision.Float16,
        NpyType.Float32 => EmbeddingPrecision.Float32,
        NpyType.Float64 => EmbeddingPrecision.Float64,
        NpyType.Int32 or NpyType.UInt32 => EmbeddingPrecision.Int32,
        NpyType.Int64 or NpyType.UInt64 => EmbeddingPrecision.Int64,
        _ => EmbeddingPrecision.Int16,
    };

    /// <summary>Opens a file and looks at its shape.</summary>
    /// <exception cref="InputException">A shape that is no pool, or a damaged file.</exception>
    public static NpyEmbeddings Open(string path)
    {
        NpyFile file = NpyFile.Open(path);
        try
        {
            IReadOnlyList<long> shape = file.Shape;
            if (shape.Count is not (2 or 3) || shape[^1] < 1)
            {
                throw new InputException(
                    $"{path} has shape ({string.Join(", ", shape)}), expected (responses, D) or (prompts, responses, D).");
            }

            long rows = file.Count / shape[^1];
            return rows <= Array.MaxLength && shape[^1] <= MaxDimension
                ? new NpyEmbeddings(file)
                : throw new InputException(
                    $"{path} has {rows} rows of {shape[^1]}; at most {Array.MaxLength} rows of {MaxDimension} can be a pool. Split the "
                        + "file.");
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    public void Read(int first, Span<float> rows) => _file.ReadSingles((long)first * Dimension, rows);

    public void Read(int first, Span<double> rows) => _file.ReadDoubles((long)first * Dimension, rows);

    public void Dispose() => _file.Dispose();
}
