using ILGPU;

namespace FisherKernels.Kernels.Device;

/// <summary>Distances between rows, in a fixed order.</summary>
internal static class Distance
{
    /// <summary>‖z_a − z_b‖², summed over the columns from the first on.</summary>
    /// <param name="z_Rd">[R, d].</param>
    /// <param name="a">A row.</param>
    /// <param name="b">Another.</param>
    /// <param name="d">d.</param>
    public static double Squared(ArrayView<double> z_Rd, int a, int b, int d)
    {
        double sum = 0;
        for (int j = 0; j < d; j++)
        {
            double dz = z_Rd[a * d + j] - z_Rd[b * d + j];
            sum += dz * dz;
        }

        return sum;
    }
}
