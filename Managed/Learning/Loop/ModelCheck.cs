using System.Globalization;
using FisherKernels.Kernels;
using FisherKernels.Learning.Acquisition;
using FisherKernels.Learning.Design;
using FisherKernels.Learning.Pools;

namespace FisherKernels.Learning.Loop;

/// <summary>Refuses a model that has broken down, in the same words for every strategy.</summary>
internal static class ModelCheck
{
    private const string Remedy = "Train the model again with a lower learning rate, or standardise the embeddings.";

    /// <summary>Features and rewards have to be finite.</summary>
    /// <param name="pool">Responses.</param>
    /// <param name="responses">Rows of the pool.</param>
    /// <param name="features">Φ [k, d] of these.</param>
    /// <param name="rewards">r [k] of these.</param>
    /// <exception cref="ScoreException">One is NaN or infinite.</exception>
    public static void RequireFinite(EmbeddingPool pool, int[] responses, DeviceArray<float> features, DeviceArray<float> rewards)
    {
        ReadOnlyMemory<float> phi = features.OnHost ?? features.ToArray(), r = rewards.OnHost ?? rewards.ToArray();
        int feature = FirstBroken(phi.Span), reward = FirstBroken(r.Span);
        if (feature >= 0)
        {
            throw Broken(
                feature / features.Columns, FormattableString.Invariant($"feature {feature % features.Columns} as {phi.Span[feature]}"));
        }

        if (reward >= 0)
        {
            throw Broken(reward, FormattableString.Invariant($"the reward {r.Span[reward]}"));
        }

        ScoreException Broken(int at, string what) => new(
            $"The model gives row {responses[at]} ({pool.Place(responses[at])}) {what}: features or rewards overflowed. {Remedy}");
    }

    /// <summary>Some responses have to have different rewards, and the answer to some candidate has to tell something.</summary>
    /// <param name="pool">Responses.</param>
    /// <param name="responses">Rows of the pool, those of the candidates.</param>
    /// <param name="candidates">Pairs over their numbers.</param>
    /// <param name="features">Φ [k, d], finite.</param>
    /// <param name="rewards">r [k], finite.</param>
    /// <exception cref="ScoreException">All rewards are equal though the embeddings are not, or no pair has any information.</exception>
    public static void RequireAlive(
        EmbeddingPool pool, int[] responses, PairGraph candidates, DeviceArray<float> features, DeviceArray<float> rewards)
    {
        RequireDifferent(pool, responses, rewards.ToArray());
        RequireInformation(candidates, features, rewards, candidates.Count);
    }

    /// <summary>The same where every pair of different responses is a candidate.</summary>
    /// <param name="pool">Responses.</param>
    /// <param name="responses">Rows of the pool.</param>
    /// <param name="features">Φ [k, d], finite.</param>
    /// <param name="rewards">r [k], finite.</param>
    /// <param name="count">How many candidates there are.</param>
    /// <exception cref="ScoreException">All rewards are equal though the embeddings are not, or no pair has any information.</exception>
    public static void RequireAlive(
        EmbeddingPool pool, int[] responses, DeviceArray<float> features, DeviceArray<float> rewards, long count)
    {
        float[] r = rewards.ToArray();
        RequireDifferent(pool, responses, r);

        // From one response of an informative pair to the other, in the order of rewards, somewhere the features change, over no
        // larger a gap.
        int[] order = [.. Enumerable.Range(0, r.Length).OrderBy(i => r[i])];
        using PairGraph neighbours = rewards.Owner.Graph([.. order.Zip(order.Skip(1), (a, b) => new Pair(a, b))], r.Length);
        RequireInformation(neighbours, features, rewards, count);
    }

    private static void RequireDifferent(EmbeddingPool pool, int[] responses, float[] r)
    {
        if (r.Length > 1 && Array.TrueForAll(r, reward => reward == r[0]) && pool.Marks(responses).Distinct().Skip(1).Any())
        {
            throw new ScoreException(string.Create(CultureInfo.InvariantCulture,
                $"The model gives all {responses.Length} responses of the candidates the same reward, {r[0]:G6}: nothing tells them "
                + $"apart. It has broken down. {Remedy}"));
        }
    }

    // v‖δ‖² above 0 for some pair.
    private static void RequireInformation(PairGraph pairs, DeviceArray<float> features, DeviceArray<float> rewards, long count)
    {
        if (pairs.Count == 0)
        {
            return;
        }

        using DeviceArray<float> variances = FisherDesign.Variances(pairs, rewards);
        float[] v = variances.ToArray();
        ReadOnlyMemory<float> phi = features.OnHost ?? features.ToArray();
        Pair[] all = pairs.OnHost.ToArray();
        if (!Enumerable.Range(0, all.Length).Any(i => v[i] > 0 && !Row(all[i].First).SequenceEqual(Row(all[i].Second))))
        {
            throw new ScoreException(string.Create(CultureInfo.InvariantCulture,
                $"The model has nothing to learn from any answer: each of the {count} candidates is certain by it, or of two responses "
                + $"that it gives the same features. It has broken down. {Remedy}"));
        }

        ReadOnlySpan<float> Row(int response) => phi.Span.Slice(response * features.Columns, features.Columns);
    }

    private static int FirstBroken(ReadOnlySpan<float> numbers)
    {
        for (int j = 0; j < numbers.Length; j++)
        {
            if (!float.IsFinite(numbers[j]))
            {
                return j;
            }
        }

        return -1;
    }
}
