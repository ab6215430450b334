namespace FisherKernels.Bench.Peers;

/// <summary>How much there is to do.</summary>
/// <param name="Responses">R.</param>
/// <param name="Dimension">D, of their embeddings.</param>
/// <param name="Width">d, of the features and of each of three hidden layers.</param>
/// <param name="Candidates">n, pairs to choose from.</param>
/// <param name="Labelled">Pairs of a training step.</param>
/// <param name="Batch">Pairs chosen.</param>
/// <param name="Draws">S, of the posterior.</param>
/// <param name="Small">Pairs that BatchBALD chooses.</param>
internal sealed record PeerSize(int Responses, int Dimension, int Width, int Candidates, int Labelled, int Batch, int Draws, int Small)
{
    /// <summary>A round of the paper.</summary>
    public static PeerSize Paper { get; } = new(5_000, 2_048, 64, 20_000, 10_000, 500, 20, 10);

    /// <summary>All of it, for an interpreter.</summary>
    public static PeerSize Least { get; } = new(40, 8, 4, 60, 30, 8, 5, 3);
}
