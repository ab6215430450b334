using FisherKernels.Kernels;

namespace FisherKernels.Bench.Cases;

// The reward model.
public static partial class OperationCases
{
    private static IEnumerable<OperationCase> Gathers() =>
        from s in new (int R, int D, int K)[]
        {
            (1, 1, 1), (2, 2, 2), (17, 33, 0), (17, 0, 33), (1, 17, 33), (257, 17, 33), (17, 257, 33), (17, 33, 257), (3, 4095, 17),
            (4099, 1, 33),
        }
        select new OperationCase(nameof(Gather), $"R{s.R} D{s.D} k{s.K}", (long)s.K * s.D, Copied, () =>
        {
            var draw = new Draw(1);
            return new Gather(draw.Uniform(s.R, s.D), draw.Rows(s.K, s.R));
        })
        { ZeroIsRight = s.D == 0 || s.K == 0 };

    private static IEnumerable<OperationCase> Linears()
    {
        foreach ((int n, int k, int m) in Products)
        {
            bool empty = n == 0 || m == 0;
            if (k <= 64)
            {
                yield return new(nameof(Linear), $"n{n} I{k} O{m} whole", (long)n * k * m, Whole, () =>
                {
                    var draw = new Draw(2);
                    return new Linear(draw.Whole(n, k), draw.Whole(m, k), draw.Whole(m));
                })
                { ZeroIsRight = empty };
            }

            yield return new(nameof(Linear), $"n{n} I{k} O{m}", (long)n * k * m, FloatSum(k), () =>
            {
                var draw = new Draw(3);
                return new Linear(draw.Uniform(n, k), draw.Uniform(m, k), draw.Uniform(m));
            })
            { ZeroIsRight = empty };
            yield return new(nameof(Linear), $"n{n} I{k} O{m} without bias", (long)n * k * m, FloatSum(k), () =>
            {
                var draw = new Draw(4);
                return new Linear(draw.Uniform(n, k), draw.Uniform(m, k), null);
            })
            { ZeroIsRight = empty || k == 0 };
        }

        foreach ((int n, int k, int m) in new[] { (5000, 2048, 64), (5000, 64, 64), (5000, 64, 1) })
        {
            yield return new(nameof(Linear), $"n{n} I{k} O{m}", (long)n * k * m, FloatSum(k), () =>
            {
                var draw = new Draw(5);
                return new Linear(draw.Uniform(n, k), draw.Uniform(m, k), draw.Uniform(m));
            })
            { Large = true };
        }
    }

    private static IEnumerable<OperationCase> LinearActivates()
    {
        foreach ((int n, int k, int m) in Products)
        {
            bool empty = n == 0 || m == 0;
            if (k <= 64)
            {
                yield return new(nameof(LinearActivate), $"relu n{n} I{k} O{m} whole", (long)n * k * m, Whole, () =>
                {
                    var draw = new Draw(33);
                    return new LinearActivate(Activation.Relu, draw.Whole(n, k), draw.Whole(m, k), draw.Whole(m), Keeps: true);
                })
                { ZeroIsRight = empty };
            }

            // Its slope is 1.13 at most.
            Tolerance gelu = new(1.13 * FloatSum(k).Share + 4e-7, $"float32 sum of {k} terms, and GELU of it");
            yield return new(nameof(LinearActivate), $"gelu n{n} I{k} O{m}", (long)n * k * m, gelu, () =>
            {
                var draw = new Draw(34);
                return new LinearActivate(Activation.Gelu, draw.Uniform(n, k), draw.Uniform(m, k), draw.Uniform(m), Keeps: true);
            })
            { ZeroIsRight = empty };
            yield return new(nameof(LinearActivate), $"gelu n{n} I{k} O{m} without bias, sums not kept", (long)n * k * m, gelu, () =>
            {
                var draw = new Draw(35);
                return new LinearActivate(Activation.Gelu, draw.Uniform(n, k), draw.Uniform(m, k), null, Keeps: false);
            })
            { ZeroIsRight = empty || k == 0 };
        }

        yield return new(nameof(LinearActivate), "gelu n5000 I2048 O64", 5000L * 2048 * 64, FloatSum(2048), () =>
        {
            var draw = new Draw(36);
            return new LinearActivate(Activation.Gelu, draw.Uniform(5000, 2048), draw.Uniform(64, 2048), draw.Uniform(64), Keeps: true);
        })
        { Large = true };
    }

    private static IEnumerable<OperationCase> LinearBackwards()
    {
        foreach ((int n, int k, int m) in Products)
        {
            if (Math.Max(n, m) <= 257)
            {
                yield return new(nameof(LinearBackward), $"n{n} I{k} O{m} whole", 2L * n * k * m, Whole, () =>
                {
                    var draw = new Draw(6);
                    return new LinearBackward(
                        draw.Whole(n, k), draw.Whole(m, k), draw.Whole(n, m), draw.Whole(m, k), draw.Whole(m), WithDx: true);
                })
                { ZeroIsRight = m == 0 || (n, k, m) == (17, 0, 33) };
            }

            yield return new(nameof(LinearBackward), $"n{n} I{k} O{m}", 2L * n * k * m, FloatSum(Math.Max(n, m)), () =>
            {
                var draw = new Draw(7);
                return new LinearBackward(
                    draw.Uniform(n, k), draw.Uniform(m, k), draw.Uniform(n, m), draw.Uniform(m, k), draw.Uniform(m), WithDx: true);
            })
            { ZeroIsRight = m == 0 };
            yield return new(nameof(LinearBackward), $"n{n} I{k} O{m} first layer, no bias", (long)n * k * m, FloatSum(n), () =>
            {
                var draw = new Draw(8);
                return new LinearBackward(
                    draw.Uniform(n, k), draw.Uniform(m, k), draw.Uniform(n, m), draw.Uniform(m, k), null, WithDx: false);
            })
            { ZeroIsRight = m == 0 || k == 0 };
        }

        foreach ((int n, int k, int m, bool dx) in new[] { (5000, 2048, 64, false), (5000, 64, 64, true), (5000, 64, 1, true) })
        {
            yield return new(nameof(LinearBackward), $"n{n} I{k} O{m}", (dx ? 2L : 1) * n * k * m, FloatSum(n), () =>
            {
                var draw = new Draw(9);
                return new LinearBackward(
                    draw.Uniform(n, k), draw.Uniform(m, k), draw.Uniform(n, m), draw.Uniform(m, k), draw.Uniform(m), dx);
            })
            { Large = true };
        }
    }

