using System.Numerics;

namespace FisherKernels.Learning;

/// <summary>Random numbers that depend on a seed and on what they are for, and on nothing else: xoshiro256** (Blackman and Vigna
/// 2018).</summary>
/// <remarks>
/// A stream is named by integers (seed, round, purpose, …), not by how many numbers were drawn before. A run that was
/// stopped and goes on therefore draws what it would have drawn, and one strategy's draws never shift another's.
/// The framework's own generator is not promised to stay the same between versions; this one is ours.
/// </remarks>
public sealed class SeededRandom
{
    private ulong _s0, _s1, _s2, _s3;

    /// <summary>The stream of that name.</summary>
    /// <param name="seed">The one seed of the run.</param>
    /// <param name="name">What it is for, e.g. a round and a purpose; order matters.</param>
    public SeededRandom(int seed, params ReadOnlySpan<int> name)
    {
        ulong state = Mix((ulong)(uint)seed + 0x9E3779B97F4A7C15);
        foreach (int part in name)
        {
            state = Mix(state ^ Mix((ulong)(uint)part + 0x9E3779B97F4A7C15)) + 0x9E3779B97F4A7C15;
        }

        (_s0, _s1, _s2, _s3) = Begin(state);
    }

    private SeededRandom(ulong state) => (_s0, _s1, _s2, _s3) = Begin(state);

    /// <summary>64 uniform bits.</summary>
    public ulong NextBits()
    {
        ulong result = BitOperations.RotateLeft(_s1 * 5, 7) * 9, t = _s1 << 17;
        _s2 ^= _s0;
        _s3 ^= _s1;
        _s1 ^= _s2;
        _s0 ^= _s3;
        _s2 ^= t;
        _s3 = BitOperations.RotateLeft(_s3, 45);
        return result;
    }

    /// <summary>Uniform in [0, <paramref name="bound"/>), without bias (Lemire 2019).</summary>
    public long NextBelow(long bound)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(bound);
        ulong range = (ulong)bound, high = Math.BigMul(NextBits(), range, out ulong low);
        if (low < range)
        {
            ulong threshold = (0 - range) % range;
            while (low < threshold)
            {
                high = Math.BigMul(NextBits(), range, out low);
            }
        }

        return (long)high;
    }

    /// <summary>Uniform in [0, <paramref name="bound"/>).</summary>
    public int NextBelow(int bound) => (int)NextBelow((long)bound);

    /// <summary>Uniform in the open interval (0, 1): never 0, so that its logarithm is finite.</summary>
    public double NextUniform() => ((NextBits() >> 12) + 0.5) * (1.0 / (1L << 52));

    /// <summary>Standard Gumbel, −log(−log u): the largest of log s + Gumbel is drawn in proportion to s.</summary>
    public double NextGumbel() => -Math.Log(-Math.Log(NextUniform()));

    /// <summary>Standard normal (Box and Muller 1958); two uniforms a number, so that a stream has no hidden state.</summary>
    public double NextNormal() => Math.Sqrt(-2 * Math.Log(NextUniform())) * Math.Cos(Math.Tau * NextUniform());

    /// <summary>Puts <paramref name="items"/> into uniformly random order (Fisher and Yates).</summary>
    public void Shuffle<T>(Span<T> items)
    {
        for (int j = items.Length - 1; j > 0; j--)
        {
            int k = NextBelow(j + 1);
            (items[j], items[k]) = (items[k], items[j]);
        }
    }

    /// <summary>A stream of its own for another purpose, named by where this one stands; this one does not move.</summary>
    internal SeededRandom Beside(int purpose) => new(Mix(_s0 ^ Mix(_s1 ^ Mix((ulong)(uint)purpose + 0x9E3779B97F4A7C15))));

    private static (ulong, ulong, ulong, ulong) Begin(ulong state) =>
        (Mix(state += 0x9E3779B97F4A7C15), Mix(state += 0x9E3779B97F4A7C15), Mix(state += 0x9E3779B97F4A7C15),
            Mix(state + 0x9E3779B97F4A7C15));

    // The finaliser of SplitMix64 (Steele, Lea and Flood 2014).
    private static ulong Mix(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
