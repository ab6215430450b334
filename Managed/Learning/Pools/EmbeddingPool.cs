using System.Numerics;
using FisherKernels.Learning.Files;

namespace FisherKernels.Learning.Pools;

/// <summary>Responses that can be compared: R embeddings of width D, each belonging to a prompt.</summary>
/// <remarks>Rows stay in their file and are read where they are needed, so that a pool of many gigabytes is worked on in bounded memory.</remarks>
public sealed class EmbeddingPool : IDisposable
{
    private const int BlockNumbers = 1 << 20;

    private readonly NpyFile? _file;
    private readonly float[]? _numbers;
    private readonly int[] _promptOf;
    private readonly int[] _starts, _rows; // the responses of prompt p: _rows[_starts[p].._starts[p + 1]]

    private EmbeddingPool(string name, NpyFile? file, float[]? numbers, int responses, int dimension, int[] promptOf, int prompts)
    {
        (Name, _file, _numbers, Responses, Dimension, _promptOf, Prompts) = (name, file, numbers, responses, dimension, promptOf, prompts);
        _starts = new int[prompts + 1];
        foreach (int prompt in promptOf)
        {
            _starts[prompt + 1]++;
        }

        for (int prompt = 0; prompt < prompts; prompt++)
        {
            _starts[prompt + 1] += _starts[prompt];
        }

        int[] next = _starts[..prompts];
        _rows = new int[responses];
        for (int row = 0; row < responses; row++)
        {
            _rows[next[promptOf[row]]++] = row;
        }
    }

    /// <summary>File or other name, for messages.</summary>
    public string Name { get; }

    /// <summary>R.</summary>
    public int Responses { get; }

    /// <summary>D.</summary>
    public int Dimension { get; }

    /// <summary>Number of prompts.</summary>
    public int Prompts { get; }

