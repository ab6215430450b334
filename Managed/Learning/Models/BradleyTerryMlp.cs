using System.Buffers;
using FisherKernels.Kernels;
using FisherKernels.Kernels.Numerics;
using FisherKernels.Learning.Pools;

namespace FisherKernels.Learning.Models;

/// <summary>A reward model: hidden layers on an embedding, a linear head without bias; P(a wins) = σ(r[a] − r[b]) (MATH.md §1).</summary>
/// <remarks>
/// Immutable, and on the host: a few hundred kilobytes that any backend can take. Training makes a new one (<see cref="Trainer"/>).
/// </remarks>
public sealed class BradleyTerryMlp
{
    // Rows pass through in blocks of about 64 MB on the backend, and come from the file in parts of 16 MB.
    private const int BlockNumbers = 1 << 24, PartNumbers = 1 << 22;

    internal BradleyTerryMlp(MlpShape shape, float[] parameters, Standardisation? standardisation)
    {
        if (standardisation is not null && standardisation.Mean.Count != shape.Inputs)
        {
            throw new ArgumentException(
                $"standardisation has {standardisation.Mean.Count} columns, the network {shape.Inputs} inputs.", nameof(standardisation));
        }

        Shape = shape;
        Parameters = parameters;
        Standardisation = standardisation;
    }

    /// <summary>Widths and activation.</summary>
    public MlpShape Shape { get; }

    /// <summary>What is done to embeddings first, or null.</summary>
    public Standardisation? Standardisation { get; }

    /// <summary>Chance with which hidden numbers were left out while it was trained, in [0, 1).</summary>
    public double Dropout { get; internal init; }

    /// <summary>β [d], the weights of the head.</summary>
    public ReadOnlySpan<float> Head => Weight(Shape.Hidden.Count);

    internal float[] Parameters { get; }

    /// <summary>A model of given parameters, which are copied.</summary>
    /// <param name="shape">Widths and activation.</param>
    /// <param name="weights">Weights of each layer, [outputs, inputs] row by row; the last are the head's, [1, d].</param>
    /// <param name="biases">Biases of each hidden layer, [outputs].</param>
    /// <param name="standardisation">What is done to embeddings first, or null.</param>
    /// <param name="dropout">Chance with which hidden numbers were left out while it was trained, in [0, 1).</param>
    /// <exception cref="ArgumentException">Lengths do not fit the shape, or the standardisation has another width.</exception>
    public static BradleyTerryMlp FromParameters(
        MlpShape shape, IReadOnlyList<float[]> weights, IReadOnlyList<float[]> biases, Standardisation? standardisation = null,
        double dropout = 0)
    {
        ArgumentNullException.ThrowIfNull(shape);
        ArgumentNullException.ThrowIfNull(weights);
        ArgumentNullException.ThrowIfNull(biases);
        if (!(dropout is >= 0 and < 1))
        {
            throw new ArgumentOutOfRangeException(nameof(dropout), dropout, "The share left out must lie in [0, 1).");
        }

        int layers = shape.Hidden.Count;
        var parameters = new float[shape.Length];
        Copy(weights, layers + 1, shape.WeightStart, layer => shape.Outputs(layer) * shape.InputsOf(layer), nameof(weights));
        Copy(biases, layers, shape.BiasStart, shape.Outputs, nameof(biases));
        return new BradleyTerryMlp(shape, parameters, standardisation) { Dropout = dropout };

        void Copy(IReadOnlyList<float[]> parts, int count, Func<int, int> start, Func<int, int> length, string name)
        {
            if (parts.Count != count || parts.Index().Any(part => part.Item.Length != length(part.Index)))
            {
                throw new ArgumentException(
                    $"{name} has lengths [{string.Join(", ", parts.Select(part => part.Length))}], expected "
                    + $"[{string.Join(", ", Enumerable.Range(0, count).Select(length))}].", name);
            }

            for (int layer = 0; layer < count; layer++)
            {
                parts[layer].CopyTo(parameters, start(layer));
            }
        }
    }

