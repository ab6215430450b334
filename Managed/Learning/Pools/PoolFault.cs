namespace FisherKernels.Learning.Pools;

/// <summary>Why a whole pool has nothing to compare.</summary>
internal static class PoolFault
{
    /// <summary>What is wrong with the embeddings and what to do; null where two of them are finite and differ. Reads the whole
    /// pool.</summary>
    public static string? Find(EmbeddingPool pool)
    {
        UInt128[] finite = [.. pool.Marks([.. Enumerable.Range(0, pool.Responses)]).Where(mark => mark != RowMarks.Broken)];
        return (finite.Length, pool.Responses) switch
        {
            (_, < 2) =>
                $"{pool.Name} has {(pool.Responses == 0 ? "no responses" : "one response")}, and a pair takes two. Offer more responses.",
            (0, _) => $"{pool.Name} has {pool.Responses} responses, and the embedding of none is finite. Embed them again.",
            (1, _) => $"{pool.Name} has {pool.Responses} responses, and the embedding of only one is finite. Embed the others again.",
            _ => finite.Distinct().Skip(1).Any() ? null
                : $"all {finite.Length} {(finite.Length < pool.Responses ? "finite " : "")}embeddings of {pool.Name} are equal. Embed "
                    + "the responses again.",
        };
    }
}
