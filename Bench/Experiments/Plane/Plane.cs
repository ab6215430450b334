using FisherKernels.Learning;

namespace FisherKernels.Bench.Experiments.Plane;

/// <summary>The paper's plane (section 4): points in two dimensions whose reward is known.</summary>
internal static class Plane
{
    private const double Centre = 2.5, Variance = 0.25;

    /// <summary>log of ½ N(x; c, ¼·1) + ½ N(x; −c, ¼·1), c = (2.5, 2.5).</summary>
    public static double Reward(double x, double y)
    {
        double near = Exponent(x - Centre, y - Centre), far = Exponent(x + Centre, y + Centre);
        if (near < far)
        {
            (near, far) = (far, near);
        }

        // Far from both centres the densities are 0 in double; their logarithms are not.
        return near + Math.Log(1 + Math.Exp(far - near)) - Math.Log(2 * 2 * Math.PI * Variance);

        static double Exponent(double dx, double dy) => -(dx * dx + dy * dy) / (2 * Variance);
    }

    /// <summary>Points from a standard normal, [count, 2] row by row.</summary>
    public static float[] Points(int count, SeededRandom random)
    {
        var points = new float[2 * count];
        for (int j = 0; j < points.Length; j += 2)
        {
            // Box and Muller: two uniform numbers, two normal ones.
            double radius = Math.Sqrt(-2 * Math.Log(random.NextUniform())), angle = 2 * Math.PI * random.NextUniform();
            points[j] = (float)(radius * Math.Cos(angle));
            points[j + 1] = (float)(radius * Math.Sin(angle));
        }

        return points;
    }

    /// <summary>The rewards of points.</summary>
    public static float[] Rewards(ReadOnlySpan<float> points)
    {
        var rewards = new float[points.Length / 2];
        for (int j = 0; j < rewards.Length; j++)
        {
            rewards[j] = (float)Reward(points[2 * j], points[2 * j + 1]);
        }

        return rewards;
    }

    /// <summary>A square grid over [−reach, reach]², [side, side], top row first as in a picture.</summary>
    public static float[] Grid(int side, double reach)
    {
        var points = new float[2 * side * side];
        for (int row = 0; row < side; row++)
        {
            for (int column = 0; column < side; column++)
            {
                int j = 2 * (row * side + column);
                points[j] = (float)(reach * ((2 * column + 1.0) / side - 1));
                points[j + 1] = (float)(reach * (1 - (2 * row + 1.0) / side));
            }
        }

        return points;
    }
}
