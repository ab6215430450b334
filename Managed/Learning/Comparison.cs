using FisherKernels.Kernels;
using FisherKernels.Kernels.Numerics;

namespace FisherKernels.Learning;

/// <summary>What somebody said of one pair.</summary>
/// <param name="Pair">The responses, as rows of the pool.</param>
/// <param name="Preference">h in [0, 1]: 1 where the first won, 0 where the second did, between them for a soft label.</param>
/// <param name="Annotator">Who said it, or null.</param>
public readonly record struct Comparison(Pair Pair, float Preference, string? Annotator = null)
{
    /// <summary>How far beyond 0 or 1 a label may lie and is taken as that end: ten votes of a tenth add up to 1.0000001 in
    /// float32.</summary>
    public const double LabelRounding = 1e-5;

    /// <summary>Probability that the first response of a pair wins by the model of Bradley and Terry, σ(x), in [0, 1] (MATH.md
    /// §1).</summary>
    /// <param name="rewardGap">x, reward of the first response less that of the second; ±∞ is certain.</param>
    public static double WinProbability(double rewardGap) => Logit.Probability(rewardGap);

    /// <summary>Refuses preferences outside [0, 1] by more than 1e-5 (training takes less as the end), pairs out of range and responses
    /// compared with themselves.</summary>
    /// <param name="comparisons">What to look at.</param>
    /// <param name="responses">R, the rows of the pool.</param>
    /// <exception cref="InputException">Names the first comparison that is wrong.</exception>
    public static void Check(ReadOnlySpan<Comparison> comparisons, int responses)
    {
        for (int i = 0; i < comparisons.Length; i++)
        {
            Check(i, comparisons[i].Pair, comparisons[i].Preference, responses);
        }
    }

    /// <summary>The same of one comparison.</summary>
    internal static void Check(int number, Pair pair, double preference, int responses)
    {
        if (!IsLabel(preference))
        {
            throw new InputException(FormattableString.Invariant(
                $"Label {number} is {preference}; labels lie in [0, 1], 1 where the first response won."));
        }

        if ((uint)pair.First >= (uint)responses || (uint)pair.Second >= (uint)responses)
        {
            throw new InputException(FormattableString.Invariant(
                $"Pair {number} is ({pair.First}, {pair.Second}); the pool has rows 0 to {responses - 1}."));
        }

        if (pair.First == pair.Second)
        {
            throw new InputException(FormattableString.Invariant(
                $"Pair {number} compares response {pair.First} with itself; leave it out."));
        }
    }

    /// <summary>Whether a label lies in [0, 1], or beyond an end by at most <see cref="LabelRounding"/>; NaN does not.</summary>
    /// <param name="preference">h.</param>
    public static bool IsLabel(double preference) => preference is >= -LabelRounding and <= 1 + LabelRounding;
}
