using FisherKernels.Learning;

namespace FisherKernels.Bench.Experiments.Growth;

/// <summary>One size grows, the others stand.</summary>
/// <param name="Name">As --sweep takes it.</param>
/// <param name="Title">What grows, and what stands.</param>
/// <param name="Symbol">Of what grows.</param>
/// <param name="Of">The number that grows, out of the sizes.</param>
/// <param name="Sizes">All sizes, ascending, none of n and R above the number given.</param>
internal sealed record Sweep(string Name, string Title, string Symbol, Func<GrowthSize, int> Of, Func<int, IReadOnlyList<GrowthSize>> Sizes)
{
    /// <summary>Where n, R and d begin.</summary>
    public const int Smallest = 1_000;

    private const int MostResponses = 1_000_000, FewResponses = 5_000, ManyPairs = 200_000, FewPairs = 20_000, Width = 64;

    /// <summary>In the order of the page.</summary>
    public static IReadOnlyList<Sweep> All { get; } =
    [
        new("pairs", "pairs, four for each response: R = n/4 from 1,000 to 1,000,000, d = 64", "n", size => size.Pairs, largest =>
            [.. HalfDecades(largest).Select(n => new GrowthSize(n, Math.Clamp(n / 4, Smallest, Math.Min(MostResponses, largest)), Width))]),
        new("pairs-fixed", "pairs of 5,000 responses, d = 64", "n", size => size.Pairs, largest =>
            [.. HalfDecades(largest).Select(n => new GrowthSize(n, Math.Min(FewResponses, largest), Width))]),
        new("responses", "responses, 200,000 pairs, d = 64", "R", size => size.Responses, largest =>
            [.. HalfDecades(Math.Min(MostResponses, largest)).Select(responses => new GrowthSize(Math.Min(ManyPairs, largest), responses, Width))]),
        new("width", "width of the features, 20,000 pairs of 5,000 responses", "d", size => size.Width, largest =>
            [.. ((int[])[16, 32, 64, 128, 256, 512, 1024]).Select(d => new GrowthSize(Math.Min(FewPairs, largest), Math.Min(FewResponses, largest), d))]),
    ];

    /// <summary>By name; 'all' is all of them.</summary>
    public static IReadOnlyList<Sweep> Named(string names) => names == "all" ? All : [.. names.Split(',', StringSplitOptions.TrimEntries).Select(name =>
        All.FirstOrDefault(sweep => sweep.Name == name)
        ?? throw new InputException($"--sweep has '{name}'; expected all, or of {string.Join(", ", All.Select(sweep => sweep.Name))}, with commas between."))];

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
