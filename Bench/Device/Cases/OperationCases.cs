using FisherKernels.Kernels;

namespace FisherKernels.Bench.Cases;

/// <summary>The table: every operation, small whole numbers first, then each dimension once the smallest and once the largest.</summary>
public static partial class OperationCases
{
    private static readonly Tolerance Whole = Tolerance.Exact("whole numbers, all sums below 2²⁴: nothing is rounded");
    private static readonly Tolerance Copied = Tolerance.Exact("numbers are copied or compared, not computed");

    // Rounding of a sum of k terms wanders like √k; four standard deviations, in units of the float's 2⁻²⁴.
    private static Tolerance FloatSum(int terms) =>
        new(Math.ScaleB(4 * Math.Sqrt(Math.Max(terms, 1)), -24), $"float32 sum of {terms} terms");

    private static Tolerance DoubleSum(int terms) =>
        new(Math.ScaleB(64 * Math.Sqrt(Math.Max(terms, 1)), -53), $"float64 sum of {terms} terms, some of both signs");

    // Rows n, inner width k, outer width m of a product.
    private static readonly (int N, int K, int M)[] Products =
    [
        (1, 1, 1), (2, 2, 2), (0, 17, 33), (17, 0, 33), (17, 33, 0), (1, 17, 33), (17, 1, 33), (17, 33, 1),
        (257, 17, 33), (17, 257, 33), (17, 33, 257), (1, 257, 1), (257, 1, 2), (2, 1, 257), (33, 33, 33),
        (65, 129, 65), (129, 65, 129), (65, 65, 63), (63, 64, 66), (3, 136, 5), (64, 64, 64), (1, 4095, 2), (33, 4095, 33), (257, 301, 511),
        (4099, 3, 2), (1031, 64, 64),
    ];

    // Responses R, feature width d, pairs n.
    private static readonly (int R, int D, int N)[] Designs =
    [
        (2, 1, 1), (2, 2, 2), (17, 33, 0), (17, 0, 33), (2, 33, 17), (17, 1, 33), (257, 17, 33), (17, 257, 33), (17, 33, 257),
        (33, 33, 33), (65, 64, 129), (257, 2, 1), (33, 511, 65), (9, 512, 4), (1031, 63, 2049), (3, 2, 5003), (4099, 3, 2),
    ];

    // Responses R, feature width d, pairs asked for k; tiles of the CPU are 64 × 256.
    private static readonly (int R, int D, int K)[] Responses =
    [
        (0, 3, 0), (1, 1, 0), (2, 1, 1), (2, 2, 1), (3, 2, 3), (17, 33, 0), (17, 0, 33), (17, 1, 33), (17, 257, 33), (33, 33, 33),
        (65, 64, 129), (257, 17, 33),
        (257, 2, 1000), (600, 3, 50),
    ];

    private static readonly (int Rows, int Columns)[] Sheets =
        [(1, 1), (0, 17), (17, 0), (2, 1), (1, 33), (17, 33), (257, 2), (2, 257), (65, 129)];

    /// <summary>Every case; where lists are read in order, the simplest fails first.</summary>
    public static IReadOnlyList<OperationCase> All { get; } =
    [
        .. Gathers(), .. Linears(), .. LinearActivates(), .. LinearBackwards(), .. Activates(), .. ActivateBackwards(), .. BradleyTerrys(),
        .. Adams(),
        .. PairVariancess(), .. Informations(), .. Whitens(), .. LogDetGradients(), .. Tops(), .. Bests(), .. Greedys(),
        .. AllPairsInformations(), .. AllPairsTops(), .. AllPairsBests(),
    ];

    /// <summary>Cases whose inputs are quickly made and whose definition is quickly computed.</summary>
    public static IEnumerable<OperationCase> Small => All.Where(one => !one.Large);

