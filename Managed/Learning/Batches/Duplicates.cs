using FisherKernels.Kernels;

namespace FisherKernels.Learning.Batches;

/// <summary>Candidates that nothing tells apart: the same two responses, v, groups and cost.</summary>
internal static class Duplicates
{
    /// <summary>The same batch by the lowest indices: a search may come by a later duplicate first.</summary>
    public static int[] Lowest(BatchProblem problem, ReadOnlySpan<int> indices)
    {
        PairQuota quota = problem.Quota([]);
        HashSet<int> required = [.. problem.Required], taken = [.. required];
        var alike = new Dictionary<(int, int), List<int>>();
        int[] lowest = [.. indices];
        foreach (int i in lowest)
        {
            alike.TryAdd(Responses(i), []);
        }

        for (int i = 0; i < problem.Pairs.Length; i++)
        {
            if (!required.Contains(i) && alike.TryGetValue(Responses(i), out List<int>? found))
            {
                found.Add(i);
            }
        }

        for (int k = 0; k < lowest.Length; k++)
        {
            int i = lowest[k];
            if (!required.Contains(i))
            {
                lowest[k] = alike[Responses(i)].First(j => !taken.Contains(j) && AreAlike(i, j));
                taken.Add(lowest[k]);
            }
        }

        return lowest;

        (int, int) Responses(int i) =>
            (Math.Min(problem.Pairs[i].First, problem.Pairs[i].Second), Math.Max(problem.Pairs[i].First, problem.Pairs[i].Second));

        bool AreAlike(int i, int j) =>
            problem.V[i] == problem.V[j] && quota.Cost(i) == quota.Cost(j) && new HashSet<int>(quota.Groups(i).ToArray())
                .SetEquals(quota.Groups(j).ToArray());
    }
}
