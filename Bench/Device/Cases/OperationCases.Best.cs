using FisherKernels.Kernels;

namespace FisherKernels.Bench.Cases;

public static partial class OperationCases
{
    private const double Ridge = 0.5;

    // On the emulator the barriers of one row of a factor weigh as much as some hundred steps for each number in it.
    private static long FactorWork(int d) => 200L * d * d;

    private static IEnumerable<OperationCase> Bests()
    {
        // A property: the order in which fields of two files start is nobody's.
        var rounded = new Tolerance(
            Math.ScaleB(1, -23),
            "M and z in float64, scores rounded to float32 once; no two different scores are as close, and a wrong index is further off")
        { OfEach = true };
        (int R, int D, int N, int K)[] sizes =
        [
            (2, 1, 1, 1), (2, 2, 2, 1), (17, 33, 0, 0), (17, 0, 33, 17), (2, 33, 17, 8), (17, 1, 33, 33), (257, 17, 33, 0),
            (17, 257, 33, 16),
            (17, 33, 257, 100), (33, 33, 33, 33), (65, 64, 129, 64), (257, 2, 1, 1), (33, 97, 65, 20), (1031, 63, 2049, 500),
            (4099, 3, 2, 1), (5000, 64, 20_000, 500),
        ];
        foreach ((int r, int d, int n, int k) in sizes)
        {
            foreach (bool past in new[] { false, true })
            {
                long work = 30L * n + 2L * n * d + 2L * r * d * d + FactorWork(d);
                yield return new(nameof(Best), $"R{r} d{d} n{n} k{k}{(past ? " with a past" : "")}", work, rounded, () =>
                {
                    var draw = new Draw(36);
                    return new Best(draw.Pairs(n, r), draw.Uniform(r, d), draw.Quarters(n), past ? Past(d) : null, Ridge, k);
                })
                { Large = n >= 20_000, ZeroIsRight = d == 0 };
            }
        }

        foreach ((int r, int d, int n, int k) in new[] { (9, 3, 257, 257), (33, 17, 1025, 33) })
        {
            long work = 30L * n + 2L * n * d + 2L * r * d * d + FactorWork(d);
            yield return new(nameof(Best), $"R{r} d{d} n{n} k{k} with ties", work, rounded, () =>
            {
                // Each pair twice, and features that two responses share.
                var draw = new Draw(37);
                Pair[] pairs = draw.Pairs(n / 2, r);
                var quarter = new Matrix<float>([.. Enumerable.Repeat(0.25f, n)], n);
                return new Best([.. pairs, .. pairs, new(0, 1)], draw.Whole(r, d), quarter, null, Ridge, k);
            });
        }
    }

    private static IEnumerable<OperationCase> AllPairsBests()
    {
        var rounded = new Tolerance(
            24 * Math.ScaleB(1, -23), "v of |r| < 4 in float32, once in M and once in the score; no two of the scores are as close");
        foreach ((int r, int d, int k) in Responses.Append((5000, 64, 500)))
        {
            long work = 20L * r * r + 2L * r * r * d + FactorWork(d);
            foreach (bool past in new[] { false, true })
            {
                string with = past ? " with a past" : "";
                yield return new(nameof(AllPairsBest), $"R{r} d{d} k{k}{with}", work, rounded, () =>
                {
                    var draw = new Draw(38);
                    return new AllPairsBest(draw.Uniform(r, d), draw.Wide(r, 1, 4), past ? Past(d) : null, Ridge, k);
                })
                { Large = r >= 5000, ZeroIsRight = d == 0 };
            }
        }
    }

    // Positive definite: 3 on the diagonal, ¼ beside it.
    private static Matrix<double> Past(int d) => new([.. Enumerable.Range(0, d * d).Select(j => j % (d + 1) == 0 ? 3.0 : 0.25)], d, d);
}
