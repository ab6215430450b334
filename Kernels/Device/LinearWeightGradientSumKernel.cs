using ILGPU;

namespace FisherKernels.Kernels.Device;

/// <summary>Adds the slices of <see cref="LinearWeightGradientKernel"/> to the gradients, first slice first.</summary>
/// <remarks>
/// <code>
/// dθ_oi += Σ_s part_soi        dbias_o += Σ_s part_soI
///
/// part_sOW   [S,O,W]   float
/// dtheta_OI  [O,I]     float   added to
/// dbias_O    [O]       float   added to, where W = I + 1
/// </code>
/// Launch: one thread per number of a slice, any group size.
/// Cost: reads S·O·W floats once, neighbouring threads neighbouring numbers.
/// </remarks>
internal static class LinearWeightGradientSumKernel
{
    public static void Run(
        Index1D at, ArrayView<float> part_sOW, ArrayView<float> dtheta_OI, ArrayView<float> dbias_O,
        int slices, int inputs, int width, int outputs)
    {
        float sum = 0;
        for (int s = 0; s < slices; s++)
        {
            sum += part_sOW[s * outputs * width + at];
        }

        int o = at / width, i = at % width;
        if (i < inputs)
        {
            dtheta_OI[o * inputs + i] += sum;
        }
        else
        {
            dbias_O[o] += sum;
        }
    }
}