    /// <summary>An untrained model: weights and biases uniform in ±1/√fan_in.</summary>
    /// <param name="shape">Widths and activation.</param>
    /// <param name="standardisation">What is done to embeddings first, or null.</param>
    /// <param name="seed">Of the draws.</param>
    public static BradleyTerryMlp Untrained(MlpShape shape, Standardisation? standardisation, int seed)
    {
        ArgumentNullException.ThrowIfNull(shape);
        var parameters = new float[shape.Length];
        for (int layer = 0; layer <= shape.Hidden.Count; layer++)
        {
            var random = new SeededRandom(seed, Purpose.Initialisation, layer);
            double bound = 1 / Math.Sqrt(shape.InputsOf(layer));
            Fill(parameters.AsSpan(shape.WeightStart(layer), shape.Outputs(layer) * shape.InputsOf(layer)));
            if (layer < shape.Hidden.Count)
            {
                Fill(parameters.AsSpan(shape.BiasStart(layer), shape.Outputs(layer)));
            }

            void Fill(Span<float> part)
            {
                for (int j = 0; j < part.Length; j++)
                {
                    part[j] = (float)((2 * random.NextUniform() - 1) * bound);
                }
            }
        }

        return new BradleyTerryMlp(shape, parameters, standardisation);
    }

    /// <summary>Layer's weight [outputs, inputs]; layer Hidden.Count is the head.</summary>
    public ReadOnlySpan<float> Weight(int layer) =>
        Parameters.AsSpan(Shape.WeightStart(layer), Shape.Outputs(layer) * Shape.InputsOf(layer));

    /// <summary>Hidden layer's bias [outputs].</summary>
    public ReadOnlySpan<float> Bias(int layer) => Parameters.AsSpan(Shape.BiasStart(layer), Shape.Outputs(layer));

    /// <summary>Features Φ [k, d] and rewards r [k] of some responses, on the backend; the caller disposes them.</summary>
    /// <param name="backend">Where to compute.</param>
    /// <param name="pool">Embeddings, as wide as this model's inputs.</param>
    /// <param name="responses">k rows of the pool.</param>
    /// <param name="cancellationToken">Looked at before each block.</param>
    /// <exception cref="InputException">The pool's embeddings have another width.</exception>
    public (DeviceArray<float> Features, DeviceArray<float> Rewards) Features(
        Backend backend, EmbeddingPool pool, ReadOnlySpan<int> responses, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(backend);
        DeviceArray<float> phi = backend.Allocate<float>(responses.Length, Shape.FeatureWidth);
        DeviceArray<float> r = backend.Allocate<float>(responses.Length);
        try
        {
            Forward(backend, pool, responses, phi, r, cancellationToken);
            return (phi, r);
        }
        catch
        {
            phi.Dispose();
            r.Dispose();
            throw;
        }
    }

    /// <summary>Rewards r [k] of some responses.</summary>
    /// <inheritdoc cref="Features"/>
    public float[] Score(Backend backend, EmbeddingPool pool, ReadOnlySpan<int> responses, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(backend);
        using DeviceArray<float> r = backend.Allocate<float>(responses.Length);
        Forward(backend, pool, responses, null, r, cancellationToken);
        return r.ToArray();
    }

    /// <summary>Rewards r [k] of some responses, all finite.</summary>
    /// <exception cref="InputException">One is not: names its row and prompt.</exception>
    /// <inheritdoc cref="Features"/>
    public float[] FiniteScore(
        Backend backend, EmbeddingPool pool, ReadOnlySpan<int> responses, CancellationToken cancellationToken = default)
    {
        float[] rewards = Score(backend, pool, responses, cancellationToken);
        int broken = Vectors.IndexOfNonFinite<float>(rewards);
        return broken < 0
            ? rewards
            : throw new InputException(FormattableString.Invariant(
                $"{pool.Name}: the model gives row {responses[broken]} ({pool.Place(responses[broken])}) the reward {rewards[broken]}: ")
                + "the embeddings are too large for it, or it is damaged. Scale the embeddings, or train on them standardised.");
    }

    /// <summary>
    /// Rewards [k, S] of some responses under S thinned networks: Monte-Carlo dropout, each draw one mask held over all responses.
    /// </summary>
    /// <remarks>
    /// One mask for all makes a draw a network: rewards of two responses can be compared. The first hidden layer, the widest by far, is
    /// passed once.
    /// </remarks>
    /// <param name="backend">Where to compute.</param>
    /// <param name="pool">Embeddings, as wide as this model's inputs.</param>
    /// <param name="responses">k rows of the pool.</param>
    /// <param name="samples">S.</param>
    /// <param name="random">Makes the masks.</param>
    internal float[] Thinned(Backend backend, EmbeddingPool pool, ReadOnlySpan<int> responses, int samples, SeededRandom random)
    {
        RequireFits(pool);
        int inputs = Shape.Inputs, block = Math.Clamp(BlockNumbers / (inputs + Shape.Hidden.Sum()), 1, Math.Max(responses.Length, 1));
        DropoutMask[] masks = [.. Enumerable.Range(0, samples).Select(_ => DropoutMask.Draw(Shape, Dropout, random))];
        var rewards = new float[responses.Length * samples];
        using var network = new MlpNetwork(backend, this, block, training: false);
        using DeviceArray<float> x = backend.Allocate<float>(block, inputs);
        using DeviceArray<float> r = backend.Allocate<float>(block);
        for (int start = 0; start < responses.Length; start += block)
        {
            int count = Math.Min(block, responses.Length - start);
            DeviceArray<float> x_nD = x.View(0, count, inputs), r_n = r.View(0, count);
            Upload(pool, responses.Slice(start, count), x_nD);
            for (int s = 0; s < samples; s++)
            {
                float[][] whole = network.Fold(masks[s]);
                if (s == 0)
                {
                    network.Forward(x_nD, null, r_n);
                }
                else
                {
                    network.ForwardAgain(r_n);   // no mask is before the first hidden layer
                }

                network.Unfold(whole, masks[s]);
                float[] drawn = r_n.ToArray();
                for (int j = 0; j < count; j++)
                {
                    rewards[(start + j) * samples + s] = drawn[j];
                }
            }
        }

        return rewards;
    }

