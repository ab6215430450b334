using FisherKernels.Learning;

namespace FisherKernels.Bench.Experiments.Growth;

/// <summary>One size grows, the others stand.</summary>
/// <param name="Name">As --sweep takes it.</param>
/// <param name="Title">What grows, and what stands, of measurements with so much standing.</param>
/// <param name="Symbol">Of what grows.</param>
/// <param name="Of">The number that grows, out of the sizes.</param>
/// <param name="Sizes">All sizes, ascending, none of n and R above the number given.</param>
internal sealed record Sweep(
    string Name, Func<int, string> Title, string Symbol, Func<GrowthSize, int> Of, Func<int, IReadOnlyList<GrowthSize>> Sizes)
{
    /// <summary>Where n, R and d begin.</summary>
    public const int Smallest = 1_000;

    /// <summary>Width of the features where it stands.</summary>
    public const int Width = 64;

    private const int MostResponses = 1_000_000, FewResponses = 5_000, ManyPairs = 200_000, FewPairs = 20_000;

    /// <summary>In the order of the page.</summary>
    public static IReadOnlyList<Sweep> All { get; } =
    [
        new("pairs", _ => "pairs, four for each response: R = n/4 from 1,000 to 1,000,000, d = 64", "n", size => size.Pairs, largest =>
            [.. HalfDecades(largest).Select(n => new GrowthSize(n, Math.Clamp(n / 4, Smallest, Math.Min(MostResponses, largest)), Width))]),
        new("pairs-fixed", standing => FormattableString.Invariant($"pairs of {Responses(standing):N0} responses, d = 64"), "n", size =>
            size.Pairs, largest =>
            [.. HalfDecades(largest).Select(n => new GrowthSize(n, Responses(largest), Width))]),
        new("responses", standing => FormattableString.Invariant($"responses, {standing:N0} pairs, d = 64"), "R", size =>
            size.Responses, largest =>
            [.. HalfDecades(Math.Min(MostResponses, largest)).Select(responses => new GrowthSize(Standing(largest), responses, Width))]),
        new("width", standing => FormattableString.Invariant(
            $"width of the features, {Pairs(standing):N0} pairs of {Responses(standing):N0} responses"), "d", size => size.Width, largest =>
            [.. ((int[])[16, 32, 64, 128, 256, 512, 1024]).Select(d => new GrowthSize(Pairs(largest), Responses(largest), d))]),
    ];

    /// <summary>Pairs that stand while responses grow; what else stands follows from it.</summary>
    /// <param name="largest">Of n and R.</param>
    public static int Standing(int largest) => Math.Min(ManyPairs, largest);

    /// <summary>Pairs that stand while the width grows.</summary>
    public static int Pairs(int standing) => Math.Min(FewPairs, standing);

    /// <summary>Responses that stand while pairs or the width grow.</summary>
    public static int Responses(int standing) => Math.Min(FewResponses, standing);

    /// <summary>By name; 'all' is all of them.</summary>
    public static IReadOnlyList<Sweep> Named(string names) =>
        names == "all" ? All : [.. names.Split(',', StringSplitOptions.TrimEntries).Select(name =>
        All.FirstOrDefault(sweep => sweep.Name == name)
        ?? throw new InputException(
            $"--sweep has '{name}'; expected all, or of {string.Join(", ", All.Select(sweep => sweep.Name))}, with commas between."))];

    private static IEnumerable<int> HalfDecades(int largest)
    {
        for (int step = 0; ; step++)
        {
            double size = Math.Round(Smallest * Math.Pow(10, step / 2.0));
            if (size > largest)
            {
                yield break;
            }

            yield return (int)size;
        }
    }
}
