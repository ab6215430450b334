using FisherKernels.Gpu.Device;
using FisherKernels.Kernels;
using ILGPU;
using ILGPU.Runtime;
using ILGPU.Runtime.Cuda;

namespace FisherKernels.Gpu;

// Dense layers: products in float32.
internal sealed partial class GpuBackend
{
    // From here on a product is longer than its launch.
    private const long TensorWork = 1 << 22;

    private readonly Scratch<Quad> _parts;

    /// <summary>Whether large products are computed on tensor cores; set where the device has them, and by the test that compares
    /// both ways.</summary>
    internal bool UsesTensorCores { get; set; }

    private bool HasTensorCores => _accelerator is CudaAccelerator cuda && cuda.Architecture >= CudaArchitecture.SM_80;

    private Action<KernelConfig, ArrayView<float>, ArrayView<float>, ArrayView<float>, ArrayView<float>, ArrayView<float>, ArrayView<Quad>,
        LinearShape> Layer => field ??=
        _accelerator.LoadStreamKernel<ArrayView<float>, ArrayView<float>, ArrayView<float>, ArrayView<float>, ArrayView<float>,
            ArrayView<Quad>, LinearShape>(
            LinearKernel.Run);

    private Action<KernelConfig, ArrayView<float>, ArrayView<float>, ArrayView<float>, ArrayView<float>, ArrayView<float>, ArrayView<Quad>,
        LinearShape> TensorLayer => field ??=
        _accelerator.LoadStreamKernel<ArrayView<float>, ArrayView<float>, ArrayView<float>, ArrayView<float>, ArrayView<float>,
            ArrayView<Quad>, LinearShape>(
            LinearTensorKernel.Run);

    private Action<KernelConfig, ArrayView<Quad>, ArrayView<float>, ArrayView<float>, ArrayView<float>, LinearShape> LayerSum => field ??=
        _accelerator.LoadStreamKernel<ArrayView<Quad>, ArrayView<float>, ArrayView<float>, ArrayView<float>, LinearShape>(
            LinearSumKernel.Run);

    private Action<KernelConfig, ArrayView<float>, ArrayView<float>, ArrayView<float>, ArrayView<Quad>, LinearShape> InputGradient =>
        field ??=
        _accelerator.LoadStreamKernel<ArrayView<float>, ArrayView<float>, ArrayView<float>, ArrayView<Quad>, LinearShape>(
            LinearInputGradientKernel.Run);

    private Action<KernelConfig, ArrayView<float>, ArrayView<float>, ArrayView<Quad>, LinearShape> WeightGradient => field ??=
        _accelerator.LoadStreamKernel<ArrayView<float>, ArrayView<float>, ArrayView<Quad>, LinearShape>(
            LinearWeightGradientKernel.Run);

    private Action<KernelConfig, ArrayView<float>, ArrayView<float>, ArrayView<Quad>, LinearShape> TensorWeightGradient => field ??=
        _accelerator.LoadStreamKernel<ArrayView<float>, ArrayView<float>, ArrayView<Quad>, LinearShape>(
            LinearWeightGradientTensorKernel.Run);

    private Action<KernelConfig, ArrayView<Quad>, ArrayView<float>, ArrayView<float>, LinearShape> WeightGradientSum => field ??=
        _accelerator.LoadStreamKernel<ArrayView<Quad>, ArrayView<float>, ArrayView<float>, LinearShape>(
            LinearWeightGradientSumKernel.Run);

    protected override void LinearCore(
        DeviceArray<float> x_nI, DeviceArray<float> theta_OI, DeviceArray<float>? bias_O, DeviceArray<float> y_nO) =>
        Forward(x_nI, theta_OI, bias_O, y_nO, null, default);

    protected override void LinearActivateCore(
        Activation activation,
        DeviceArray<float> x_nI,
        DeviceArray<float> theta_OI,
        DeviceArray<float>? bias_O,
        DeviceArray<float>? y_nO,
        DeviceArray<float> a_nO) => Forward(x_nI, theta_OI, bias_O, y_nO, a_nO, activation);

