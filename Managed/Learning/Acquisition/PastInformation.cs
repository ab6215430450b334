using FisherKernels.Kernels;
using FisherKernels.Learning.Design;

namespace FisherKernels.Learning.Acquisition;

/// <summary>I_past: what the pairs labelled so far tell about the head under the current model (MATH.md §3).</summary>
internal static class PastInformation
{
    /// <summary>[d, d], or null where nothing is labelled.</summary>
    public static double[]? Of(PastComparisons? past)
    {
        if (past is null)
        {
            return null;
        }

        using DeviceArray<float> v = FisherDesign.Variances(past.Graph, past.Rewards);
        return FisherDesign.Information(past.Graph, past.Features, v);
    }
}
