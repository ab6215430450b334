using FisherKernels.Gpu.Device;
using FisherKernels.Kernels;
using ILGPU;
using ILGPU.Runtime;

namespace FisherKernels.Gpu;

internal sealed partial class GpuBackend
{
    private readonly Scratch<int> _gathered;
    private readonly Scratch<float> _slopes;

    private Action<Index1D, ArrayView<float>, ArrayView<int>, ArrayView<float>, int> GatherRows => field ??=
        _accelerator.LoadImplicitlyGroupedStreamKernel<Index1D, ArrayView<float>, ArrayView<int>, ArrayView<float>, int>(
            GatherKernel.Run, _group);

    private Action<Index1D, ArrayView<float>, ArrayView<float>, Activation> Activation => field ??=
        _accelerator.LoadImplicitlyGroupedStreamKernel<Index1D, ArrayView<float>, ArrayView<float>, Activation>(
            ActivateKernel.Run, _group);

    private Action<Index1D, ArrayView<float>, ArrayView<float>, ArrayView<float>, Activation> ActivationGradient => field ??=
        _accelerator.LoadImplicitlyGroupedStreamKernel<Index1D, ArrayView<float>, ArrayView<float>, ArrayView<float>, Activation>(
            ActivateBackwardKernel.Run, _group);

    private Action<Index1D, ArrayView<Pair>, ArrayView<float>, ArrayView<float>, ArrayView<float>, ArrayView<float>> Loss => field ??=
        _accelerator.LoadImplicitlyGroupedStreamKernel<Index1D, ArrayView<Pair>, ArrayView<float>, ArrayView<float>, ArrayView<float>,
            ArrayView<float>>(
            BradleyTerryLossKernel.Run, _group);

    private Action<Index1D, ArrayView<Pair>, ArrayView<int>, ArrayView<int>, ArrayView<float>, ArrayView<float>, int> LossGradient =>
        field ??=
        _accelerator.LoadImplicitlyGroupedStreamKernel<Index1D, ArrayView<Pair>, ArrayView<int>, ArrayView<int>, ArrayView<float>,
            ArrayView<float>, int>(
            BradleyTerryGradientKernel.Run, _group);

    private Action<Index1D, ArrayView<float>, ArrayView<float>, ArrayView<float>, ArrayView<float>, AdamStep, float, float> Step =>
        field ??=
        _accelerator.LoadImplicitlyGroupedStreamKernel<Index1D, ArrayView<float>, ArrayView<float>, ArrayView<float>, ArrayView<float>,
            AdamStep, float, float>(
            AdamKernel.Run, _group);

    protected override void GatherCore(DeviceArray<float> from_RD, ReadOnlySpan<int> rows_k, DeviceArray<float> to_kD)
    {
        ArrayView<int> rows = _gathered.Take(rows_k.Length);
        rows.CopyFromCPU(Stream, rows_k);
        GatherRows(to_kD.Length, Of(from_RD), rows, Of(to_kD), to_kD.Columns);
    }

    protected override void ActivateCore(Activation activation, DeviceArray<float> x_nH, DeviceArray<float> y_nH)
    {
        Bind();
        Activation(x_nH.Length, Of(x_nH), Of(y_nH), activation);
    }

    protected override void ActivateBackwardCore(
        Activation activation, DeviceArray<float> x_nH, DeviceArray<float> dy_nH, DeviceArray<float> dx_nH)
    {
        Bind();
        ActivationGradient(x_nH.Length, Of(x_nH), Of(dy_nH), Of(dx_nH), activation);
    }

    protected override void BradleyTerryCore(
        PairGraph graph, DeviceArray<float> r_R, DeviceArray<float> h_n, DeviceArray<float> loss_n, DeviceArray<float> dr_R)
    {
        Bind();
        ArrayView<float> slope = _slopes.Take(graph.Count);
        Loss(graph.Count, Of(graph.Pairs), Of(r_R), Of(h_n), Of(loss_n), slope);
        LossGradient(graph.Responses, Of(graph.Pairs), Of(graph.Starts), Of(graph.Incident), slope, Of(dr_R), graph.Count);
    }

    protected override void AdamCore(
        DeviceArray<float> theta_P, DeviceArray<float> dtheta_P, DeviceArray<float> m_P, DeviceArray<float> s_P, AdamStep step)
    {
        Bind();
        Step(theta_P.Length, Of(theta_P), Of(dtheta_P), Of(m_P), Of(s_P), step, step.Correction1, step.Correction2);
    }
}