    private static IEnumerable<OperationCase> Activates()
    {
        var gelu = new Tolerance(4e-7, "float32 of a function within 2⁻²³ of erf") { OfEach = true, Floor = 2e-7 };
        foreach ((int rows, int columns) in Sheets)
        {
            bool empty = rows * columns == 0;
            yield return new(nameof(Activate), $"relu {rows}×{columns}", rows * columns, Copied, () =>
                new Activate(Activation.Relu, rows * columns == 1 ? new([2], 1, 1) : new Draw(10).Whole(rows, columns)))
            { ZeroIsRight = empty };
            yield return new(nameof(Activate), $"gelu {rows}×{columns}", rows * columns, gelu, () =>
                new Activate(Activation.Gelu, new Draw(11).Wide(rows, columns, 6)))
            { ZeroIsRight = empty };
        }

        foreach (Activation activation in Enum.GetValues<Activation>())
        {
            yield return new(nameof(Activate), $"{activation} 5000×64", 320_000, gelu, () =>
                new Activate(activation, new Draw(12).Wide(5000, 64, 6)))
            { Large = true };
        }
    }

    private static IEnumerable<OperationCase> ActivateBackwards()
    {
        var gelu = new Tolerance(6e-7, "float32 of a function within 2⁻²³ of erf, and its density") { OfEach = true, Floor = 4e-7 };
        foreach ((int rows, int columns) in Sheets)
        {
            bool empty = rows * columns == 0;
            yield return new(nameof(ActivateBackward), $"relu {rows}×{columns}", rows * columns, Copied, () =>
            {
                var draw = new Draw(13);
                return new ActivateBackward(
                    Activation.Relu, rows * columns == 1
                        ? new([2], 1, 1) : draw.Whole(rows, columns), draw.Uniform(rows, columns), InPlace: false);
            })
            { ZeroIsRight = empty };
            yield return new(nameof(ActivateBackward), $"gelu {rows}×{columns} in place", rows * columns, gelu, () =>
            {
                var draw = new Draw(14);
                return new ActivateBackward(Activation.Gelu, draw.Wide(rows, columns, 6), draw.Uniform(rows, columns), InPlace: true);
            })
            { ZeroIsRight = empty };
        }

        yield return new(nameof(ActivateBackward), "gelu 5000×64", 320_000, gelu, () =>
        {
            var draw = new Draw(15);
            return new ActivateBackward(Activation.Gelu, draw.Wide(5000, 64, 6), draw.Uniform(5000, 64), InPlace: false);
        })
        { Large = true };
    }

    private static IEnumerable<OperationCase> BradleyTerrys() =>
        from s in new (int R, int N, double Width, bool Large)[]
        {
            (2, 1, 1, false), (2, 2, 1, false), (17, 0, 1, false), (2, 33, 1, false), (257, 33, 4, false), (33, 257, 4, false),
            (257, 1, 1, false),
            (17, 33, 100, false), (3, 5003, 2, false), (1031, 2049, 2, false), (5000, 20_000, 2, true),
        }
        select new OperationCase(
            nameof(BradleyTerry), $"R{s.R} n{s.N} |r|<{s.Width}", s.N * 20L + s.R,
            new(2e-6, "float32 softplus and σ, then few terms a response"), () =>
        {
            var draw = new Draw(16);
            return new BradleyTerry(draw.Pairs(s.N, s.R), draw.Wide(s.R, 1, s.Width), draw.Quarters(s.N));
        })
        { Large = s.Large, ZeroIsRight = s.N == 0 };

    private static IEnumerable<OperationCase> Adams() =>
        from s in new (int P, int Step, float Decay)[
] { (1, 1, 0), (0, 1, 0), (2, 2, 0.5f), (17, 10, 0), (33, 1000, 0.1f), (257, 1, 0.01f), (4099, 7, 0), (139_393, 3, 0.01f) }
        select new OperationCase(
            nameof(Adam), $"P{s.P} step {s.Step} decay {s.Decay}", s.P * 4L, new(1e-6, "about ten float32 roundings a number"), () =>
        {
            var draw = new Draw(17);
            Matrix<float> second = draw.Uniform(s.P);
            return new Adam(
                draw.Uniform(s.P), draw.Uniform(s.P), draw.Uniform(s.P), second with { Numbers = [.. second.Numbers.Select(Math.Abs)] },
                new AdamStep(s.Step, LearningRate: 0.01f, WeightDecay: s.Decay));
        })
        { Large = s.P > 100_000, ZeroIsRight = s.P == 0 };
}
