using FisherKernels.Kernels;

namespace FisherKernels.Learning.Models;

/// <summary>Training came to no model that could be used; nothing was made.</summary>
public abstract class TrainingException : FisherException
{
    /// <summary>With the whole sentence.</summary>
    private protected TrainingException(string message, Exception? inner = null)
        : base(message, inner)
    {
    }

    // A decay that is large beside the rate turns or blows up the weights by itself.
    private protected static string Remedy(double learningRate, double weightDecay) => learningRate * weightDecay > 0.5
        ? FormattableString.Invariant(
            $"Every step multiplies the weights by {1 - learningRate * weightDecay:G4}: lower the weight decay, which is {weightDecay:G4}.")
        : "Lower the learning rate, or standardise the embeddings.";
}

/// <summary>Training left the finite numbers.</summary>
internal sealed class TrainingDivergedException(int step, double learningRate, double weightDecay = 0) : TrainingException(
    FormattableString.Invariant($"The loss is no longer finite after {step} steps at learning rate {learningRate:G4}. ")
    + Remedy(learningRate, weightDecay));

/// <summary>Training ended with a model that has broken down: far worse than chance, or the same of everything.</summary>
internal sealed class TrainingCollapsedException : TrainingException
{
    private TrainingCollapsedException(string found, double learningRate, double weightDecay)
        : base(FormattableString.Invariant($"The model has broken down at learning rate {learningRate:G4}: {found}. ")
            + Remedy(learningRate, weightDecay))
    {
    }

    internal static TrainingCollapsedException Loss(double loss, bool heldOut, TrainingOptions options) => new(
        FormattableString.Invariant(
            $"its loss on the comparisons {(heldOut ? "held out" : "it was taught")} is {loss:G6} nats, and chance is {Math.Log(2):F4}"),
        options.LearningRate,
        options.WeightDecay);

    internal static TrainingCollapsedException Rewards(string fault, TrainingOptions options) =>
        new(fault, options.LearningRate, options.WeightDecay);
}
