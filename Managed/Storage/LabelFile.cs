using FisherKernels.Learning;

namespace FisherKernels.Storage;

/// <summary>Labels of comparisons in a .npy file, numbers in [0, 1] with 1 where the first response won.</summary>
public static class LabelFile
{
    /// <summary>Reads n labels as float64, which tells a label next to ½ from a tie.</summary>
    /// <param name="path">.npy of n numbers, of any shape.</param>
    /// <param name="count">n, number of comparisons.</param>
    /// <param name="rounded">How many labels lay outside [0, 1] by a rounding error and were taken as 0 or 1.</param>
    /// <exception cref="InputException">Another number of labels, one that is not finite, or one outside [0, 1] by more than
    /// 1e-5.</exception>
    public static double[] Read(string path, int count, out int rounded)
    {
        double[] labels = ReadFinite(path, count);
        rounded = 0;
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

        return labels;
    }

    private static double[] ReadFinite(string path, int count)
    {
        using NpyFile file = NpyFile.Open(path);
        if (file.Count != count)
        {
            throw new InputException($"{path} has {file.Count} numbers (shape ({string.Join(", ", file.Shape)})), expected {count}.");
        }

        var numbers = new double[count];
        file.ReadDoubles(0, numbers);
        int broken = Array.FindIndex(numbers, number => !double.IsFinite(number));
        return broken < 0
            ? numbers
            : throw new InputException(FormattableString.Invariant($"{path}: number {broken} is {numbers[broken]}; it must be finite."));
    }
}
