using System.Numerics.Tensors;
using FisherKernels.Kernels;

namespace FisherKernels.Learning.Acquisition;

/// <summary>What each of S draws from the posterior says about each of n candidates.</summary>
internal sealed class Predictions
{
    // Candidates that go through the vectorised functions together: their numbers stay in the first-level cache.
    private const int Part = 16;

    private readonly double[] _probabilities;   // [n, S], p_is
    private readonly double[] _entropies;       // [n, S], H(p_is) in nats

    /// <summary>Of given probabilities and their entropies, both [n, S].</summary>
    public Predictions(double[] probabilities, double[] entropies, int samples) =>
        (_probabilities, _entropies, Samples) = (probabilities, entropies, samples);

    /// <summary>S.</summary>
    public int Samples { get; }

    /// <summary>n.</summary>
    public int Count => _probabilities.Length / Samples;

    /// <summary>From rewards under each draw. H(p) = log1p(t) + |x|·t/(1 + t), t = e^−|x|, so no probability has to differ from 0
    /// and 1.</summary>
    /// <param name="r_RS">[R, S].</param>
    /// <param name="pairs">n candidates; which response stands first changes nothing, to the last bit.</param>
    /// <param name="samples">S.</param>
    public static Predictions Compute(float[] r_RS, ReadOnlySpan<Pair> pairs, int samples)
    {
        int n = pairs.Length;
        double[] p = new double[n * samples], h = new double[n * samples];
        double[] gap = new double[Part * samples], t = new double[Part * samples], odds = new double[Part * samples];
        for (int start = 0; start < n; start += Part)
        {
            int count = Math.Min(Part, n - start), length = count * samples;
            for (int i = 0; i < count; i++)
            {
                // Sampled outcomes follow p, so p must not depend on how a pair happens to be written.
                int a = Math.Min(pairs[start + i].First, pairs[start + i].Second),
                    b = Math.Max(pairs[start + i].First, pairs[start + i].Second);
                for (int s = 0; s < samples; s++)
                {
                    gap[i * samples + s] = (double)r_RS[a * samples + s] - r_RS[b * samples + s];
                }
            }

            Span<double> x = gap.AsSpan(0, length), e = t.AsSpan(0, length), o = odds.AsSpan(0, length);
            Span<double> probability = p.AsSpan(start * samples, length), entropy = h.AsSpan(start * samples, length);

            // e^−800 is 0, and 0 · 800 is 0 where 0 · ∞ is not a number.
            TensorPrimitives.Max<double>(x, -800, x);
            TensorPrimitives.Min<double>(x, 800, x);
            TensorPrimitives.Sigmoid<double>(x, probability);
            TensorPrimitives.Abs<double>(x, x);
            TensorPrimitives.Negate<double>(x, e);
            TensorPrimitives.Exp<double>(e, e);
            TensorPrimitives.Add<double>(e, 1, o);

            // log(1 + t) = log o + (t − (o − 1))/o to the last digits, o = 1 + t as rounded: log o alone is 0 where t < 1e-16.
            TensorPrimitives.Subtract<double>(o, 1, entropy);
            TensorPrimitives.Subtract<double>(e, entropy, entropy);
            TensorPrimitives.Divide<double>(entropy, o, entropy);
            TensorPrimitives.Divide<double>(e, o, e);           // t/(1 + t)
            TensorPrimitives.Log<double>(o, o);
            TensorPrimitives.Add<double>(o, entropy, o);
            TensorPrimitives.MultiplyAdd<double>(x, e, o, entropy);
        }

        return new Predictions(p, h, samples);
    }

    /// <summary>p_i [S].</summary>
    public ReadOnlySpan<double> Probabilities(int candidate) => _probabilities.AsSpan(candidate * Samples, Samples);

    /// <summary>H(p_i) [S].</summary>
    public ReadOnlySpan<double> Entropies(int candidate) => _entropies.AsSpan(candidate * Samples, Samples);

    /// <summary>BALD, H(mean p) − mean H(p) in nats (Houlsby 2011): what the answer says about which draw is right. Never
    /// negative.</summary>
    public double Bald(int candidate)
    {
        ReadOnlySpan<double> p = Probabilities(candidate);
        double first = 0, second = 0;
        foreach (double probability in p)
        {
            first += probability;
            second += 1 - probability;
        }

        double information = Term(first / p.Length) + Term(second / p.Length) - TensorPrimitives.Sum(Entropies(candidate)) / p.Length;
        return information < 0 ? 0 : information;   // rounding; a NaN stays one
    }

    /// <summary>−p log p in nats, 0 at 0.</summary>
    public static double Term(double p) => p == 0 ? 0 : -p * Math.Log(p);
}
