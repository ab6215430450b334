namespace FisherKernels.Learning.Pools;

/// <summary>Embeddings in memory, which are not copied.</summary>
/// <param name="embeddings">Ψ [R, D] row by row.</param>
/// <param name="dimension">D, at least 1; divides the length.</param>
internal sealed class ArrayEmbeddings(float[] embeddings, int dimension) : IEmbeddingSource
{
    public string Name => "embeddings";

    public IReadOnlyList<long> Layout { get; } = [embeddings.Length / dimension];

    public int Dimension => dimension;

    public EmbeddingPrecision Precision => EmbeddingPrecision.Float32;

    public void Read(int first, Span<float> rows) => Rows(first, rows.Length).CopyTo(rows);

    public void Read(int first, Span<double> rows)
    {
        ReadOnlySpan<float> own = Rows(first, rows.Length);
        for (int j = 0; j < rows.Length; j++)
        {
            rows[j] = own[j];
        }
    }

    public void Dispose()
    {
    }

    private ReadOnlySpan<float> Rows(int first, int length) => embeddings.AsSpan(first * dimension, length);
}
