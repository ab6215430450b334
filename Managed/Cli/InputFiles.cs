using System.Globalization;
using FisherKernels.Cli.Terminal;
using FisherKernels.Kernels;
using FisherKernels.Learning;
using FisherKernels.Learning.Acquisition;
using FisherKernels.Storage;

namespace FisherKernels.Cli;

/// <summary>Small .npy files that commands read whole.</summary>
internal static class InputFiles
{
    /// <summary>Features, responses × d.</summary>
    public static RowNumbers Features(string path) => Numbers(path, "features");

    /// <summary>Rewards of so many responses under two dropout masks or more, responses × masks.</summary>
    public static RowNumbers Draws(string path, int responses)
    {
        RowNumbers draws = Numbers(path, "rewards");
        if (draws.Rows != responses)
        {
            throw new InputException(
                $"{path} has rewards of {draws.Rows} responses (shape ({draws.Rows}, {draws.Columns})), expected {responses} × masks: a "
                    + "row for each row of --features.");
        }

        return draws.Columns > 1
            ? draws
            : throw new InputException(
                $"{path} has shape ({draws.Rows}, 1), rewards under a single mask: nothing could disagree with it and every score would "
                    + "be 0. Give two masks or more.");
    }

    private static RowNumbers Numbers(string path, string what)
    {
        using NpyFile file = NpyFile.Open(path);
        RequireDimensions(path, file, 2, "rows × columns");
        if (file.Shape[1] == 0)
        {
            throw new InputException($"{path} has shape {Shape(file)}: rows of no numbers; expected at least one column.");
        }

        (int rows, int columns) = ((int)file.Shape[0], (int)file.Shape[1]);
        if (file.Type is not (NpyType.Float64 or NpyType.Int32 or NpyType.UInt32 or NpyType.Int64 or NpyType.UInt64))
        {
            return new RowNumbers(path, what, rows, columns, Singles(path, file), null);
        }

        var exact = new double[Readable(path, file)];
        file.ReadDoubles(0, exact);
        return new RowNumbers(path, what, rows, columns, null, exact);
    }

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
    public static float[] Labels(string path, int pairs, Output? output = null) =>
        [.. ExactLabels(path, pairs, output).Select(label => (float)label)];

    /// <summary>The same in float64, which tells a label next to ½ from a tie.</summary>
    /// <inheritdoc cref="Labels"/>
    public static double[] ExactLabels(string path, int pairs, Output? output = null)
    {
        double[] labels = LabelFile.Read(path, pairs, out int rounded);
        if (rounded > 0)
        {
            output?.Error.WriteLine(
                $"fisher: {path}: {rounded} of {pairs} labels lie outside [0, 1] by a rounding error; they were taken as 0 or 1.");
        }

        return labels;
    }

    /// <summary>A whole number for each of so many responses.</summary>
    public static long[] Integers(string path, int rows)
    {
        using NpyFile file = NpyFile.Open(path);
        if (file.Count != rows)
        {
            throw new InputException(
                $"{path} has {file.Count} numbers (shape {Shape(file)}), expected {rows}: one for each row of the embeddings.");
        }

        var numbers = new long[file.Count];
        file.ReadInts(0, numbers);
        return numbers;
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
                file.Type == NpyType.Float16
                    ? ((Half)cost).ToString(CultureInfo.InvariantCulture) : ((float)cost).ToString(CultureInfo.InvariantCulture),
                CultureInfo.InvariantCulture))];
        }

        int broken = Array.FindIndex(costs, cost => !(cost > 0 && double.IsFinite(cost)));
        return broken < 0
            ? costs
            : throw new InputException(
                FormattableString.Invariant($"{path}: cost {broken} is {costs[broken]}; a cost is finite and above 0."));
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
