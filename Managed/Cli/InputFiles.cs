using System.Globalization;
using FisherKernels.Kernels;
using FisherKernels.Learning;
using FisherKernels.Learning.Acquisition;
using FisherKernels.Learning.Files;

namespace FisherKernels.Cli;

/// <summary>Rows × columns of float32, row by row. What a float64 file has in common to all rows of a column was taken away first: only
/// differences of rows count.</summary>
internal sealed record Matrix(float[] Numbers, int Rows, int Columns)
{
    /// <summary>The numbers as they were read, where float32 may not hold them; else null.</summary>
    public double[]? Exact { get; init; }

    /// <summary>How many pairs of rows differ by so little beside their size that float32 loses more than a hundredth of it.</summary>
    public int LostPairs(ReadOnlySpan<Pair> pairs)
    {
        int lost = 0;
        for (int i = 0; Exact is not null && i < pairs.Length; i++)
        {
            int a = pairs[i].First * Columns, b = pairs[i].Second * Columns;
            double whole = 0, off = 0;
            for (int j = 0; j < Columns; j++)
            {
                double difference = Exact[a + j] - Exact[b + j], error = (double)Numbers[a + j] - Numbers[b + j] - difference;
                whole += difference * difference;
                off += error * error;
            }

            lost += off > 1e-4 * whole ? 1 : 0;
        }

        return lost;
    }
}

/// <summary>Small .npy files that commands read whole.</summary>
internal static class InputFiles
{
    /// <summary>Finite features, responses × d.</summary>
    public static Matrix Matrix(string path) => Matrix(path, "features");

    /// <summary>Finite rewards of so many responses under two dropout masks or more, responses × masks.</summary>
    public static Matrix Draws(string path, int responses)
    {
        Matrix draws = Matrix(path, "rewards");
        if (draws.Rows != responses)
        {
            throw new InputException(
                $"{path} has rewards of {draws.Rows} responses (shape ({draws.Rows}, {draws.Columns})), expected {responses} × masks: a row for each row of --features.");
        }

        return draws.Columns > 1
            ? draws
            : throw new InputException(
                $"{path} has shape ({draws.Rows}, 1), rewards under a single mask: nothing could disagree with it and every score would be 0. Give two masks or more.");
    }

    private static Matrix Matrix(string path, string what)
    {
        using NpyFile file = NpyFile.Open(path);
        RequireDimensions(path, file, 2, "rows × columns");
        if (file.Shape[1] == 0)
        {
            throw new InputException($"{path} has shape {Shape(file)}: rows of no numbers; expected at least one column.");
        }

        int columns = (int)file.Shape[1];
        if (file.Type is NpyType.Float64 or NpyType.Int32 or NpyType.UInt32 or NpyType.Int64 or NpyType.UInt64)
        {
            return Centred(path, what, file, columns);
        }

        float[] numbers = Singles(path, file);
        int broken = Array.FindIndex(numbers, number => !float.IsFinite(number));
        return broken < 0 ? new Matrix(numbers, (int)file.Shape[0], columns) : throw NotFinite(path, what, broken, columns, numbers[broken]);
    }

    private static Matrix Centred(string path, string what, NpyFile file, int columns)
    {
        var exact = new double[Readable(path, file)];
        file.ReadDoubles(0, exact);
        int broken = Array.FindIndex(exact, number => !double.IsFinite(number));
        if (broken >= 0)
        {
            throw NotFinite(path, what, broken, columns, exact[broken]);
        }

        // Halfway between the ends of a column, which needs no sum that could overflow or round.
        double[] least = new double[columns], largest = new double[columns];
        for (int j = 0; j < exact.Length; j++)
        {
            int column = j % columns;
            least[column] = j < columns ? exact[j] : Math.Min(least[column], exact[j]);
            largest[column] = j < columns ? exact[j] : Math.Max(largest[column], exact[j]);
        }

        var numbers = new float[exact.Length];
        for (int j = 0; j < exact.Length; j++)
        {
            numbers[j] = (float)(exact[j] - (least[j % columns] / 2 + largest[j % columns] / 2));
            if (!float.IsFinite(numbers[j]))
            {
                throw new InputException(FormattableString.Invariant(
                    $"{path}: row {j / columns}, column {j % columns} is {exact[j]}, too far from the rest of its column for float32, which ends at {float.MaxValue}."));
            }
        }

        return new Matrix(numbers, (int)file.Shape[0], columns) { Exact = exact };
    }

