using FisherKernels.Kernels;

namespace FisherKernels.Learning.Loop;

/// <summary>Answers that people gave before; only pairs that were compared can be asked.</summary>
public sealed class RecordedAnnotator : IAnnotator
{
    private readonly Dictionary<Pair, Comparison> _answers = [];

    /// <summary>From recorded comparisons; a pair that occurs again overwrites.</summary>
    public RecordedAnnotator(IEnumerable<Comparison> recorded)
    {
        ArgumentNullException.ThrowIfNull(recorded);
        foreach (Comparison answer in recorded)
        {
            _answers[answer.Pair] = answer;
        }
    }

    /// <inheritdoc/>
    /// <exception cref="InputException">A pair that nobody compared.</exception>
    public ValueTask<IReadOnlyList<Comparison>> CompareAsync(IReadOnlyList<Pair> pairs, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(pairs);
        cancellation.ThrowIfCancellationRequested();
        return ValueTask.FromResult<IReadOnlyList<Comparison>>([.. pairs.Select(Answer)]);
    }

    private Comparison Answer(Pair pair)
    {
        if (_answers.TryGetValue(pair, out Comparison answer))
        {
            return answer;
        }

        if (_answers.TryGetValue(new Pair(pair.Second, pair.First), out Comparison turned))
        {
            return new Comparison(pair, 1 - turned.Preference, turned.Annotator);
        }

        throw new InputException(
            $"Nobody compared responses {pair.First} and {pair.Second}; with recorded labels, offer only pairs that have one.");
    }
}
