using System.Numerics;
using FisherKernels.Learning.Files;

namespace FisherKernels.Learning.Pools;

/// <summary>Responses that can be compared: R embeddings of width D, each belonging to a prompt.</summary>
/// <remarks>Rows stay in their file and are read where they are needed, so that a pool of many gigabytes is worked on in bounded memory.</remarks>
public sealed partial class EmbeddingPool : IDisposable
{
    private const int BlockNumbers = 1 << 20, MaxDimension = 1 << 20;

    private readonly NpyFile? _file;
    private readonly float[]? _numbers;
    private readonly int[] _promptOf;
    private readonly long[]? _ids;         // of the prompts, as they were given; null where they are 0, 1, …
    private readonly int[] _starts, _rows; // the responses of prompt p: _rows[_starts[p].._starts[p + 1]]
    private readonly RowMarks _marks;

    private EmbeddingPool(
        string name, NpyFile? file, float[]? numbers, long[] layout, int dimension, int[] promptOf, int prompts, long[]? ids)
    {
        (Name, _file, _numbers, Layout, Dimension, _promptOf, Prompts, _ids) =
            (name, file, numbers, layout, dimension, promptOf, prompts, ids);
        Responses = promptOf.Length;
        _marks = new RowMarks(Responses, dimension, (rows, marks) =>
        {
            if (IsWide)
            {
                Mark<double>(rows, marks);
            }
            else
            {
                Mark<float>(rows, marks);
            }
        });
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
        _rows = new int[Responses];
        for (int row = 0; row < Responses; row++)
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

    /// <summary>The axes before D: [R], or [prompts, responses].</summary>
    internal IReadOnlyList<long> Layout { get; }

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
            if (rows > Array.MaxLength || shape[^1] > MaxDimension)
            {
                throw new InputException($"{path} has {rows} rows of {shape[^1]}; at most {Array.MaxLength} rows of {MaxDimension} can be a pool. Split the file.");
            }

            int[] promptOf = new int[rows];
            long[]? ids = null;
            if (promptsPath is not null)
            {
                (promptOf, ids) = Number(ReadPrompts(promptsPath, (int)rows));
            }
            else if (shape.Count == 3)
            {
                for (int row = 0; row < promptOf.Length; row++)
                {
                    promptOf[row] = row / (int)shape[1];
                }
            }

            int prompts = ids?.Length ?? (shape.Count == 3 ? (int)Math.Min(shape[0], rows) : Math.Min(1, promptOf.Length));
            return new EmbeddingPool(path, file, null, [.. shape.SkipLast(1)], (int)shape[^1], promptOf, prompts, ids);
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

        (int[] promptOf, long[]? ids) = promptOfResponse.Length == 0 ? (new int[rows], null) : Number(promptOfResponse.ToArray());
        return new EmbeddingPool("embeddings", null, embeddings, [rows], dimension, promptOf, ids?.Length ?? Math.Min(1, rows), ids);
    }

    /// <summary>The prompt of a response, numbered from 0 in the order in which prompts first occur.</summary>
    public int PromptOf(int response) => _promptOf[response];

    /// <summary>The prompt of a response by the number that was given for it; that of <see cref="PromptOf"/> where none was given.</summary>
    public long PromptIdOf(int response) => _ids is null ? _promptOf[response] : _ids[_promptOf[response]];

    /// <summary>The responses of a prompt, ascending.</summary>
    public ReadOnlySpan<int> ResponsesOf(int prompt) => _rows.AsSpan(_starts[prompt].._starts[prompt + 1]);

