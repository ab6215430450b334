using FisherKernels.Bench.Cases;
using FisherKernels.Gpu;
using FisherKernels.Kernels;
using NUnit.Framework;

namespace FisherKernels.Tests;

/// <summary>Large products on tensor cores and without them, on the same device.</summary>
public sealed class TensorCores
{
    private readonly OpenDevices _devices = new();

    public static IEnumerable<OperationCase> Products => OperationCases.Small.Where(one =>
        one.Operation is nameof(Linear) or nameof(LinearActivate) or nameof(LinearBackward) && one.Work >= 4_200_000);

    [OneTimeTearDown]
    public void Close() => _devices.Dispose();

    [TestCaseSource(nameof(Products))]
    public void Agree_with_float32_on_Cuda(OperationCase one)
    {
        GpuBackend device = WithTensorCores();
        IReadOnlyList<double[]> tensor = one.Run(device), again = one.Run(device), plain = Plainly(device, () => one.Run(device));

        Expect.Close(one, tensor, plain);
        Expect.SameBits(again, tensor, $"{one} a second time");
        // The same bits everywhere would mean that both were computed in one way; of whole numbers they are the same.
        Assert.That(tensor.Zip(plain).Any(pair => !pair.First.SequenceEqual(pair.Second)), Is.EqualTo(one.Tolerance.Share > 0), $"{one}");
    }

    // Numbers of which an eleven-bit part is infinite or not a number.
    [TestCase(float.PositiveInfinity)]
    [TestCase(float.NegativeInfinity)]
    [TestCase(float.NaN)]
    [TestCase(float.MaxValue)]
    [TestCase(-float.MaxValue)]
    public void Say_of_what_is_not_finite_what_float32_says_on_Cuda(float number)
    {
        GpuBackend device = WithTensorCores();
        const int n = 130, inputs = 512, outputs = 66, row = 70;
        Matrix<float> x = new Draw(37).Uniform(n, inputs), theta = new Draw(38).Uniform(outputs, inputs), dy = new Draw(39)
            .Uniform(n, outputs);
        x.Numbers[row * inputs + 300] = number;
        theta.Numbers[300] = 0;
        var rounded = new Tolerance(1e-5, "float32 sums of 512 terms, about one in ten of them cancels") { OfEach = true, Floor = 1e-4 };
        var layer = new Linear(x, theta, null);
        var back = new LinearBackward(x, theta, dy, new(new float[outputs * inputs], outputs, inputs), null, WithDx: false);

        double[] tensor = Run(layer), plain = Plainly(device, () => Run(layer));
        double[] gradient = Run(back), plainGradient = Plainly(device, () => Run(back));

        Expect.Close(tensor, plain, rounded, "layer");
        Expect.Close(gradient, plainGradient, rounded, "gradient");
        // 0 · ∞ in the first output, and a large number in the others.
        Assert.That(double.IsFinite(plain[row * outputs]), Is.EqualTo(float.IsFinite(number)));
        Assert.That(plain[(row * outputs)..((row + 1) * outputs)].Skip(1).Any(y => !(Math.Abs(y) < 1e30)));
        Assert.That(plainGradient.Any(dtheta => !(Math.Abs(dtheta) < 1e30)));

        double[] Run(Operation operation)
        {
            using Trial trial = operation.Prepare(device);
            trial.Launch();
            return trial.Outputs()[0];
        }
    }

    private GpuBackend WithTensorCores()
    {
        var device = (GpuBackend)_devices.Get(BackendKind.Cuda);
        if (!device.UsesTensorCores)
        {
            Assert.Ignore($"{device.Device} has no tensor cores for tf32, or is not to use them.");
        }

        return device;
    }

    private static T Plainly<T>(GpuBackend device, Func<T> run)
    {
        device.UsesTensorCores = false;
        try
        {
            return run();
        }
        finally
        {
            device.UsesTensorCores = true;
        }
    }
}
