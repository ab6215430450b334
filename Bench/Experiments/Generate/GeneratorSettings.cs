namespace FisherKernels.Bench.Experiments.Generate;

/// <summary>Prompts and responses of a split.</summary>
internal sealed record SplitSize(int Prompts, int Responses);

/// <summary>What decides a made data set.</summary>
/// <param name="Name">GEN_EMBED_TASK in its files' names.</param>
/// <param name="Train">To learn from.</param>
/// <param name="Test">To measure on.</param>
/// <param name="Dimension">D.</param>
/// <param name="Decay">The j-th eigenvalue of the embeddings' covariance falls as j^−Decay.</param>
/// <param name="PromptShare">Share of the embeddings' variance that the responses of a prompt have in common, in [0, 1].</param>
/// <param name="RewardDeviation">Standard deviation of the network's reward over all responses.</param>
/// <param name="Noise">Standard deviation of what is added to it.</param>
/// <param name="Seed">Of everything drawn.</param>
internal sealed record GeneratorSettings(
    string Name, SplitSize Train, SplitSize Test, int Dimension, double Decay, double PromptShare, double RewardDeviation, double Noise,
        int Seed)
{
    /// <summary>The shape of the paper's data: 40,000 × 10 and 2,000 × 500 responses of 2,048, 11.5 GB.</summary>
    public static GeneratorSettings Usual { get; } = new("made_decay_network", new(40_000, 10), new(2_000, 500), 2048, 1, 0.5, 3, 0.3, 1);

    /// <summary>What the files will take.</summary>
    public long Bytes => ((long)Train.Prompts * Train.Responses + (long)Test.Prompts * Test.Responses) * (Dimension + 1) * sizeof(float);
}
