using FisherKernels.Kernels;

namespace FisherKernels.Learning.Models;

/// <summary>How a reward model is trained. Immutable; a value out of range fails where it is written.</summary>
public sealed record TrainingOptions
{
    /// <summary>Widths of the hidden layers; the last is d. The paper's: 64, 64, 64.</summary>
    public IReadOnlyList<int> Hidden
    {
        get;
        init => field = value is { Count: > 0 } && value.All(width => width > 0)
            ? Array.AsReadOnly([.. value])
            : throw new ArgumentException("Hidden widths must be one or more whole numbers of at least 1.", nameof(Hidden));
    } = [64, 64, 64];

    /// <summary>After each hidden layer.</summary>
    public Activation Activation { get; init; } = Activation.Gelu;

    /// <summary>Whether columns are brought to mean 0 and deviation 1 first, by statistics of the whole pool.</summary>
    public bool Standardise { get; init; } = true;

    /// <summary>Most steps of Adam. The paper's code takes 1,000 on the full batch.</summary>
    public int Steps
    {
        get;
        init { ArgumentOutOfRangeException.ThrowIfNegative(value, nameof(Steps)); field = value; }
    } = 1000;

    /// <summary>Comparisons in a step; null for all of them.</summary>
    public int? BatchSize
    {
        get;
        init
        {
            if (value is int size)
            {
                ArgumentOutOfRangeException.ThrowIfNegativeOrZero(size, nameof(BatchSize));
            }

            field = value;
        }
    }

    /// <summary>Adam's step size.</summary>
    public double LearningRate
    {
        get;
        init => field = NotNegative(value, nameof(LearningRate));
    } = 1e-3;

    /// <summary>Decoupled weight decay: the share of a parameter removed per step and unit of learning rate.</summary>
    public double WeightDecay
    {
        get;
        init => field = NotNegative(value, nameof(WeightDecay));
    }

    /// <summary>
    /// Chance of a hidden number to be left out of a step, in [0, 1); 0 trains as the paper does, more allows a dropout posterior.
    /// </summary>
    public double Dropout
    {
        get;
        init => field = value is >= 0 and < 1
            ? value
            : throw new ArgumentOutOfRangeException(nameof(Dropout), value, "The share left out must lie in [0, 1).");
    }

    /// <summary>Share of the comparisons held out to decide when to stop, in [0, 1); 0 takes every step.</summary>
    public double Validation
    {
        get;
        init => field = value is >= 0 and < 1
            ? value
            : throw new ArgumentOutOfRangeException(nameof(Validation), value, "The share held out must lie in [0, 1).");
    } = 0.2;

    /// <summary>What is held out as a whole, so that nothing that was taught is asked again; null takes prompts where the pool has
    /// several, else responses that comparisons link, else pairs, the first that leaves enough.</summary>
    public ValidationGroup? ValidationBy { get; init; }

    /// <summary>
    /// Steps before the first look at the held-out comparisons: a few dozen of them cannot tell a first step from none, and keeping an
    /// untrained model would waste the round.
    /// </summary>
    public int FirstLook
    {
        get;
        init { ArgumentOutOfRangeException.ThrowIfNegative(value, nameof(FirstLook)); field = value; }
    } = 10;

    /// <summary>Steps between two looks at the held-out comparisons.</summary>
    public int CheckEvery
    {
        get;
        init { ArgumentOutOfRangeException.ThrowIfNegativeOrZero(value, nameof(CheckEvery)); field = value; }
    } = 5;

    /// <summary>Looks without improvement after which training stops; the best parameters seen are kept.</summary>
    public int Patience
    {
        get;
        init { ArgumentOutOfRangeException.ThrowIfNegativeOrZero(value, nameof(Patience)); field = value; }
    } = 10;

    /// <summary>Seeds initialisation, held-out comparisons, the order of batches and what is left out.</summary>
    public int Seed { get; init; }

    private static double NotNegative(double value, string name) => double.IsFinite(value) && value >= 0
        ? value
        : throw new ArgumentOutOfRangeException(name, value, "Must be finite and not negative.");
}