    /// <summary>Reads the embeddings of some responses.</summary>
    /// <param name="responses">k rows, in any order, repeats allowed.</param>
    /// <param name="rows">[k, D], out.</param>
    /// <exception cref="ArgumentException">A row that is not there, or lengths that do not fit.</exception>
    /// <exception cref="InputException">An embedding is NaN or infinite: names its row, prompt and column.</exception>
    public unsafe void Read(ReadOnlySpan<int> responses, Span<float> rows)
    {
        if (rows.Length != (long)responses.Length * Dimension)
        {
            throw new ArgumentException($"rows has {rows.Length} numbers, expected {responses.Length}×{Dimension}.", nameof(rows));
        }

        foreach (int response in responses)
        {
            if (response < 0 || response >= Responses)
            {
                throw new ArgumentOutOfRangeException(nameof(responses), response, $"Rows run from 0 to {Responses - 1}.");
            }
        }

        int block = Math.Max(1, BlockNumbers / Dimension), count = responses.Length;
        if (count <= block)
        {
            ReadFinite(responses, rows);
            return;
        }

        fixed (int* firstResponse = responses)
        fixed (float* firstRow = rows)
        {
            int* from = firstResponse;
            float* to = firstRow;
            Blocks.InOrder((count + block - 1) / block, number =>
            {
                int start = number * block, there = Math.Min(block, count - start);
                ReadFinite(new ReadOnlySpan<int>(from + start, there), new Span<float>(to + (long)start * Dimension, there * Dimension));
            });
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _file?.Dispose();

    /// <summary>Where a row stands, for messages.</summary>
    internal string Place(int row) => $"prompt {PromptIdOf(row)}, response {ResponsesOf(PromptOf(row)).BinarySearch(row)}";

    /// <summary>Marks of some responses, equal where the embeddings are; <see cref="RowMarks.Broken"/> where one is not finite. Each row is read once.</summary>
    internal UInt128[] Marks(int[] responses) => _marks.Of(responses);

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
    private static (int[] Numbers, long[] Ids) Number(long[] prompts)
    {
        var seen = new Dictionary<long, int>();
        var ids = new List<long>();
        var numbers = new int[prompts.Length];
        for (int row = 0; row < prompts.Length; row++)
        {
            if (!seen.TryGetValue(prompts[row], out int number))
            {
                seen[prompts[row]] = number = seen.Count;
                ids.Add(prompts[row]);
            }

            numbers[row] = number;
        }

        return (numbers, [.. ids]);
    }

    // Rows that follow one another in the file are read together; they may be anything.
    private void ReadRuns<T>(ReadOnlySpan<int> responses, Span<T> rows)
        where T : unmanaged, INumber<T>
    {
        for (int j = 0; j < responses.Length;)
        {
            int count = Run(responses[j..]);
            ReadRaw(responses[j], rows.Slice(j * Dimension, count * Dimension));
            j += count;
        }
    }

    private void Mark<T>(ReadOnlySpan<int> responses, Span<UInt128> marks)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        var rows = new T[responses.Length * Dimension];
        ReadRuns<T>(responses, rows);
        for (int j = 0; j < marks.Length; j++)
        {
            marks[j] = RowMarks.Mark<T>(rows.AsSpan(j * Dimension, Dimension));
        }
    }

    private void ReadFinite(ReadOnlySpan<int> responses, Span<float> rows)
    {
        ReadRuns(responses, rows);
        int broken = FirstNotFinite<float>(rows);
        if (broken >= 0)
        {
            throw NotFinite(responses[broken / Dimension], broken % Dimension, rows[broken]);
        }
    }

    // x − x is 0 for a finite number and NaN for the others, and NaN stays in a sum: one pass without branches.
    private static int FirstNotFinite<T>(ReadOnlySpan<T> numbers)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        var sum = Vector<T>.Zero;
        int j = 0;
        for (; j <= numbers.Length - Vector<T>.Count; j += Vector<T>.Count)
        {
            var part = new Vector<T>(numbers[j..]);
            sum += part - part;
        }

        bool clean = T.IsZero(Vector.Sum(sum));
        for (; j < numbers.Length; j++)
        {
            clean &= T.IsFinite(numbers[j]);
        }

        for (j = 0; !clean && j < numbers.Length; j++)
        {
            if (!T.IsFinite(numbers[j]))
            {
                return j;
            }
        }

        return -1;
    }
}