    private static IEnumerable<OperationCase> PairVariancess() =>
        from s in new (int R, int N, double Width, bool Large)[]
        {
            (2, 1, 1, false), (2, 2, 1, false), (17, 0, 1, false), (2, 33, 1, false), (257, 33, 4, false), (33, 257, 20, false),
            (257, 1, 1, false),
            (65, 257, 60, false), (1031, 2049, 2, false), (5000, 20_000, 2, true),
        }
        select new OperationCase(
            nameof(PairVariances), $"R{s.R} n{s.N} |r|<{s.Width}", s.N * 20L,
            new Tolerance(
                (4 + 2 * s.Width) * Math.ScaleB(1, -23), "float32: the exponent's rounding is that of x")
            { OfEach = true, Floor = 2e-38 },
                    () =>
            {
                var draw = new Draw(18);
                return new PairVariances(draw.Pairs(s.N, s.R), draw.Wide(s.R, 1, s.Width));
            })
        { Large = s.Large, ZeroIsRight = s.N == 0 };

    private static IEnumerable<OperationCase> Informations()
    {
        foreach ((int r, int d, int n) in Designs)
        {
            long work = 2L * n * d + (long)r * d * d;
            yield return new(nameof(Information), $"R{r} d{d} n{n} whole", work, Whole, () =>
            {
                var draw = new Draw(19);
                return new Information(draw.Pairs(n, r), draw.Whole(r, d), draw.Quarters(n));
            })
            { ZeroIsRight = n == 0 || d == 0 || n <= 2 };
            yield return new(nameof(Information), $"R{r} d{d} n{n}", work, DoubleSum(n + r), () =>
            {
                var draw = new Draw(20);
                return new Information(draw.Pairs(n, r), draw.Uniform(r, d), draw.Quarters(n));
            })
            { ZeroIsRight = n == 0 || d == 0 || n <= 2 };
        }

        yield return new(nameof(Information), "R5000 d64 n20000", 25_000_000, DoubleSum(25_000), () =>
        {
            var draw = new Draw(21);
            return new Information(draw.Pairs(20_000, 5000), draw.Uniform(5000, 64), draw.Quarters(20_000));
        })
        { Large = true };
    }

    private static IEnumerable<OperationCase> Whitens()
    {
        foreach ((int r, int d, int _) in Designs)
        {
            yield return new(nameof(Whiten), $"R{r} d{d} whole", (long)r * d * d / 2, Whole, () =>
            {
                var draw = new Draw(22);
                return new Whiten(draw.Whole(r, d), draw.Lower(d, whole: true));
            })
            { ZeroIsRight = d == 0 };
            yield return new(nameof(Whiten), $"R{r} d{d}", (long)r * d * d / 2, DoubleSum(d), () =>
            {
                var draw = new Draw(23);
                return new Whiten(draw.Uniform(r, d), draw.Lower(d, whole: false));
            })
            { ZeroIsRight = d == 0 };
        }

        yield return new(nameof(Whiten), "R5000 d64", 10_000_000, DoubleSum(64), () =>
        {
            var draw = new Draw(24);
            return new Whiten(draw.Uniform(5000, 64), draw.Lower(64, whole: false));
        })
        { Large = true };
    }

    private static IEnumerable<OperationCase> LogDetGradients()
    {
        var rounded = new Tolerance(Math.ScaleB(1, -23), "float64 sums of non-negative terms, rounded to float32 once") { OfEach = true };
        foreach ((int r, int d, int n, bool large) in Designs.Select(s => (s.R, s.D, s.N, false)).Append((5000, 64, 20_000, true)))
        {
            yield return new(nameof(LogDetGradient), $"R{r} d{d} n{n} whole", (long)n * d, Whole, () =>
            {
                var draw = new Draw(25);
                return new LogDetGradient(draw.Pairs(n, r), Widened(draw.Whole(r, d)), draw.Quarters(n));
            })
            { Large = large, ZeroIsRight = n <= 2 || d == 0 };
            yield return new(nameof(LogDetGradient), $"R{r} d{d} n{n}", (long)n * d, rounded, () =>
            {
                var draw = new Draw(26);
                return new LogDetGradient(
                    draw.Pairs(n, r), Widened(draw.Uniform(r, d)), draw.Uniform(n) is var v
                        ? v with { Numbers = [.. v.Numbers.Select(Math.Abs)] } : v);
            })
            { Large = large, ZeroIsRight = n == 0 || d == 0 };
        }
    }

