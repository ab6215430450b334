using System.Numerics.Tensors;
using FisherKernels.Kernels;

namespace FisherKernels.Learning.Acquisition;

/// <summary>The scores of all candidates by one acquisition.</summary>
public sealed class ScoredCandidates
{
    private readonly DeviceArray<float> _score_n;
    private readonly Func<float, double> _value;

    internal ScoredCandidates(DeviceArray<float> score_n, Func<float, double> value, PrecisionMatrix? precision) =>
        (_score_n, Scores, _value, Precision) = (score_n, score_n.ToArray(), value, precision);

    /// <summary>What orders the candidates, [n]; the larger is asked first.</summary>
    public float[] Scores { get; }

    /// <summary>What the scores stand for, [n], in the unit of the acquisition.</summary>
    public double[] Values => field ??= Array.ConvertAll(Scores, score => _value(score));

    /// <summary>The precision matrix behind the scores; null for a score without one.</summary>
    public PrecisionMatrix? Precision { get; }

    /// <summary>The candidates with the k largest scores, largest first, equal ones in ascending order; as long as the problem is
    /// not disposed.</summary>
    internal int[] Top(int count) => _score_n.Owner.Top(_score_n, count);

    /// <summary>The value of one candidate.</summary>
    internal double Value(int index) => _value(Scores[index]);

    /// <summary>The first candidate whose score is NaN or whose value is not finite; −1 for none.</summary>
    internal int FirstBroken() => Scores.Length == 0 || float.IsFinite(TensorPrimitives.MaxMagnitude<float>(Scores))
        ? -1
        // An infinite score may stand for a finite value: that of a pair alone in its cluster does.
        : Array.FindIndex(Scores, score => float.IsNaN(score) || !double.IsFinite(_value(score)));
}
