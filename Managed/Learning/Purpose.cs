namespace FisherKernels.Learning;

/// <summary>What a stream of random numbers is for; part of its name, so that no two uses ever share draws.</summary>
internal static class Purpose
{
    public const int Initialisation = 1, Validation = 2, Batches = 3, Candidates = 4, Selection = 5, Annotation = 6, HeldOut = 7,
        Dropout = 8;

    public const int Ties = 20;
}
