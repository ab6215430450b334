using FisherKernels.Kernels;

namespace FisherKernels.Bench.Cases;

public static partial class OperationCases
{
    // A property: the order in which fields of two files start is nobody's.
    private static Tolerance GreedyTolerance =>
        new(1e-9, "float64 through hundreds of changes of M⁻¹; no two different gains of the draws are as close, and a wrong number is "
            + "further off")
        { OfEach = true };

    private static IEnumerable<OperationCase> Greedys()
    {
        foreach ((int r, int d, int n, int c, bool large) in new[]
        {
            (2, 1, 1, 0, false), (2, 1, 1, 1, false), (2, 2, 2, 2, false), (17, 33, 0, 0, false), (17, 0, 33, 5, false),
            (257, 7, 63, 5, false), (17, 33, 33, 33, false),
            (65, 9, 65, 65, false), (33, 17, 257, 40, false), (1031, 63, 2049, 150, false), (5000, 64, 20_000, 500, true),
        })
        {
            yield return Greedy(
                r, d, n, c, "", (draw, pairs) =>
                    new(pairs, draw.Uniform(r, d), draw.Quarters(n), 0.5, c, null), zeroIsRight: c == 0) with
            { Large = large };
        }

        // 1024 pairs on: the same thread sees both on devices that walk over the pairs in strides of 512 or 1024.
        foreach ((int r, int d, int n, int c) in new[] { (9, 3, 33, 8), (33, 3, 1024, 8), (33, 5, 129, 100), (33, 17, 257, 257) })
        {
            yield return Greedy(r, d, n, c, ", each pair twice, the second time the other way round", (draw, pairs) =>
            {
                float[] v = draw.Quarters(n).Numbers;
                return new([.. pairs, .. pairs.Select(pair => new Pair(pair.Second, pair.First))], draw.Uniform(r, d),
                    new([.. v, .. v], 2 * n), 0.5, c, null);
            });
        }

        foreach ((int r, int d, int n, int c, int cap, double budget) in new[
            ] { (9, 3, 33, 8, 1, 3.0), (33, 5, 129, 100, 4, 40), (33, 17, 257, 257, 3, 30) })
        {
            int[] caps = [.. Enumerable.Range(0, r).Select(a => a == 7 ? 0 : cap)];
            yield return Greedy(r, d, n, c, $", {cap} of each response, of one none, of one all", (draw, pairs) =>
                new(pairs, draw.Uniform(r, d), draw.Quarters(n), 0.5, c, new(GroupsOf(pairs), caps)));
            yield return Greedy(r, d, n, c, $", costs and {budget} to spend", (draw, pairs) =>
                new(pairs, draw.Uniform(r, d), draw.Quarters(n), 0.5, c, new([], [], Costs(draw, n), budget)));
            yield return Greedy(
                r, d, n, c, $", {cap} of each response, of one none, of one all, costs and {budget} to spend", (draw, pairs) =>
                new(pairs, draw.Uniform(r, d), draw.Quarters(n), 0.5, c, new(GroupsOf(pairs), caps, Costs(draw, n), budget)));
        }

        foreach ((int n, int c) in new[] { (33, 8), (129, 100) })
        {
            yield return Greedy(17, 3, n, c, ", a response without numbers", (draw, pairs) =>
                new(pairs, draw.Uniform(17, 3) is var phi
                    ? new([.. phi.Numbers[..6], float.NaN, .. phi.Numbers[7..]], 17, 3) : phi, draw.Quarters(n), 0.5, c, null));
        }

        yield return Greedy(17, 3, 33, 5, ", all barred", (draw, pairs) =>
            new(pairs, draw.Uniform(17, 3), draw.Quarters(33), 0.5, 5, new(new int[33], [0])), zeroIsRight: true);
        yield return Greedy(17, 3, 33, 5, ", nothing to spend", (draw, pairs) =>
            new(pairs, draw.Uniform(17, 3), draw.Quarters(33), 0.5, 5, new([], [], Costs(draw, 33), 0)), zeroIsRight: true);

        static int[] GroupsOf(Pair[] pairs) =>
            [.. pairs.SelectMany(pair => new[] { pair.First, pair.Second }).Select(a => a == 3 ? -1 : a)];

        static double[] Costs(Draw draw, int n) => [.. draw.Quarters(n).Numbers.Select(quarter => 0.5f + quarter)];
    }

    // On the emulator the barriers of one choice weigh as much as 25,000 steps.
    private static OperationCase Greedy(
        int r, int d, int n, int c, string special, Func<Draw, Pair[], Greedy> make, bool zeroIsRight = false) =>
        new(nameof(Greedy), $"R{r} d{d} n{n} c{c}{special}", c * (25_000 + n + (long)r * d + (long)d * d), GreedyTolerance, () =>
        {
            var draw = new Draw(34);
            return make(draw, draw.Pairs(n, r));
        })
        { ZeroIsRight = zeroIsRight };
}
