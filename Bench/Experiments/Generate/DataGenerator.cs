using System.Numerics;
using System.Runtime.InteropServices;
using FisherKernels.Learning;
using FisherKernels.Storage;

namespace FisherKernels.Bench.Experiments.Generate;

/// <summary>Makes data sets of the paper's shape, for whoever does not have its 300 GB.</summary>
/// <remarks>
/// <code>
/// ψ = H s ∘ √λ ∘ (√ρ u + √(1 − ρ) e)      λ_j ∝ j^−decay;  u the prompt's, e the response's own, nearly normal
/// r* = deviation · (f(ψ) − mean) / sd + noise · ε        f a fixed random network, mean and sd over 2,000 rows of their own
/// </code>
/// s are random signs and H is a Walsh–Hadamard rotation, which spreads every direction over all columns: as in real embeddings the
/// spectrum
/// decays, and no column shows it. Columns have variance 1. Where D is no power of two, H is the next larger one and its first D
/// columns are kept.
/// A row depends on the settings, its split, prompt and number, and on nothing else: a larger set begins with the prompts of a smaller one.
/// </remarks>
internal sealed class DataGenerator
{
    // Names of random streams, apart from those of the library.
    private const int SignStream = 111, NetworkStream = 112, PromptStream = 113, ResponseStream = 114;
    private const int TrainSplit = 0, TestSplit = 1, CalibrationSplit = 2;
    private const int CalibrationRows = 2000, BlockNumbers = 1 << 21, BlocksTogether = 4;

    private readonly GeneratorSettings _settings;
    private readonly float[] _scales;
    private readonly RandomNetwork _network;
    private readonly double _mean, _deviation;

    public DataGenerator(GeneratorSettings settings)
    {
        _settings = settings;
        int width = (int)BitOperations.RoundUpToPowerOf2((uint)settings.Dimension);
        double[] lambda = [.. Enumerable.Range(1, width).Select(j => Math.Pow(j, -settings.Decay))];
        double sum = lambda.Sum();
        var signs = new SeededRandom(settings.Seed, SignStream);

        // The transform below adds all coordinates up in each column, without the rotation's 1/√width: columns get variance 1.
        _scales = [.. lambda.Select(value => (float)(Math.Sqrt(value / sum) * (signs.NextBelow(2) == 0 ? 1 : -1)))];
        _network = new RandomNetwork(settings.Dimension, new SeededRandom(settings.Seed, NetworkStream));
        var outputs = new double[CalibrationRows];
        Parallel.For(0, CalibrationRows, prompt =>
        {
            var row = new float[settings.Dimension];
            Rows(CalibrationSplit, prompt, 1, row, null);
            outputs[prompt] = _network.Of(row);
        });
        _mean = outputs.Average();
        _deviation = Math.Sqrt(outputs.Average(output => (output - _mean) * (output - _mean)));
    }

    /// <summary>The golden reward of a row before noise.</summary>
    public double Golden(ReadOnlySpan<float> row) => _settings.RewardDeviation * (_network.Of(row) - _mean) / _deviation;

    /// <summary>Writes the four files.</summary>
    /// <param name="folder">Must be there.</param>
    /// <param name="report">Told how many responses are done.</param>
    /// <param name="cancellation">Looked at between blocks.</param>
    public void Write(string folder, Action<long> report, CancellationToken cancellation)
    {
        Write(folder, "train", TrainSplit, _settings.Train, 0, report, cancellation);
        Write(folder, "test", TestSplit, _settings.Test, (long)_settings.Train.Prompts * _settings.Train.Responses, report, cancellation);
    }

    private void Write(
        string folder, string split, int number, SplitSize size, long before, Action<long> report, CancellationToken cancellation)
    {
        int d = _settings.Dimension, perPrompt = size.Responses * d, prompts = Math.Clamp(BlockNumbers / perPrompt, 1, size.Prompts);
        var rewards = new float[size.Prompts * size.Responses];
        float[][] blocks = [.. Enumerable.Range(0, BlocksTogether).Select(_ => new float[prompts * perPrompt])];
        Npy.Write<float>(PathOf("embd"), [size.Prompts, size.Responses, d], stream =>
        {
            for (int first = 0; first < size.Prompts; first += BlocksTogether * prompts)
            {
                cancellation.ThrowIfCancellationRequested();
                int start = first;
                Parallel.For(0, BlocksTogether, block =>
                {
                    for (int j = 0; j < CountOf(start, block); j++)
                    {
                        int prompt = start + block * prompts + j;
                        Rows(number, prompt, size.Responses, blocks[block]
                            .AsSpan(j * perPrompt, perPrompt), rewards.AsMemory(prompt * size.Responses));
                    }
                });
                for (int block = 0; block < BlocksTogether; block++)
                {
                    stream.Write(MemoryMarshal.AsBytes(blocks[block].AsSpan(0, CountOf(first, block) * perPrompt)));
                }

                report(before + (long)Math.Min(first + BlocksTogether * prompts, size.Prompts) * size.Responses);
            }
        });
        Npy.Write<float>(PathOf("reward"), rewards, [size.Prompts, size.Responses, 1]);

        int CountOf(int first, int block) => Math.Clamp(size.Prompts - first - block * prompts, 0, prompts);

        string PathOf(string kind) => Path.Combine(folder, $"{kind}_{_settings.Name}_{split}.npy");
    }

    private void Rows(int split, int prompt, int responses, Span<float> rows, Memory<float>? rewards)
    {
        int d = _settings.Dimension, width = _scales.Length;
        float shared = (float)Math.Sqrt(_settings.PromptShare), own = (float)Math.Sqrt(1 - _settings.PromptShare);
        float[] common = new float[width], latent = new float[width];
        Normals.Fill(new SeededRandom(_settings.Seed, PromptStream, split, prompt), common);
        for (int response = 0; response < responses; response++)
        {
            var random = new SeededRandom(_settings.Seed, ResponseStream, split, prompt, response);
            float noise = Normals.Next(random);
            for (int j = 0; j < width; j++)
            {
                latent[j] = _scales[j] * (shared * common[j] + own * Normals.Next(random));
            }

            Rotate(latent);
            Span<float> row = rows.Slice(response * d, d);
            latent.AsSpan(0, d).CopyTo(row);
            if (rewards is { } written)
            {
                written.Span[response] = (float)(Golden(row) + _settings.Noise * noise);
            }
        }
    }

    // The fast Walsh–Hadamard transform in place: sums and differences, no product.
    private static void Rotate(Span<float> numbers)
    {
        for (int half = 1; half < numbers.Length; half *= 2)
        {
            for (int start = 0; start < numbers.Length; start += 2 * half)
            {
                Span<float> left = numbers.Slice(start, half), right = numbers.Slice(start + half, half);
                int j = 0;
                for (; j <= half - Vector<float>.Count; j += Vector<float>.Count)
                {
                    Vector<float> a = new(left[j..]), b = new(right[j..]);
                    (a + b).CopyTo(left[j..]);
                    (a - b).CopyTo(right[j..]);
                }

                for (; j < half; j++)
                {
                    (left[j], right[j]) = (left[j] + right[j], left[j] - right[j]);
                }
            }
        }
    }
}
