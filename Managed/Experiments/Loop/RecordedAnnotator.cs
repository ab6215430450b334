using System.Globalization;
using FisherKernels.Kernels;
using FisherKernels.Learning;
using FisherKernels.Learning.Loop;

namespace FisherKernels.Experiments.Loop;

/// <summary>Answers that people gave before; only pairs that were compared can be asked.</summary>
public sealed class RecordedAnnotator : IAnnotator
{
    private readonly Dictionary<Pair, Comparison> _answers = [];

    /// <summary>From recorded comparisons; a pair that occurs again, either way round, overwrites.</summary>
    /// <exception cref="InputException">A label is NaN or outside [0, 1].</exception>
    public RecordedAnnotator(IEnumerable<Comparison> recorded)
    {
        ArgumentNullException.ThrowIfNull(recorded);
        foreach (Comparison answer in recorded)
        {
            if (!Comparison.IsLabel(answer.Preference))
            {
                throw new InputException(string.Create(CultureInfo.InvariantCulture,
                    $"The recorded label of pair ({answer.Pair.First}, {answer.Pair.Second}) is {answer.Preference}; labels lie in [0, "
                    + $"1], ")
                    + "1 where the first response won.");
            }

            // (a, b) and (b, a) are one question.
            _answers[answer.Pair.Ascending()] = answer;
        }
    }

    /// <inheritdoc/>
    /// <exception cref="InputException">A pair that nobody compared.</exception>
    public ValueTask<IReadOnlyList<Comparison>> CompareAsync(IReadOnlyList<Pair> pairs, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(pairs);
        cancellationToken.ThrowIfCancellationRequested();
        return ValueTask.FromResult<IReadOnlyList<Comparison>>([.. pairs.Select(Answer)]);
    }

    private Comparison Answer(Pair pair)
    {
        if (_answers.TryGetValue(pair.Ascending(), out Comparison answer))
        {
            return answer.Pair == pair ? answer : new Comparison(pair, 1 - answer.Preference, answer.Annotator);
        }

        throw new InputException(
            $"Nobody compared responses {pair.First} and {pair.Second}; with recorded labels, offer only pairs that have one.");
    }
}