    /// <summary>Opens a .npy file of shape (prompts, responses, D) or (R, D); rows are counted in that order.</summary>
    /// <param name="path">Embeddings.</param>
    /// <param name="promptsPath">.npy of R whole numbers, the prompt of each row of an (R, D) file, any numbers; without it such a file is one prompt.</param>
    /// <exception cref="InputException">A shape that is no pool, or a damaged file.</exception>
    public static EmbeddingPool Load(string path, string? promptsPath = null)
    {
        NpyFile file = NpyFile.Open(path);
        try
        {
            IReadOnlyList<long> shape = file.Shape;
            if (shape.Count is not (2 or 3) || shape[^1] < 1)
            {
                throw new InputException($"{path} has shape ({string.Join(", ", shape)}), expected (responses, D) or (prompts, responses, D).");
            }

            long rows = file.Count / shape[^1];
            if (rows > int.MaxValue || shape[^1] > 1 << 20)
            {
                throw new InputException($"{path} has {rows} rows of {shape[^1]}; at most {int.MaxValue} rows of {1 << 20} can be a pool.");
            }

            int[] promptOf = new int[rows];
            if (promptsPath is not null)
            {
                promptOf = Number(ReadPrompts(promptsPath, (int)rows));
            }
            else if (shape.Count == 3)
            {
                for (int row = 0; row < promptOf.Length; row++)
                {
                    promptOf[row] = row / (int)shape[1];
                }
            }

            int prompts = promptsPath is null && shape.Count == 3 ? (int)Math.Min(shape[0], rows) : promptOf.Length == 0 ? 0 : promptOf.Max() + 1;
            return new EmbeddingPool(path, file, null, (int)rows, (int)shape[^1], promptOf, prompts);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Embeddings in memory, which are not copied.</summary>
    /// <param name="embeddings">Ψ [R, D] row by row.</param>
    /// <param name="dimension">D ≥ 1.</param>
    /// <param name="promptOfResponse">The prompt of each row, any numbers; null for one prompt.</param>
    /// <exception cref="ArgumentException">Lengths that do not fit.</exception>
    public static EmbeddingPool FromArray(float[] embeddings, int dimension, ReadOnlySpan<long> promptOfResponse = default)
    {
        ArgumentNullException.ThrowIfNull(embeddings);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(dimension);
        int rows = embeddings.Length / dimension;
        if (rows * dimension != embeddings.Length)
        {
            throw new ArgumentException($"embeddings has {embeddings.Length} numbers, no multiple of {dimension}.", nameof(embeddings));
        }

        if (promptOfResponse.Length != 0 && promptOfResponse.Length != rows)
        {
            throw new ArgumentException($"promptOfResponse has {promptOfResponse.Length} entries, expected {rows}.", nameof(promptOfResponse));
        }

        int[] promptOf = promptOfResponse.Length == 0 ? new int[rows] : Number(promptOfResponse.ToArray());
        return new EmbeddingPool("embeddings", null, embeddings, rows, dimension, promptOf, rows == 0 ? 0 : promptOf.Max() + 1);
    }

    /// <summary>The prompt of a response, from 0.</summary>
    public int PromptOf(int response) => _promptOf[response];

    /// <summary>The responses of a prompt, ascending.</summary>
    public ReadOnlySpan<int> ResponsesOf(int prompt) => _rows.AsSpan(_starts[prompt].._starts[prompt + 1]);

    /// <summary>Reads the embeddings of some responses.</summary>
    /// <param name="responses">k rows, in any order, repeats allowed.</param>
    /// <param name="rows">[k, D], out.</param>
    /// <exception cref="InputException">An embedding is NaN or infinite: names its row, prompt and column.</exception>
    public void Read(ReadOnlySpan<int> responses, Span<float> rows)
    {
        if (rows.Length != (long)responses.Length * Dimension)
        {
            throw new ArgumentException($"rows has {rows.Length} numbers, expected {responses.Length}×{Dimension}.", nameof(rows));
        }

        for (int j = 0; j < responses.Length;)
        {
            // Rows that follow one another in the file are read together.
            int count = 1;
            while (j + count < responses.Length && responses[j + count] == responses[j] + count)
            {
                count++;
            }

            if (responses[j] < 0 || responses[j] + count > Responses)
            {
                throw new ArgumentOutOfRangeException(nameof(responses), responses[j], $"Rows run from 0 to {Responses - 1}.");
            }

            ReadBlock(responses[j], rows.Slice(j * Dimension, count * Dimension));
            j += count;
        }
    }

    /// <summary>Reads every row once: all must be finite.</summary>
    /// <param name="cancellation">Looked at between blocks.</param>
    /// <exception cref="InputException">An embedding is NaN or infinite.</exception>
    public ColumnStatistics Scan(CancellationToken cancellation = default)
    {
        int block = Math.Max(1, BlockNumbers / Dimension);
        var rows = new float[Math.Min(block, Math.Max(Responses, 1)) * Dimension];
        double[] mean = new double[Dimension], squares = new double[Dimension], sum = new double[Dimension], spread = new double[Dimension];
        for (int start = 0; start < Responses; start += block)
        {
            cancellation.ThrowIfCancellationRequested();
            int count = Math.Min(block, Responses - start);
            Span<float> part = rows.AsSpan(0, count * Dimension);
            ReadBlock(start, part);
            Gather(part, count, sum, spread);

            // Chan, Golub and LeVeque 1983: the block joins what went before, without cancellation.
            for (int j = 0; j < Dimension; j++)
            {
                double blockMean = sum[j] / count, step = blockMean - mean[j];
                squares[j] += spread[j] + step * step * start * count / ((double)start + count);
                mean[j] += step * count / ((double)start + count);
            }
        }

        return new ColumnStatistics(mean, [.. squares.Select(square => Math.Sqrt(square / Math.Max(Responses, 1)))]);
    }

    /// <inheritdoc/>
    public void Dispose() => _file?.Dispose();

    // Sum of each column of a block, and of the squares about the block's own mean.
    private static void Gather(ReadOnlySpan<float> rows, int count, double[] sum, double[] spread)
    {
        int columns = sum.Length;
        Array.Clear(sum);
        Array.Clear(spread);
        for (int a = 0; a < count; a++)
        {
            ReadOnlySpan<float> row = rows.Slice(a * columns, columns);
            for (int j = 0; j < row.Length; j++)
            {
                sum[j] += row[j];
            }
        }

        for (int a = 0; a < count; a++)
        {
            ReadOnlySpan<float> row = rows.Slice(a * columns, columns);
            for (int j = 0; j < row.Length; j++)
            {
                double step = row[j] - sum[j] / count;
                spread[j] += step * step;
            }
        }
    }

    private static long[] ReadPrompts(string path, int rows)
    {
        using NpyFile file = NpyFile.Open(path);
        if (file.Count != rows)
        {
            throw new InputException($"{path} has {file.Count} prompts, the embeddings {rows} rows; expected one for each row.");
        }

        var prompts = new long[rows];
        file.ReadInts(0, prompts);
        return prompts;
    }

    // Any numbers become 0, 1, … in the order in which they first occur.
    private static int[] Number(long[] prompts)
    {
        var seen = new Dictionary<long, int>();
        var numbers = new int[prompts.Length];
        for (int row = 0; row < prompts.Length; row++)
        {
            if (!seen.TryGetValue(prompts[row], out int number))
            {
                seen[prompts[row]] = number = seen.Count;
            }

            numbers[row] = number;
        }

        return numbers;
    }

    private void ReadBlock(int first, Span<float> rows)
    {
        long start = (long)first * Dimension;
        if (_numbers is not null)
        {
            _numbers.AsSpan((int)start, rows.Length).CopyTo(rows);
        }
        else
        {
            _file!.ReadSingles(start, rows);
        }

        int broken = FirstNotFinite(rows);
        if (broken >= 0)
        {
            int row = first + broken / Dimension, prompt = PromptOf(row);
            throw new InputException(FormattableString.Invariant(
                $"{Name}: row {row} (prompt {prompt}, response {row - ResponsesOf(prompt)[0]}), column {broken % Dimension} is {rows[broken]}; embeddings must be finite."));
        }
    }

    // x − x is 0 for a finite number and NaN for the others, and NaN stays in a sum: one pass without branches.
    private static int FirstNotFinite(ReadOnlySpan<float> numbers)
    {
        var sum = Vector<float>.Zero;
        int j = 0;
        for (; j <= numbers.Length - Vector<float>.Count; j += Vector<float>.Count)
        {
            var part = new Vector<float>(numbers[j..]);
            sum += part - part;
        }

        bool clean = Vector.Sum(sum) == 0;
        for (; j < numbers.Length; j++)
        {
            clean &= float.IsFinite(numbers[j]);
        }

        for (j = 0; !clean && j < numbers.Length; j++)
        {
            if (!float.IsFinite(numbers[j]))
            {
                return j;
            }
        }

        return -1;
    }
}
