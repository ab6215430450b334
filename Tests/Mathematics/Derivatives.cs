using FisherKernels.Bench.Cases;
using FisherKernels.Kernels;
using FisherKernels.Tests.Reference;
using NUnit.Framework;

namespace FisherKernels.Tests.Mathematics;

/// <summary>The definitions' derivatives against central differences; what the backends compute is held to the definitions.</summary>
public class Derivatives
{
    private static readonly Tolerance Differences = new(1e-8, "central differences with h = 1e-5: h² and ε/h");

    [Test]
    public void LinearBackward_is_the_derivative_of_Linear()
    {
        const int n = 4, inputs = 3, outputs = 2;
        var draw = new Draw(1);
        double[] x = Definition.Wide(draw.Uniform(n, inputs)), theta = Definition.Wide(draw.Uniform(outputs, inputs));
        double[] bias = Definition.Wide(draw.Uniform(outputs)), dy = Definition.Wide(draw.Uniform(n, outputs));
        (double[] dx, double[] dtheta, double[] dbias) = Definition.LinearBackward(x, theta, dy, n, inputs, outputs);

        double Loss() => Definition.Linear(x, theta, bias, n, inputs, outputs).Zip(dy, (y, slope) => y * slope).Sum();
        Expect.Close(dx, Gradient(Loss, x), Differences, "dx");
        Expect.Close(dtheta, Gradient(Loss, theta), Differences, "dθ");
        Expect.Close(dbias, Gradient(Loss, bias), Differences, "dbias");
    }

    [TestCase(Activation.Gelu)]
    [TestCase(Activation.Relu)]
    public void Slope_is_the_derivative_of_the_activation(Activation activation)
    {
        double[] x = [-5.3, -1.4142, -1, -0.2, 0.3, 1, 1.4143, 4];
        double Sum() => x.Sum(x => Definition.Activate(activation, x));
        Expect.Close([.. x.Select(x => Definition.Slope(activation, x))], Gradient(Sum, x), Differences, activation.ToString());
    }

    [Test]
    public void BradleyTerry_gives_the_derivative_of_its_mean_loss()
    {
        var draw = new Draw(2);
        Pair[] pairs = draw.Pairs(30, 7);
        double[] r = Definition.Wide(draw.Wide(7, 1, 3)), h = Definition.Wide(draw.Quarters(30));
        Expect.Close(
            Definition.BradleyTerry(pairs, r, h)[1], Gradient(() => Definition.BradleyTerry(pairs, r, h)[0].Average(), r), Differences,
            "dr");
    }

    [TestCase(0)]
    [TestCase(12)]
    public void LogDetGradient_is_the_derivative_of_log_det_in_the_weights(int past)
    {
        const int responses = 9, d = 4, n = 15;
        const double ridge = 0.01;
        var draw = new Draw(3);
        Pair[] pairs = draw.Pairs(n, responses), pastPairs = draw.Pairs(past, responses);
        double[] phi = Definition.Wide(draw.Uniform(responses, d)), r = Definition.Wide(draw.Uniform(responses));
        double[] v = Definition.PairVariances(pairs, r),
            fixedPart = Definition.Information(pastPairs, phi, Definition.PairVariances(pastPairs, r), d);
        var w = Enumerable.Repeat(1.0, n).ToArray();
        double[] Information() => Definition.Information(pairs, phi, [.. v.Zip(w, (v, w) => v * w)], d);

        double[] z = Definition.Whiten(
            phi, new PrecisionMatrix(d, ridge, Information(), fixedPart).InverseCholesky.ToArray(), responses, d);
        Expect.Close(
            Definition.LogDetGradient(pairs, z, v, d),
            Gradient(() => new PrecisionMatrix(d, ridge, Information(), fixedPart).LogDeterminant, w), Differences, "g");
    }

    private static double[] Gradient(Func<double> f, double[] x)
    {
        const double h = 1e-5;
        var gradient = new double[x.Length];
        for (int j = 0; j < x.Length; j++)
        {
            double at = x[j];
            x[j] = at + h;
            double above = f();
            x[j] = at - h;
            double below = f();
            x[j] = at;
            gradient[j] = (above - below) / (2 * h);
        }

        return gradient;
    }
}
