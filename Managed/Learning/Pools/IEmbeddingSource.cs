namespace FisherKernels.Learning.Pools;

/// <summary>Where the embeddings of a pool lie: R rows of D numbers that are read a few at a time, in a file, in memory or
/// elsewhere.</summary>
/// <remarks>
/// This is all that a file format has to offer to become a pool (<see cref="EmbeddingPool.From"/>). Several threads read at once.
/// The pool that
/// is made of a source owns it and disposes it.
/// </remarks>
public interface IEmbeddingSource : IDisposable
{
    /// <summary>File or other name, as it stands in messages.</summary>
    string Name { get; }

    /// <summary>Axes before the columns: [R], or [prompts, responses of each] with R their product. At least one, none negative.</summary>
    IReadOnlyList<long> Layout { get; }

    /// <summary>D, numbers in a row, at least 1.</summary>
    int Dimension { get; }

    /// <summary>How the numbers are kept, which says what float32 and float64 may lose of them.</summary>
    EmbeddingPrecision Precision { get; }

    /// <summary>Reads rows that follow one another, rounded to float32. Numbers that are NaN or infinite are handed on as they
    /// are.</summary>
    /// <param name="first">Index of the first row, in [0, R).</param>
    /// <param name="rows">[k, D], out; all k rows lie in the source.</param>
    /// <exception cref="FisherKernels.Learning.InputException">The rows cannot be read any more, or a finite number is beyond
    /// float32.</exception>
    void Read(int first, Span<float> rows);

    /// <summary>Reads rows that follow one another as float64. Numbers that are NaN or infinite are handed on as they are.</summary>
    /// <param name="first">Index of the first row, in [0, R).</param>
    /// <param name="rows">[k, D], out; all k rows lie in the source.</param>
    /// <exception cref="FisherKernels.Learning.InputException">The rows cannot be read any more.</exception>
    void Read(int first, Span<double> rows);
}
