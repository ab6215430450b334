using FisherKernels.Kernels;
using FisherKernels.Learning;

namespace FisherKernels.Bench.Cases;

/// <summary>Numbers of one array on the host, row by row.</summary>
public sealed record Matrix<T>(T[] Numbers, int Rows, int Columns = 1)
    where T : unmanaged;

/// <summary>Inputs of the cases: every array is a function of its shape, its seed and its place among the operation's arrays.</summary>
public sealed class Draw(int seed)
{
    private int _arrays;

    /// <summary>Whole numbers from −3 to 3: their sums and products are exact.</summary>
    public Matrix<float> Whole(int rows, int columns = 1) => Fill(rows, columns, random => random.NextBelow(7) - 3);

    /// <summary>Uniform in (−½, 1): of both signs, and sums that do not cancel, so that an error relative to them means
    /// something.</summary>
    public Matrix<float> Uniform(int rows, int columns = 1) => Fill(rows, columns, random => (float)(1.5 * random.NextUniform() - 0.5));

    /// <summary>Uniform in (−<paramref name="width"/>, <paramref name="width"/>).</summary>
    public Matrix<float> Wide(int rows, int columns, double width) =>
        Fill(rows, columns, random => (float)(width * (2 * random.NextUniform() - 1)));

    /// <summary>Standard normal.</summary>
    public Matrix<float> Normal(int rows, int columns = 1) => Fill(rows, columns, random => (float)random.NextNormal());

    /// <summary>Multiples of ¼ from 0 to 1.</summary>
    public Matrix<float> Quarters(int rows) => Fill(rows, 1, random => random.NextBelow(5) / 4f);

    /// <summary>[d, d], lower triangular; NaN above the diagonal, which nobody may read.</summary>
    public Matrix<double> Lower(int d, bool whole)
    {
        Matrix<float> numbers = whole ? Whole(d, d) : Uniform(d, d);
        return new([.. numbers.Numbers.Select((number, j) => j % d > j / d ? double.NaN : number)], d, d);
    }

    /// <summary>n pairs of <paramref name="responses"/> ≥ 2 responses; none where there are fewer.</summary>
    public Pair[] Pairs(int n, int responses)
    {
        SeededRandom random = Next();
        var pairs = new Pair[responses < 2 ? 0 : n];
        for (int i = 0; i < pairs.Length; i++)
        {
            int a = random.NextBelow(responses);
            pairs[i] = new(a, (a + 1 + random.NextBelow(responses - 1)) % responses);
        }

        return pairs;
    }

    /// <summary>k row numbers below <paramref name="rows"/>, repeats allowed.</summary>
    public int[] Rows(int k, int rows)
    {
        SeededRandom random = Next();
        var numbers = new int[k];
        for (int j = 0; j < k; j++)
        {
            numbers[j] = random.NextBelow(rows);
        }

        return numbers;
    }

    private Matrix<float> Fill(int rows, int columns, Func<SeededRandom, float> number)
    {
        SeededRandom random = Next();
        var numbers = new float[rows * columns];
        for (int j = 0; j < numbers.Length; j++)
        {
            numbers[j] = number(random);
        }

        return new(numbers, rows, columns);
    }

    private SeededRandom Next() => new(seed, _arrays++);
}
