using System.Numerics;

namespace FisherKernels.Learning.Pools;

/// <summary>Responses that can be compared: R embeddings of width D, each belonging to a prompt.</summary>
/// <remarks>Rows stay in their file and are read where they are needed, so that a pool of many gigabytes is worked on in bounded
/// memory.</remarks>
public sealed partial class EmbeddingPool : IDisposable
{
    private const int BlockNumbers = 1 << 20;

    private readonly IEmbeddingSource _source;
    private readonly int[] _promptOf;
    private readonly long[]? _ids;         // of the prompts, as they were given; null where they are 0, 1, …
    private readonly int[] _starts, _rows; // the responses of prompt p: _rows[_starts[p].._starts[p + 1]]
    private readonly RowMarks _marks;

    private EmbeddingPool(IEmbeddingSource source, int[] promptOf, int prompts, long[]? ids)
    {
        (_source, _promptOf, Prompts, _ids) = (source, promptOf, prompts, ids);
        Responses = promptOf.Length;
        _marks = new RowMarks(Responses, source.Dimension, (rows, marks) =>
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

    /// <summary>File or other name of the embeddings, as it stands in messages.</summary>
    public string Name => _source.Name;

    /// <summary>R, number of responses.</summary>
    public int Responses { get; }

    /// <summary>D, numbers in an embedding.</summary>
    public int Dimension => _source.Dimension;

    /// <summary>Number of prompts.</summary>
    public int Prompts { get; }

    /// <summary>Axes of the responses as they are kept: [R], or [prompts, responses of each].</summary>
    public IReadOnlyList<long> Layout => _source.Layout;

    /// <summary>A pool of embeddings that lie elsewhere and are read where they are needed; the pool owns and disposes the
    /// source.</summary>
    /// <param name="source">R rows of D numbers.</param>
    /// <param name="promptOfResponse">[R], the prompt of each row, any integers. Without it the first of two axes before the columns is the
    /// prompt, and a source with one such axis is one prompt.</param>
    /// <exception cref="ArgumentException">A layout or dimension out of range, or another number of prompts than of rows; the
    /// source stays the
    /// caller's then.</exception>
    public static EmbeddingPool From(IEmbeddingSource source, ReadOnlySpan<long> promptOfResponse = default)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(source.Dimension);
        int rows = RowsOf(source);
        if (promptOfResponse.Length != 0 && promptOfResponse.Length != rows)
        {
            throw new ArgumentException(
                $"promptOfResponse has {promptOfResponse.Length} entries, expected {rows}.", nameof(promptOfResponse));
        }

        if (promptOfResponse.Length > 0)
        {
            (int[] promptOf, long[] ids) = NumberPrompts(promptOfResponse);
            return new EmbeddingPool(source, promptOf, ids.Length, ids);
        }

        int prompts = rows == 0 ? 0 : source.Layout.Count > 1 ? (int)source.Layout[0] : 1, responses = rows / Math.Max(prompts, 1);
        var promptOfRow = new int[rows];
        for (int row = 0; row < rows; row++)
        {
            promptOfRow[row] = row / responses;
        }

        return new EmbeddingPool(source, promptOfRow, prompts, null);
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
        return embeddings.Length % dimension == 0
            ? From(new ArrayEmbeddings(embeddings, dimension), promptOfResponse)
            : throw new ArgumentException($"embeddings has {embeddings.Length} numbers, no multiple of {dimension}.", nameof(embeddings));
    }

    /// <summary>The prompt of a response, numbered from 0 in the order in which prompts first occur.</summary>
    public int PromptOf(int response) => _promptOf[response];

    /// <summary>The prompt of a response by the number that was given for it; that of <see cref="PromptOf"/> where none was
    /// given.</summary>
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

    /// <summary>Disposes the source of the embeddings; nothing can be read afterwards.</summary>
    public void Dispose() => _source.Dispose();

    /// <summary>Where a row stands, for messages: its prompt, and which of the prompt's responses it is.</summary>
    /// <param name="row">Index of the response, in [0, R).</param>
    public string Place(int row) => $"prompt {PromptIdOf(row)}, response {ResponsesOf(PromptOf(row)).BinarySearch(row)}";

    /// <summary>The mark of a response whose embedding is NaN or infinite anywhere.</summary>
    public static UInt128 NotFiniteMark => RowMarks.Broken;

    /// <summary>Marks of some responses, equal where their embeddings are; of a pool of a million rows two others share one with a chance
    /// of about 10⁻²⁷. Each row is read once and remembered; several threads may ask.</summary>
    /// <param name="responses">k rows, in any order, repeats allowed.</param>
    /// <returns>[k]; <see cref="NotFiniteMark"/> where an embedding is not finite.</returns>
    /// <exception cref="InputException">The rows cannot be read any more.</exception>
    public UInt128[] Marks(int[] responses) => _marks.Of(responses);

    /// <summary>Why there is nothing to compare: fewer than two embeddings are finite, or all of them are equal. Null where two are finite
    /// and differ. Reads all rows.</summary>
    /// <returns>A sentence that names the pool and says what to do, without a capital at its start.</returns>
    /// <exception cref="InputException">The rows cannot be read any more.</exception>
    public string? FindFault() => PoolFault.Find(this);

    private static int RowsOf(IEmbeddingSource source)
    {
        long rows = 1;
        foreach (long axis in source.Layout)
        {
            rows = axis >= 0 && axis <= Array.MaxLength ? rows * axis : -1;
            if (rows is < 0 || rows > Array.MaxLength)
            {
                break;
            }
        }

        return source.Layout.Count is 1 or 2 && rows >= 0 && rows <= Array.MaxLength
            ? (int)rows
            : throw new ArgumentException(
                $"source has the axes ({string.Join(", ", source.Layout)}), expected one or two of at most {Array.MaxLength} responses "
                    + "in all.",
                nameof(source));
    }

    // Any integers become 0, 1, … in the order in which they first occur.
    private static (int[] Indices, long[] Ids) NumberPrompts(ReadOnlySpan<long> prompts)
    {
        var seen = new Dictionary<long, int>();
        var ids = new List<long>();
        var indices = new int[prompts.Length];
        for (int row = 0; row < prompts.Length; row++)
        {
            if (!seen.TryGetValue(prompts[row], out int index))
            {
                seen[prompts[row]] = index = seen.Count;
                ids.Add(prompts[row]);
            }

            indices[row] = index;
        }

        return (indices, [.. ids]);
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
