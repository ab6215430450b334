using FisherKernels.Kernels;
using FisherKernels.Learning.Pools;

namespace FisherKernels.Learning.Models;

/// <summary>
/// The embeddings of some responses on a backend: all of them where they fit the budget, else a block at a time from the pool.
/// </summary>
internal sealed class RowStore : IDisposable
{
    // 1 GiB of float32 for embeddings and activations together: 40,000 rows of 2,048 with 3 × 64 hidden units take a third.
    public const long DefaultBudget = 1L << 28;

    private readonly Backend _backend;
    private readonly EmbeddingPool _pool;
    private readonly BradleyTerryMlp _model;
    private readonly int[] _responses;
    private readonly DeviceArray<float> _block;
    private DeviceArray<float>? _some;

    /// <param name="backend">Where to keep them.</param>
    /// <param name="pool">Embeddings.</param>
    /// <param name="model">Says how rows are put to it.</param>
    /// <param name="responses">Rows of the pool.</param>
    /// <param name="budget">Most numbers kept at a time.</param>
    public RowStore(Backend backend, EmbeddingPool pool, BradleyTerryMlp model, int[] responses, long budget)
    {
        _backend = backend;
        _pool = pool;
        _model = model;
        _responses = responses;
        long numbersPerRow = model.Shape.Inputs + 3L * model.Shape.Hidden.Sum();
        IsResident = responses.Length * numbersPerRow <= budget;

        // A quarter of the budget: reading a block, and what the host holds of it, come on top.
        BlockRows = IsResident ? responses.Length : (int)Math.Max(1, budget / 4 / numbersPerRow);
        _block = backend.Allocate<float>(BlockRows, model.Shape.Inputs);
        if (IsResident)
        {
            model.Upload(pool, responses, _block);
        }
    }

    public int Count => _responses.Length;

    /// <summary>Most rows handed out by <see cref="Block"/>.</summary>
    public int BlockRows { get; }

    /// <summary>Whether every row is on the backend, so that <see cref="Block"/> costs nothing.</summary>
    public bool IsResident { get; }

    /// <summary>[count, D], valid until the next call.</summary>
    public DeviceArray<float> Block(int start, int count)
    {
        int inputs = _model.Shape.Inputs;
        if (IsResident)
        {
            return _block.View(start * inputs, count, inputs);
        }

        DeviceArray<float> rows = _block.View(0, count, inputs);
        _model.Upload(_pool, _responses.AsSpan(start, count), rows);
        return rows;
    }

    /// <summary>[k, D], the rows of those numbers, valid until the next call.</summary>
    public DeviceArray<float> Some(ReadOnlySpan<int> numbers_k)
    {
        int inputs = _model.Shape.Inputs;
        if (_some is null || _some.Rows < numbers_k.Length)
        {
            _some?.Dispose();
            _some = _backend.Allocate<float>(numbers_k.Length, inputs);
        }

        DeviceArray<float> rows = _some.View(0, numbers_k.Length, inputs);
        if (IsResident)
        {
            _backend.Gather(_block, numbers_k, rows);
        }
        else
        {
            var responses = new int[numbers_k.Length];
            for (int j = 0; j < responses.Length; j++)
            {
                responses[j] = _responses[numbers_k[j]];
            }

            _model.Upload(_pool, responses, rows);
        }

        return rows;
    }

    public void Dispose()
    {
        _block.Dispose();
        _some?.Dispose();
    }
}
