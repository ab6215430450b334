namespace FisherKernels.Learning.Pools;

/// <summary>Which responses may be compared with each other.</summary>
public enum CandidateScope
{
    /// <summary>Responses to the same prompt.</summary>
    InPrompt,

    /// <summary>Any two drawn responses, those of one prompt included.</summary>
    CrossPrompt,
}

/// <summary>Which pairs are looked at in a round (paper, section 5.1). Immutable; a value out of range fails where it is written.</summary>
public sealed record CandidateOptions
{
    /// <summary>Prompts drawn, all of them where there are fewer.</summary>
    public int Prompts
    {
        get;
        init { ArgumentOutOfRangeException.ThrowIfNegativeOrZero(value, nameof(Prompts)); field = value; }
    } = 500;

    /// <summary>Pairs drawn from those of the drawn prompts, all of them where there are fewer.</summary>
    public int Pairs
    {
        get;
        init { ArgumentOutOfRangeException.ThrowIfNegativeOrZero(value, nameof(Pairs)); field = value; }
    } = 20_000;

    /// <summary>Responses drawn from each drawn prompt, all of them where it has fewer; null for all.</summary>
    public int? ResponsesPerPrompt
    {
        get;
        init
        {
            if (value is <= 0)
            {
                throw new ArgumentOutOfRangeException(nameof(ResponsesPerPrompt), value, "At least one response, or null for all.");
            }

            field = value;
        }
    }

    /// <summary>Which responses may be compared.</summary>
    public CandidateScope Scope { get; init; } = CandidateScope.InPrompt;

    /// <summary>How many pairs of a pool's responses are in the scope, their embeddings finite and different; however many are drawn.
    /// Reads all rows.</summary>
    /// <param name="pool">Responses.</param>
    /// <exception cref="InputException">The rows cannot be read any more.</exception>
    public long CountPairs(EmbeddingPool pool)
    {
        ArgumentNullException.ThrowIfNull(pool);
        int[][] groups = [.. Enumerable.Range(0, pool.Prompts).Select(prompt => pool.ResponsesOf(prompt).ToArray())];
        return new PairSpace(groups, Scope, pool.Marks).Count;
    }
}