    protected override void LinearBackwardCore(
        DeviceArray<float> x_nI,
        DeviceArray<float> theta_OI,
        DeviceArray<float> dy_nO,
        DeviceArray<float>? dx_nI,
        DeviceArray<float> dtheta_OI,
        DeviceArray<float>? dbias_O)
    {
        Bind();
        int rows = x_nI.Rows, inputs = x_nI.Columns, outputs = theta_OI.Rows;
        if (dx_nI is { Length: > 0 })
        {
            LinearShape shape = Shape(dy_nO, theta_OI, dx_nI, rows, inputs, outputs);
            shape.Keeps = 1;
            ArrayView<Quad> parts = Parts(shape);
            ArrayView<float> dx = Of(dx_nI);
            InputGradient(Blocks(shape), Of(dy_nO), Of(theta_OI), dx, parts, shape);
            if (shape.Slices > 1)
            {
                LayerSum(Sums(shape), parts, dx, dx, dx, shape);
            }
        }

        if (inputs > 0 || dbias_O is not null)
        {
            LinearShape shape = Shape(dy_nO, x_nI, dtheta_OI, outputs, inputs, rows);
            shape.HasBias = dbias_O is null ? 0 : 1;
            ArrayView<Quad> parts = Parts(shape, always: true);
            (OnTensorCores(shape) ? TensorWeightGradient : WeightGradient)(Blocks(shape), Of(dy_nO), Of(x_nI), parts, shape);
            WeightGradientSum(Sums(shape, shape.HasBias), parts, Of(dtheta_OI), Of(dbias_O ?? dtheta_OI), shape);
        }
    }

    private void Forward(
        DeviceArray<float> x_nI, DeviceArray<float> theta_OI, DeviceArray<float>? bias_O, DeviceArray<float>? y_nO,
        DeviceArray<float>? a_nO,
        Activation activation)
    {
        Bind();
        DeviceArray<float> result = (y_nO ?? a_nO)!;
        LinearShape shape = Shape(x_nI, theta_OI, result, result.Rows, result.Columns, x_nI.Columns);
        shape.WideY = IsWide(result) * IsWide(a_nO ?? result);
        shape.HasBias = bias_O is null ? 0 : 1;
        shape.Keeps = y_nO is null ? 0 : 1;
        shape.Activates = a_nO is null ? 0 : 1;
        shape.Activation = activation;
        ArrayView<Quad> parts = Parts(shape);
        ArrayView<float> bias = Of(bias_O ?? theta_OI), y = Of(result), a = Of(a_nO ?? result);
        (OnTensorCores(shape) ? TensorLayer : Layer)(Blocks(shape), Of(x_nI), Of(theta_OI), bias, y, a, parts, shape);
        if (shape.Slices > 1)
        {
            LayerSum(Sums(shape), parts, bias, y, a, shape);
        }
    }

    private bool OnTensorCores(LinearShape shape) => UsesTensorCores && (long)shape.Rows * shape.Columns * shape.Terms >= TensorWork;

    private static LinearShape Shape(
        DeviceArray<float> a, DeviceArray<float> b, DeviceArray<float> result, int rows, int columns, int terms)
    {
        var shape = new LinearShape
        {
            Rows = rows,
            Columns = columns,
            Terms = terms,
            WideA = IsWide(a),
            WideB = IsWide(b),
            WideY = IsWide(result)
        };
        (shape.Slices, shape.Slice) = FloatProduct.Slice(terms, shape.Down * shape.Across);
        return shape;
    }

    private static int IsWide(DeviceArray<float> array) => ((GpuArray<float>)array).IsWide ? 1 : 0;

    private static KernelConfig Blocks(LinearShape shape) =>
        new(new Index3D(shape.Down, shape.Across, shape.Slices), new Index3D(FloatProduct.Threads, 1, 1));

    // Groups of 32 columns of a row, and of 32 numbers of the bias where its sums are cut into slices as well.
    private static KernelConfig Sums(LinearShape shape, int bias = 0) =>
        new(shape.Rows * shape.Pieces + bias * ((shape.Rows + SliceSum.Numbers - 1) / SliceSum.Numbers), FloatProduct.Threads);

    private ArrayView<Quad> Parts(LinearShape shape, bool always = false) => shape.Slices == 1 && !always
        ? _parts.Take(1)
        : _parts.Take(shape.Slices, checked(shape.Down * (shape.Across * FloatProduct.Quads + FloatProduct.Side / 4)));
}
