using FisherKernels.Bench.Cases;
using FisherKernels.Kernels;
using FisherKernels.Tests.Reference;

namespace FisherKernels.Tests.Golden;

/// <summary>What a golden computation is made of: the definitions in double, or a backend.</summary>
internal interface IMachine
{
    double[] Linear(double[] x, double[] theta, double[]? bias, int n, int inputs, int outputs);

    (double[] Dx, double[] DTheta, double[] DBias) LinearBackward(double[] x, double[] theta, double[] dy, int n, int inputs, int outputs);

    double[] Activate(Activation activation, double[] x);

    double[] ActivateBackward(Activation activation, double[] x, double[] dy);

    IReadOnlyList<double[]> BradleyTerry(Pair[] pairs, double[] r, double[] h);

    IReadOnlyList<double[]> Adam(double[] theta, double[] dtheta, double[] m, double[] s, AdamStep step);

    double[] PairVariances(Pair[] pairs, double[] r);

    double[] Information(Pair[] pairs, double[] phi, double[] v, int d);

    double[] Whiten(double[] phi, double[] inverse, int rows, int d);

    double[] LogDetGradient(Pair[] pairs, double[] z, double[] v, int d);

    int[] Top(double[] score, int k);
}

/// <summary>The definitions: float64 from end to end.</summary>
internal sealed class DefinitionMachine : IMachine
{
    public double[] Linear(double[] x, double[] theta, double[]? bias, int n, int inputs, int outputs) =>
        Definition.Linear(x, theta, bias, n, inputs, outputs);

    public (double[] Dx, double[] DTheta, double[] DBias) LinearBackward(
        double[] x, double[] theta, double[] dy, int n, int inputs, int outputs) =>
        Definition.LinearBackward(x, theta, dy, n, inputs, outputs);

    public double[] Activate(Activation activation, double[] x) => [.. x.Select(x => Definition.Activate(activation, x))];

    public double[] ActivateBackward(Activation activation, double[] x, double[] dy) =>
        [.. x.Zip(dy, (x, dy) => dy * Definition.Slope(activation, x))];

    public IReadOnlyList<double[]> BradleyTerry(Pair[] pairs, double[] r, double[] h) => Definition.BradleyTerry(pairs, r, h);

    public IReadOnlyList<double[]> Adam(double[] theta, double[] dtheta, double[] m, double[] s, AdamStep step) => Definition.Adam(
        theta, dtheta, m, s, step.Step, new(
            AsWritten(step.LearningRate), AsWritten(step.WeightDecay), AsWritten(step.Beta1), AsWritten(step.Beta2),
            AsWritten(step.Epsilon)));

    public double[] PairVariances(Pair[] pairs, double[] r) => Definition.PairVariances(pairs, r);

    public double[] Information(Pair[] pairs, double[] phi, double[] v, int d) => Definition.Information(pairs, phi, v, d);

    public double[] Whiten(double[] phi, double[] inverse, int rows, int d) => Definition.Whiten(phi, inverse, rows, d);

    public double[] LogDetGradient(Pair[] pairs, double[] z, double[] v, int d) => Definition.LogDetGradient(pairs, z, v, d);

    public int[] Top(double[] score, int k) => Definition.Top(score, k);

    // 0.001 and not the float32 nearest to it, whose share of 5e-8 shows after three steps.
    private static double AsWritten(float constant) => (double)(decimal)constant;
}

/// <summary>A backend: whatever crosses the seam as float32 is rounded there.</summary>
internal sealed class BackendMachine(Backend on) : IMachine
{
    public double[] Linear(double[] x, double[] theta, double[]? bias, int n, int inputs, int outputs) =>
        Run(new Linear(Narrow(x, n, inputs), Narrow(theta, outputs, inputs), bias is null ? null : Narrow(bias)))[0];

    public (double[] Dx, double[] DTheta, double[] DBias) LinearBackward(
        double[] x, double[] theta, double[] dy, int n, int inputs, int outputs)
    {
        IReadOnlyList<double[]> sums = Run(new LinearBackward(
            Narrow(x, n, inputs), Narrow(theta, outputs, inputs), Narrow(dy, n, outputs), new(new float[theta.Length], outputs, inputs),
            new(new float[outputs], outputs), WithDx: true));
        return (sums[2], sums[0], sums[1]);
    }

    public double[] Activate(Activation activation, double[] x) => Run(new Activate(activation, Narrow(x)))[0];

    public double[] ActivateBackward(Activation activation, double[] x, double[] dy) =>
        Run(new ActivateBackward(activation, Narrow(x), Narrow(dy), InPlace: false))[0];

    public IReadOnlyList<double[]> BradleyTerry(Pair[] pairs, double[] r, double[] h) => Run(new BradleyTerry(pairs, Narrow(r), Narrow(h)));

    public IReadOnlyList<double[]> Adam(double[] theta, double[] dtheta, double[] m, double[] s, AdamStep step) =>
        Run(new Adam(Narrow(theta), Narrow(dtheta), Narrow(m), Narrow(s), step));

    public double[] PairVariances(Pair[] pairs, double[] r) => Run(new PairVariances(pairs, Narrow(r)))[0];

    public double[] Information(Pair[] pairs, double[] phi, double[] v, int d) =>
        Run(new Information(pairs, Narrow(phi, phi.Length / d, d), Narrow(v)))[0];

    public double[] Whiten(double[] phi, double[] inverse, int rows, int d) => Run(new Whiten(Narrow(phi, rows, d), new(inverse, d, d)))[0];

    public double[] LogDetGradient(Pair[] pairs, double[] z, double[] v, int d) =>
        Run(new LogDetGradient(pairs, new(z, z.Length / d, d), Narrow(v)))[0];

    public int[] Top(double[] score, int k) => [.. Run(new Top(Narrow(score), k))[0].Select(number => (int)number)];

    private IReadOnlyList<double[]> Run(Operation operation)
    {
        using Trial trial = operation.Prepare(on);
        trial.Launch();
        return trial.Outputs();
    }

    private static Matrix<float> Narrow(double[] numbers, int? rows = null, int columns = 1) =>
        new([.. numbers.Select(number => (float)number)], rows ?? numbers.Length, columns);
}
