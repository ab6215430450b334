namespace FisherKernels.Learning;

/// <summary>What a stream of random numbers is for; part of its name, so that no two uses ever share draws.</summary>
internal static class Purpose
{
    public const int Initialisation = 1, Validation = 2, Batches = 3, Candidates = 4, Selection = 5, HeldOut = 7, Dropout = 8;

    // 6 is that of the answers in simulated experiments.

    public const int Ties = 20;
}
