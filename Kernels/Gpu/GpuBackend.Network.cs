using FisherKernels.Kernels.Device;
using ILGPU;
using ILGPU.Runtime;

namespace FisherKernels.Kernels.Gpu;

internal sealed partial class GpuBackend
{
    private readonly Scratch<int> _gathered;
    private readonly Scratch<float> _gradientParts;

    private Action<Index1D, ArrayView<float>, ArrayView<int>, ArrayView<float>, int> GatherRows => field ??=
        _accelerator.LoadImplicitlyGroupedStreamKernel<Index1D, ArrayView<float>, ArrayView<int>, ArrayView<float>, int>(
            GatherKernel.Run, _group);

    private Action<KernelConfig, ArrayView<float>, ArrayView<float>, ArrayView<float>, ArrayView<float>, int, int, int, int> Layer => field ??=
        _accelerator.LoadStreamKernel<ArrayView<float>, ArrayView<float>, ArrayView<float>, ArrayView<float>, int, int, int, int>(
            LinearKernel.Run);

    private Action<KernelConfig, ArrayView<float>, ArrayView<float>, ArrayView<float>, int, int, int> InputGradient => field ??=
        _accelerator.LoadStreamKernel<ArrayView<float>, ArrayView<float>, ArrayView<float>, int, int, int>(
            LinearInputGradientKernel.Run);

    private Action<KernelConfig, ArrayView<float>, ArrayView<float>, ArrayView<float>, int, int, int, int, int> WeightGradient => field ??=
        _accelerator.LoadStreamKernel<ArrayView<float>, ArrayView<float>, ArrayView<float>, int, int, int, int, int>(
            LinearWeightGradientKernel.Run);

    private Action<Index1D, ArrayView<float>, ArrayView<float>, ArrayView<float>, int, int, int, int> WeightGradientSum => field ??=
        _accelerator.LoadImplicitlyGroupedStreamKernel<Index1D, ArrayView<float>, ArrayView<float>, ArrayView<float>, int, int, int, int>(
            LinearWeightGradientSumKernel.Run, _group);

    private Action<Index1D, ArrayView<float>, ArrayView<float>, Activation> Activation => field ??=
        _accelerator.LoadImplicitlyGroupedStreamKernel<Index1D, ArrayView<float>, ArrayView<float>, Activation>(
            ActivateKernel.Run, _group);

    private Action<Index1D, ArrayView<float>, ArrayView<float>, ArrayView<float>, Activation> ActivationGradient => field ??=
        _accelerator.LoadImplicitlyGroupedStreamKernel<Index1D, ArrayView<float>, ArrayView<float>, ArrayView<float>, Activation>(
            ActivateBackwardKernel.Run, _group);

    private Action<Index1D, ArrayView<Pair>, ArrayView<float>, ArrayView<float>, ArrayView<float>> Loss => field ??=
        _accelerator.LoadImplicitlyGroupedStreamKernel<Index1D, ArrayView<Pair>, ArrayView<float>, ArrayView<float>, ArrayView<float>>(
            BradleyTerryLossKernel.Run, _group);

    private Action<Index1D, ArrayView<Pair>, ArrayView<int>, ArrayView<int>, ArrayView<float>, ArrayView<float>, ArrayView<float>, int> LossGradient => field ??=
        _accelerator.LoadImplicitlyGroupedStreamKernel<Index1D, ArrayView<Pair>, ArrayView<int>, ArrayView<int>, ArrayView<float>, ArrayView<float>, ArrayView<float>, int>(
            BradleyTerryGradientKernel.Run, _group);

    private Action<Index1D, ArrayView<float>, ArrayView<float>, ArrayView<float>, ArrayView<float>, AdamStep, float, float> Step => field ??=
        _accelerator.LoadImplicitlyGroupedStreamKernel<Index1D, ArrayView<float>, ArrayView<float>, ArrayView<float>, ArrayView<float>, AdamStep, float, float>(
            AdamKernel.Run, _group);

    private protected override void GatherCore(DeviceArray<float> from_RD, ReadOnlySpan<int> rows_k, DeviceArray<float> to_kD)
    {
        ArrayView<int> rows = _gathered.Take(rows_k.Length);
        rows.CopyFromCPU(Stream, rows_k);
        GatherRows(to_kD.Length, Of(from_RD), rows, Of(to_kD), to_kD.Columns);
    }

    private protected override void LinearCore(
        DeviceArray<float> x_nI, DeviceArray<float> theta_OI, DeviceArray<float>? bias_O, DeviceArray<float> y_nO)
    {
        Bind();
        Layer(
            Grid(Block.Count(y_nO.Rows), Block.Count(y_nO.Columns)), Of(x_nI), Of(theta_OI), Of(bias_O ?? theta_OI), Of(y_nO),
            y_nO.Rows, x_nI.Columns, y_nO.Columns, bias_O is null ? 0 : 1);
    }

    private protected override void LinearBackwardCore(
        DeviceArray<float> x_nI,
        DeviceArray<float> theta_OI,
        DeviceArray<float> dy_nO,
        DeviceArray<float>? dx_nI,
        DeviceArray<float> dtheta_OI,
        DeviceArray<float>? dbias_O)
    {
        Bind();
        int rows = x_nI.Rows, inputs = x_nI.Columns, outputs = theta_OI.Rows, width = inputs + (dbias_O is null ? 0 : 1);
        if (dx_nI is { Length: > 0 })
        {
            InputGradient(
                Grid(Block.Count(rows), Block.Count(inputs)), Of(dy_nO), Of(theta_OI), Of(dx_nI), rows, inputs, outputs);
        }

        if (width > 0)
        {
            (int across, int down) = (Block.Count(width), Block.Count(outputs));
            (int slices, int slice) = Slice(rows, across * down, outputs * width);
            ArrayView<float> parts = _gradientParts.Take(slices * outputs, width);
            WeightGradient(Grid(across, down, slices), Of(dy_nO), Of(x_nI), parts, rows, slice, inputs, width, outputs);
            WeightGradientSum(outputs * width, parts, Of(dtheta_OI), Of(dbias_O ?? dtheta_OI), slices, inputs, width, outputs);
        }
    }

    private protected override void ActivateCore(Activation activation, DeviceArray<float> x_nH, DeviceArray<float> y_nH)
    {
        Bind();
        Activation(x_nH.Length, Of(x_nH), Of(y_nH), activation);
    }

    private protected override void ActivateBackwardCore(
        Activation activation, DeviceArray<float> x_nH, DeviceArray<float> dy_nH, DeviceArray<float> dx_nH)
    {
        Bind();
        ActivationGradient(x_nH.Length, Of(x_nH), Of(dy_nH), Of(dx_nH), activation);
    }

    private protected override void BradleyTerryCore(
        PairGraph graph, DeviceArray<float> r_R, DeviceArray<float> h_n, DeviceArray<float> loss_n, DeviceArray<float> dr_R)
    {
        Bind();
        Loss(graph.Count, Of(graph.Pairs), Of(r_R), Of(h_n), Of(loss_n));
        LossGradient(
            graph.Responses, Of(graph.Pairs), Of(graph.Starts), Of(graph.Incident), Of(r_R), Of(h_n), Of(dr_R), graph.Count);
    }

    private protected override void AdamCore(
        DeviceArray<float> theta_P, DeviceArray<float> dtheta_P, DeviceArray<float> m_P, DeviceArray<float> s_P, AdamStep step)
    {
        Bind();
        Step(theta_P.Length, Of(theta_P), Of(dtheta_P), Of(m_P), Of(s_P), step, step.Correction1, step.Correction2);
    }
}
