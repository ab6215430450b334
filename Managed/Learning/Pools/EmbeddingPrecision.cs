namespace FisherKernels.Learning.Pools;

/// <summary>How the numbers of embeddings are kept where they lie.</summary>
public enum EmbeddingPrecision
{
    /// <summary>IEEE float of 16 bits, which float32 holds.</summary>
    Float16,

    /// <summary>IEEE float of 32 bits.</summary>
    Float32,

    /// <summary>IEEE float of 64 bits, which float32 rounds.</summary>
    Float64,

    /// <summary>Integers of up to 16 bits, which float32 holds.</summary>
    Int16,

    /// <summary>Integers of up to 32 bits, which float32 rounds and float64 holds.</summary>
    Int32,

    /// <summary>Integers of up to 64 bits, which float32 and float64 round.</summary>
    Int64,
}