    private static InputException NotFinite(string path, string what, int at, int columns, double value) => new(FormattableString.Invariant(
        $"{path}: row {at / columns}, column {at % columns} is {value}; {what} must be finite."));

    /// <summary>A finite vector of a known length; [d], [d,1] and [1,d] are taken alike.</summary>
    public static float[] Vector(string path, int length)
    {
        using NpyFile file = NpyFile.Open(path);
        RequireCount(path, file, length);

        float[] numbers = Singles(path, file);
        int broken = Array.FindIndex(numbers, number => !float.IsFinite(number));
        return broken < 0
            ? numbers
            : throw new InputException(FormattableString.Invariant($"{path}: number {broken} is {numbers[broken]}; it must be finite."));
    }

    /// <summary>Pairs of rows in [0, rows), none of a row with itself.</summary>
    public static Pair[] Pairs(string path, int rows)
    {
        using NpyFile file = NpyFile.Open(path);
        RequireDimensions(path, file, 2, "n × 2");
        if (file.Shape[1] != 2)
        {
            throw new InputException($"{path} has shape {Shape(file)}, expected n × 2: a row number of each response of a pair.");
        }

        var numbers = new long[file.Count];
        file.ReadInts(0, numbers);
        var pairs = new Pair[numbers.Length / 2];
        for (int i = 0; i < pairs.Length; i++)
        {
            (long a, long b) = (numbers[2 * i], numbers[2 * i + 1]);
            if (a < 0 || a >= rows || b < 0 || b >= rows)
            {
                throw new InputException(rows == 0
                    ? $"{path}: pair {i} is ({a}, {b}), but there are no responses at all."
                    : $"{path}: pair {i} is ({a}, {b}); rows run from 0 to {rows - 1}.");
            }

            if (a == b)
            {
                throw new InputException($"{path}: pair {i} compares response {a} with itself; leave it out.");
            }

            pairs[i] = new Pair((int)a, (int)b);
        }

        return pairs;
    }

    /// <summary>Targets among rows [0, rows): n × 2 are pairs, n numbers are responses all of whose pairs count.</summary>
    public static TargetRows Targets(string path, int rows)
    {
        using (NpyFile file = NpyFile.Open(path))
        {
            if (file.Shape.Count == 1)
            {
                var numbers = new long[file.Count];
                file.ReadInts(0, numbers);
                int broken = Array.FindIndex(numbers, number => number < 0 || number >= rows);
                return broken < 0
                    ? new TargetRows((int[])[.. numbers.Select(number => (int)number)])
                    : throw new InputException($"{path}: response {broken} is {numbers[broken]}; rows run from 0 to {rows - 1}.");
            }
        }

        return new TargetRows(Pairs(path, rows));
    }

