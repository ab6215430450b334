using FisherKernels.Learning;
using FisherKernels.Learning.Pools;

namespace FisherKernels.Bench.Experiments.Curves;

/// <summary>The settings behind a figure of the paper, and which data sets it shows.</summary>
/// <param name="Figure">Its number.</param>
/// <param name="Tasks">A data set's task has to contain one of these words.</param>
/// <param name="Models">Its generator has to be one of these, looked for without punctuation.</param>
/// <param name="Strategies">Compared, with commas between them.</param>
/// <param name="Scopes">Of candidate pairs.</param>
/// <param name="Batches">Pairs asked in a round.</param>
/// <param name="Prompts">Drawn in a round.</param>
/// <param name="Widths">Of each of the three hidden layers.</param>
internal sealed record Preset(
    int Figure,
    IReadOnlyList<string> Tasks,
    IReadOnlyList<string> Models,
    string Strategies,
    IReadOnlyList<CandidateScope> Scopes,
    IReadOnlyList<int> Batches,
    IReadOnlyList<int> Prompts,
    IReadOnlyList<int> Widths)
{
    private const string Eight = "random,entropy,maxdiff,xtx,coreset,batchbald,dopt,padopt", Theirs = "dopt,padopt";

    private static readonly string[] Both = ["harmless", "helpful"], Every = ["gemma2b", "gemma7b", "llama"];
    private static readonly CandidateScope[] In = [CandidateScope.InPrompt], Cross = [CandidateScope.CrossPrompt],
        Either = [CandidateScope.InPrompt, CandidateScope.CrossPrompt];

    /// <summary>All figures of learning curves, 3 to 22. Where the paper does not say a batch, 500, which it does say of most.</summary>
    public static IReadOnlyList<Preset> All { get; } =
    [
        Compare(3, "harmless", In),
        Sizes(4, Theirs, "gemma2b"),
        Compare(5, "harmless", Cross),
        Compare(6, "helpful", In),
        Compare(7, "helpful", Cross),
        .. Every.Select((model, j) => Sizes(8 + j, Theirs, model)),
        .. Every.Select((model, j) => Sizes(11 + j, Eight, model)),
        .. Every.Select((model, j) => new Preset(14 + j, Both, [model], Eight, Either, [500], [500], [64])),
        .. Every.Select((model, j) => new Preset(17 + j, Both, [model], Eight, Either, [500], [500, 1000], [64])),
        .. Every.Select((model, j) => new Preset(20 + j, Both, [model], Eight, Either, [500], [500], [64, 128])),
    ];

    /// <summary>The one of a figure.</summary>
    /// <exception cref="InputException">The paper has no learning curves under that number.</exception>
    public static Preset Of(int figure) => All.FirstOrDefault(preset => preset.Figure == figure)
        ?? throw new InputException($"--figure is {figure}; the paper's learning curves are its figures "
            + $"{All.Min(preset => preset.Figure)} to {All.Max(preset => preset.Figure)}.");

    /// <summary>Those of given data sets that the figure shows.</summary>
    /// <param name="names">GEN_EMBED_TASK each.</param>
    /// <exception cref="InputException">None.</exception>
    public IReadOnlyList<string> Choose(IReadOnlyList<string> names)
    {
        string[] chosen =
            [.. names.Where(
            name => Tasks.Any(task => name.Contains(task, StringComparison.OrdinalIgnoreCase)) && Models.Contains(Generator(name)))];
        return chosen.Length > 0
            ? chosen
            : throw new InputException(
                $"Figure {Figure} shows {string.Join(" and ", Tasks)} of {string.Join(", ", Models)}; the data sets here are "
                    + $"{string.Join(", ", names)}. Name others with --data-set to run the figure's settings on them.");
    }

    // The model that is named first: the embedding, which may be another's, comes after the generator.
    private static string? Generator(string name)
    {
        string letters = string.Concat(name.Where(char.IsLetterOrDigit));
        return Every.Where(model => At(model) >= 0).MinBy(At);

        int At(string model) => letters.IndexOf(model, StringComparison.OrdinalIgnoreCase);
    }

    private static Preset Compare(int figure, string task, CandidateScope[] scopes) =>
        new(figure, [task], Every, Eight, scopes, [500], [500], [64]);

    private static Preset Sizes(int figure, string strategies, string model) =>
        new(figure, Both, [model], strategies, In, [125, 250, 500, 1000], [500], [64]);
}
