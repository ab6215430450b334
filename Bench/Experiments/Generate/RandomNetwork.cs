using System.Numerics;
using System.Runtime.InteropServices;
using FisherKernels.Learning;

namespace FisherKernels.Bench.Experiments.Generate;

/// <summary>A fixed random network, D → 64 → 64 → 1 with tanh: a reward that no linear model has.</summary>
internal sealed class RandomNetwork
{
    private const int Width = 64;

    // Wide enough for tanh to bend: with a gain of 1 the network is close to linear.
    private const double Gain = 2;

    private readonly float[] _first, _second, _head;

    public RandomNetwork(int inputs, SeededRandom random)
    {
        (_first, _second, _head) = (Draw(Width, inputs), Draw(Width, Width), Draw(1, Width));

        float[] Draw(int outputs, int fanIn)
        {
            var weights = new float[outputs * fanIn];
            Normals.Fill(random, weights);
            for (int j = 0; j < weights.Length; j++)
            {
                weights[j] *= (float)(Gain / Math.Sqrt(fanIn));
            }

            return weights;
        }
    }

    /// <summary>The output for one row.</summary>
    public double Of(ReadOnlySpan<float> row)
    {
        Span<float> hidden = stackalloc float[Width], next = stackalloc float[Width];
        Layer(_first, row, hidden);
        Layer(_second, hidden, next);
        return Dot(_head, next);
    }

    private static void Layer(ReadOnlySpan<float> weights, ReadOnlySpan<float> inputs, Span<float> outputs)
    {
        for (int j = 0; j < outputs.Length; j++)
        {
            outputs[j] = MathF.Tanh(Dot(weights.Slice(j * inputs.Length, inputs.Length), inputs));
        }
    }

    // Four running sums of four, not of the machine's vector width: the same order of sums wherever it runs.
    private static float Dot(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        ReadOnlySpan<Vector4> a4 = MemoryMarshal.Cast<float, Vector4>(a), b4 = MemoryMarshal.Cast<float, Vector4>(b);
        Vector4 s0 = default, s1 = default, s2 = default, s3 = default;
        int j = 0;
        for (; j + 4 <= a4.Length; j += 4)
        {
            s0 += a4[j] * b4[j];
            s1 += a4[j + 1] * b4[j + 1];
            s2 += a4[j + 2] * b4[j + 2];
            s3 += a4[j + 3] * b4[j + 3];
        }

        Vector4 sum = s0 + s1 + (s2 + s3);
        float total = sum.X + sum.Y + (sum.Z + sum.W);
        for (j *= 4; j < a.Length; j++)
        {
            total += a[j] * b[j];
        }

        return total;
    }
}