    /// <summary>Labels in [0, 1] for so many pairs; what rounding has put beyond an end is taken as that end.</summary>
    /// <param name="path">.npy.</param>
    /// <param name="pairs">How many.</param>
    /// <param name="output">Where it is said how many were beyond an end; or null.</param>
    public static float[] Labels(string path, int pairs, Output? output = null)
    {
        double[] labels = Doubles(path, pairs);
        int rounded = 0;
        for (int i = 0; i < labels.Length; i++)
        {
            double label = labels[i], taken = Math.Clamp(label, 0, 1);
            if (!(Math.Abs(label - taken) <= Comparison.LabelRounding))
            {
                throw new InputException(FormattableString.Invariant(
                    $"{path}: label {i} is {label}; labels lie in [0, 1], 1 where the first response won."));
            }

            rounded += label == taken ? 0 : 1;
            labels[i] = taken;
        }

        if (rounded > 0)
        {
            output?.Error.WriteLine(
                $"fisher: {path}: {rounded} of {pairs} labels lie outside [0, 1] by a rounding error; they were taken as 0 or 1.");
        }

        return [.. labels.Select(label => (float)label)];
    }

    /// <summary>A whole number for each of so many responses.</summary>
    public static int[] Whole(string path, int rows)
    {
        using NpyFile file = NpyFile.Open(path);
        if (file.Count != rows)
        {
            throw new InputException($"{path} has {file.Count} numbers (shape {Shape(file)}), expected {rows}: one for each row of the embeddings.");
        }

        var numbers = new long[file.Count];
        file.ReadInts(0, numbers);
        int broken = Array.FindIndex(numbers, number => number is < int.MinValue or > int.MaxValue);
        return broken < 0
            ? [.. numbers.Select(number => (int)number)]
            : throw new InputException($"{path}: number {broken} is {numbers[broken]}; it must fit 32 bits.");
    }

    /// <summary>A cost above 0 for each of so many responses.</summary>
    public static double[] Costs(string path, int rows)
    {
        using NpyFile file = NpyFile.Open(path);
        RequireCount(path, file, rows);
        var costs = new double[file.Count];
        file.ReadDoubles(0, costs);
        if (file.Type is NpyType.Float32 or NpyType.Float16)
        {
            // 0.1 as float32 stands for 0.1 and not for the 0.10000000149 that it is.
            costs = [.. costs.Select(cost => double.Parse(
                file.Type == NpyType.Float16 ? ((Half)cost).ToString(CultureInfo.InvariantCulture) : ((float)cost).ToString(CultureInfo.InvariantCulture),
                CultureInfo.InvariantCulture))];
        }

        int broken = Array.FindIndex(costs, cost => !(cost > 0 && double.IsFinite(cost)));
        return broken < 0
            ? costs
            : throw new InputException(FormattableString.Invariant($"{path}: cost {broken} is {costs[broken]}; a cost is finite and above 0."));
    }

    private static double[] Doubles(string path, int length)
    {
        using NpyFile file = NpyFile.Open(path);
        if (file.Count != length)
        {
            throw new InputException($"{path} has {file.Count} numbers (shape {Shape(file)}), expected {length}.");
        }

        var numbers = new double[length];
        file.ReadDoubles(0, numbers);
        int broken = Array.FindIndex(numbers, number => !double.IsFinite(number));
        return broken < 0
            ? numbers
            : throw new InputException(FormattableString.Invariant($"{path}: number {broken} is {numbers[broken]}; it must be finite."));
    }

    private static float[] Singles(string path, NpyFile file)
    {
        var numbers = new float[Readable(path, file)];
        file.ReadSingles(0, numbers);
        return numbers;
    }

    private static void RequireCount(string path, NpyFile file, int count)
    {
        if (file.Count != count)
        {
            throw new InputException($"{path} has {file.Count} numbers (shape {Shape(file)}), expected {count}.");
        }
    }

    private static long Readable(string path, NpyFile file) => file.Count <= Array.MaxLength
        ? file.Count
        : throw new InputException($"{path} has {file.Count} numbers; at most {Array.MaxLength} can be read whole.");

    private static void RequireDimensions(string path, NpyFile file, int dimensions, string meaning)
    {
        if (file.Shape.Count != dimensions)
        {
            throw new InputException($"{path} has shape {Shape(file)}, expected {meaning}.");
        }
    }

    private static string Shape(NpyFile file) => $"({string.Join(", ", file.Shape)})";
}