    /// <summary>Brings the embeddings of some responses to the backend, as this model wants them.</summary>
    internal void Upload(EmbeddingPool pool, ReadOnlySpan<int> responses, DeviceArray<float> x_kD)
    {
        int inputs = Shape.Inputs;
        Read(pool, responses, (start, rows_pD) => x_kD.View(start * inputs, rows_pD.Length / inputs, inputs).CopyFrom(rows_pD));
    }

    /// <summary>Reads the embeddings of some responses in parts, as this model wants them.</summary>
    /// <param name="pool">Embeddings, as wide as this model's inputs.</param>
    /// <param name="responses">k rows of the pool.</param>
    /// <param name="take">Told which of the k a part starts with, and its rows [p, D].</param>
    internal void Read(EmbeddingPool pool, ReadOnlySpan<int> responses, Action<int, ReadOnlySpan<float>> take)
    {
        int inputs = Shape.Inputs, part = Math.Clamp(PartNumbers / inputs, 1, Math.Max(responses.Length, 1));
        bool asDoubles = pool.IsWide && Standardisation is not null;
        float[] rows = ArrayPool<float>.Shared.Rent(part * inputs);
        double[] exact = asDoubles ? ArrayPool<double>.Shared.Rent(part * inputs) : [];
        try
        {
            for (int start = 0; start < responses.Length; start += part)
            {
                int count = Math.Min(part, responses.Length - start);
                Span<float> rows_pD = rows.AsSpan(0, count * inputs);
                if (asDoubles)
                {
                    // What all rows of a column have in common is taken away before float32 rounds what is left.
                    Span<double> exact_pD = exact.AsSpan(0, count * inputs);
                    pool.ReadDoubles(responses.Slice(start, count), exact_pD);
                    Standardisation!.Apply(exact_pD, rows_pD);
                }
                else
                {
                    pool.Read(responses.Slice(start, count), rows_pD);
                    Standardisation?.Apply(rows_pD);
                }

                take(start, rows_pD);
            }
        }
        finally
        {
            ArrayPool<float>.Shared.Return(rows);
            if (asDoubles)
            {
                ArrayPool<double>.Shared.Return(exact);
            }
        }
    }

    internal void RequireFits(EmbeddingPool pool)
    {
        ArgumentNullException.ThrowIfNull(pool);
        if (pool.Dimension != Shape.Inputs)
        {
            throw new InputException(
                $"The embeddings are {pool.Dimension} wide, the model takes {Shape.Inputs}: it was trained on others.");
        }
    }

    private void Forward(
        Backend backend,
        EmbeddingPool pool,
        ReadOnlySpan<int> responses,
        DeviceArray<float>? phi_kd,
        DeviceArray<float> r_k,
        CancellationToken cancellationToken)
    {
        RequireFits(pool);
        int inputs = Shape.Inputs, d = Shape.FeatureWidth;
        int block = Math.Clamp(BlockNumbers / (inputs + Shape.Hidden.Sum()), 1, Math.Max(responses.Length, 1));
        using var network = new MlpNetwork(backend, this, block, training: false);
        using DeviceArray<float> x = backend.Allocate<float>(block, inputs);
        for (int start = 0; start < responses.Length; start += block)
        {
            cancellationToken.ThrowIfCancellationRequested();
            int count = Math.Min(block, responses.Length - start);
            DeviceArray<float> x_nD = x.View(0, count, inputs);
            Upload(pool, responses.Slice(start, count), x_nD);
            network.Forward(x_nD, phi_kd?.View(start * d, count, d), r_k.View(start, count));
        }
    }
}