    private static IEnumerable<OperationCase> Tops()
    {
        // Up to 65,536 scores are one group's on a device.
        foreach ((int n, int k) in new[]
        {
            (1, 1), (1, 0), (0, 0), (2, 1), (2, 2), (17, 17), (33, 2), (257, 1), (257, 256), (257, 257), (1025, 33), (5003, 500),
            (5003, 5003), (20_000, 500),
            (65_535, 1), (65_536, 500), (65_537, 500),
        })
        {
            bool empty = k <= 1 && n < 65_535;
            yield return new(nameof(Top), $"n{n} k{k}", n * 8L, Copied, () =>
                new Top(new Draw(27).Wide(n, 1, 1), k))
            { Large = n == 20_000, ZeroIsRight = empty };
            yield return new(nameof(Top), $"n{n} k{k} with ties", n * 8L, Copied, () =>
                new Top(new Draw(28).Whole(n), k))
            { Large = n == 20_000, ZeroIsRight = k <= 1 };
        }

        yield return new(nameof(Top), "n7 k7, NaN, infinities and −0", 56, Copied, () =>
            new Top(new([float.NaN, -0f, float.NegativeInfinity, 0, float.PositiveInfinity, float.Epsilon, -1], 7), 7));
        yield return new(nameof(Top), "n2049 k2049, every third NaN", 16_392, Copied, () =>
            new Top(new([.. Enumerable.Range(0, 2049).Select(i => i % 3 == 0 ? float.NaN : i % 5)], 2049), 2049));
        yield return new(nameof(Top), "n5003 k500 ascending", 40_024, Copied, () =>
            new Top(new([.. Enumerable.Range(0, 5003).Select(i => (float)i)], 5003), 500));
        yield return new(nameof(Top), "n257 k33 all equal", 2056, Copied, () =>
            new Top(new([.. Enumerable.Repeat(0.25f, 257)], 257), 33));
    }

    private static IEnumerable<OperationCase> AllPairsInformations()
    {
        foreach ((int r, int d, int _) in Responses.Append((5000, 64, 0)))
        {
            long work = 20L * r * r + (long)r * r * d;
            yield return new(nameof(AllPairsInformation), $"R{r} d{d} whole", work, DoubleSum(r), () =>
                new AllPairsInformation(new Draw(29).Whole(r, d), new(new float[r], r)))
            { Large = r >= 5000, ZeroIsRight = r <= 2 || d == 0 };
            yield return new(
                nameof(AllPairsInformation), $"R{r} d{d}", work,
                new Tolerance(12 * Math.ScaleB(1, -23), "v of |r| < 4 in float32, all terms of one sign on the diagonal"), () =>
            {
                var draw = new Draw(30);
                return new AllPairsInformation(draw.Uniform(r, d), draw.Wide(r, 1, 4));
            })
            { Large = r >= 5000, ZeroIsRight = r <= 1 || d == 0 };
        }
    }

    private static IEnumerable<OperationCase> AllPairsTops()
    {
        var rounded =
            new Tolerance(
            12 * Math.ScaleB(1, -23),
            "v of |r| < 4 in float32; no two of the scores are as close, and a wrong row number is further off")
            { OfEach = true };
        foreach ((int r, int d, int k) in Responses.Append((5000, 64, 500)))
        {
            long work = 20L * r * r + (long)r * r * d;
            yield return new(nameof(AllPairsTop), $"R{r} d{d} k{k} whole", work, Whole, () =>
                new AllPairsTop(Widened(new Draw(31).Whole(r, d)), new(new float[r], r), k))
            { Large = r >= 5000, ZeroIsRight = k <= 1 };
            yield return new(nameof(AllPairsTop), $"R{r} d{d} k{k}", work, rounded, () =>
            {
                var draw = new Draw(32);
                return new AllPairsTop(Widened(draw.Uniform(r, d)), draw.Wide(r, 1, 4), k);
            })
            { Large = r >= 5000, ZeroIsRight = k == 0 };
        }
    }

    private static Matrix<double> Widened(Matrix<float> x) => new([.. x.Numbers.Select(number => (double)number)], x.Rows, x.Columns);
}
