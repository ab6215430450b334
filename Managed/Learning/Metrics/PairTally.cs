using FisherKernels.Kernels.Numerics;

namespace FisherKernels.Learning.Metrics;

/// <summary>Running sums of <see cref="PairMetrics"/>.</summary>
/// <remarks>
/// Which response stands first is arbitrary, so calibration is taken of the predicted winner: confidence σ(|x|) against
/// how often (by how much, for soft labels) that response was preferred. Bins divide [0, 1]; the lower half stays empty.
/// </remarks>
internal sealed class PairTally
{
    private const int Bins = 15;

    private readonly double[] _confidence = new double[Bins];
    private readonly double[] _preferred = new double[Bins];
    private long _pairs, _decided;
    private double _right, _loss;

    /// <summary>Counts one comparison.</summary>
    /// <param name="logit">x = r[a] − r[b].</param>
    /// <param name="label">Preference for a.</param>
    /// <param name="against">1 − <paramref name="label"/>, which keeps its digits where the label is nearly 1.</param>
    /// <param name="winner">Positive where a is better, negative where b is, 0 for a golden tie.</param>
    public void Add(double logit, double label, double against, int winner)
    {
        double size = Math.Abs(logit), sure = Logit.Probability(size);
        (double preferred, double missed) = logit > 0 ? (label, against) : logit < 0 ? (against, label) : (0.5, 0.5);

        // −h log σ(|x|) − (1 − h) log σ(−|x|), h the label of the predicted winner.
        _loss += Logit.SmallerLoss(size) + missed * size;
        _pairs++;
        if (winner != 0)
        {
            _decided++;
            _right += logit == 0 ? 0.5 : logit > 0 == winner > 0 ? 1 : 0;
        }

        int bin = Math.Min((int)(sure * Bins), Bins - 1);
        _confidence[bin] += sure;
        _preferred[bin] += preferred;
    }

    /// <summary>The means.</summary>
    public PairMetrics Result()
    {
        double gap = 0;
        for (int bin = 0; bin < Bins; bin++)
        {
            gap += Math.Abs(_confidence[bin] - _preferred[bin]);
        }

        return new(_pairs, _right / _decided, _loss / _pairs, gap / _pairs);
    }
}
