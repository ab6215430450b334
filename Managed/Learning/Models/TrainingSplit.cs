using FisherKernels.Kernels;
using FisherKernels.Learning.Pools;

namespace FisherKernels.Learning.Models;

/// <summary>What is on one side of a held-out split as a whole.</summary>
public enum ValidationGroup
{
    /// <summary>All comparisons of a prompt, and of prompts that comparisons link.</summary>
    Prompt,

    /// <summary>All comparisons of responses that comparisons link.</summary>
    Response,

    /// <summary>All comparisons of one unordered pair.</summary>
    Pair,
}

/// <summary>How the comparisons were divided into taught ones and held-out ones.</summary>
/// <param name="By">What was held out as a whole.</param>
/// <param name="Groups">Number of such wholes.</param>
/// <param name="HeldOutGroups">Those held out; 0 where there are fewer than two.</param>
/// <param name="Taught">Comparisons taught.</param>
/// <param name="HeldOut">Comparisons held out.</param>
internal sealed record TrainingSplit(ValidationGroup By, int Groups, int HeldOutGroups, int Taught, int HeldOut)
{
    /// <summary>Divides comparisons by whole groups, drawn by the seed, until the share is reached as closely as the groups
    /// allow.</summary>
    public static (TrainingSplit Split, Comparison[] Taught, Comparison[] HeldOut) Create(
        EmbeddingPool pool, Comparison[] comparisons, ComparedRows rows, TrainingOptions options)
    {
        double wanted = options.Validation * comparisons.Length;
        (ValidationGroup by, int[] groupOf, int[] sizes) = Choose(pool, comparisons, rows, options.ValidationBy, wanted);
        bool[] held = Draw(sizes, wanted, options);
        Comparison[] taught = [.. comparisons.Where((_, i) => !held[groupOf[i]])],
            heldOut = [.. comparisons.Where((_, i) => held[groupOf[i]])];
        return (new TrainingSplit(by, sizes.Length, held.Count(value => value), taught.Length, heldOut.Length), taught, heldOut);
    }

    private static bool[] Draw(int[] sizes, double wanted, TrainingOptions options)
    {
        var held = new bool[sizes.Length];
        if (options.Validation == 0 || sizes.Length < 2)
        {
            return held;
        }

        int[] order = [.. Enumerable.Range(0, sizes.Length)];
        new SeededRandom(options.Seed, Purpose.Validation).Shuffle<int>(order);
        int comparisons = 0, groups = 0;
        foreach (int group in order)
        {
            // Taken where that brings the number closer to what is wanted; one group at least is taught.
            if (groups < sizes.Length - 1 && comparisons + sizes[group] / 2.0 < wanted)
            {
                held[group] = true;
                comparisons += sizes[group];
                groups++;
            }
        }

        if (groups == 0)
        {
            held[order.MinBy(group => sizes[group])] = true;
        }

        return held;
    }

    // Left to itself: prompts where the pool has several, else linked responses, else pairs; the first that can hold out
    // half of what is wanted while its largest group is taught.
    private static (ValidationGroup By, int[] GroupOf, int[] Sizes) Choose(
        EmbeddingPool pool, Comparison[] comparisons, ComparedRows rows, ValidationGroup? asked, double wanted)
    {
        ValidationGroup[] levels = asked is { } one ? [one]
            : pool.Prompts > 1 ? [ValidationGroup.Prompt, ValidationGroup.Response, ValidationGroup.Pair]
            : [ValidationGroup.Response, ValidationGroup.Pair];
        foreach (ValidationGroup by in levels)
        {
            (int[] groupOf, int[] sizes) = Divide(pool, comparisons, rows, by);
            if (by == levels[^1] || (sizes.Length > 1 && comparisons.Length - sizes.Max() >= Math.Max(1, wanted / 2)))
            {
                return (by, groupOf, sizes);
            }
        }

        throw new InvalidOperationException("The last level always holds.");
    }

    // Groups are numbered as they first occur. Copies of a response under other row numbers are one response.
    private static (int[] GroupOf, int[] Sizes) Divide(EmbeddingPool pool, Comparison[] comparisons, ComparedRows rows, ValidationGroup by)
    {
        var questions = new Dictionary<Pair, int>();
        var links = new Links(
            by == ValidationGroup.Prompt ? pool.Prompts : by == ValidationGroup.Response ? rows.Count : comparisons.Length);
        int[] nodes = new int[comparisons.Length];
        for (int i = 0; i < nodes.Length; i++)
        {
            Pair pair = comparisons[i].Pair, question = rows.Question(pair);
            int other;
            (nodes[i], other) = by switch
            {
                ValidationGroup.Prompt => (pool.PromptOf(pair.First), pool.PromptOf(pair.Second)),
                ValidationGroup.Response => (question.First, question.Second),
                _ => (i, i),
            };
            links.Join(nodes[i], other);
            links.Join(nodes[i], questions.TryGetValue(question, out int before) ? before : questions[question] = nodes[i]);
        }

        var numbers = new Dictionary<int, int>();
        int[] groupOf =
            [.. nodes.Select(
            node => numbers.TryGetValue(links.Find(node), out int number) ? number : numbers[links.Find(node)] = numbers.Count)];
        int[] sizes = new int[numbers.Count];
        foreach (int group in groupOf)
        {
            sizes[group]++;
        }

        return (groupOf, sizes);
    }

    /// <summary>Which nodes are linked, in one step or several.</summary>
    private sealed class Links(int count)
    {
        private readonly int[] _parent = [.. Enumerable.Range(0, count)];

        public int Find(int node)
        {
            while (_parent[node] != node)
            {
                node = _parent[node] = _parent[_parent[node]];
            }

            return node;
        }

        public void Join(int a, int b)
        {
            (a, b) = (Find(a), Find(b));
            _parent[Math.Max(a, b)] = Math.Min(a, b);
        }
    }
}
