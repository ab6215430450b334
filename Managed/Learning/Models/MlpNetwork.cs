using FisherKernels.Kernels;

namespace FisherKernels.Learning.Models;

/// <summary>The network on a backend: parameters, and the activations of up to a block of rows.</summary>
internal sealed class MlpNetwork : IDisposable
{
    private readonly Backend _backend;
    private readonly DeviceArray<float>[] _before;   // what goes into each activation
    private readonly DeviceArray<float>[] _after;    // what comes out of it
    private readonly DeviceArray<float>[] _slopes;   // gradient in either; only while training
    private readonly int _rows;

    /// <param name="backend">Where to compute.</param>
    /// <param name="model">Parameters to start from; they are copied.</param>
    /// <param name="rows">Most rows of one pass.</param>
    /// <param name="training">Whether gradients are wanted.</param>
    public MlpNetwork(Backend backend, BradleyTerryMlp model, int rows, bool training)
    {
        _backend = backend;
        _rows = rows;
        Shape = model.Shape;
        Theta = backend.Upload<float>(model.Parameters, Shape.Length);
        Gradient = backend.Allocate<float>(training ? Shape.Length : 0);
        _before = Layers(training ? rows : 0);
        _after = Layers(rows);
        _slopes = Layers(training ? rows : 0);
    }

    public MlpShape Shape { get; }

    /// <summary>[P], flat as <see cref="MlpShape"/> lays it out.</summary>
    public DeviceArray<float> Theta { get; }

    /// <summary>[P], of what <see cref="Backward"/> has been given since it was cleared.</summary>
    public DeviceArray<float> Gradient { get; }

    /// <summary>
    /// r, and where asked Φ, of n ≤ rows inputs. With gradients wanted, the activations are kept for <see cref="Backward"/>.
    /// </summary>
    public void Forward(DeviceArray<float> x_nD, DeviceArray<float>? phi_nd, DeviceArray<float> r_n) => Pass(x_nD, phi_nd, r_n, 0);

    /// <summary>
    /// r of the inputs of the last <see cref="Forward"/> (called without Φ), where only what follows the first hidden layer has changed.
    /// </summary>
    public void ForwardAgain(DeviceArray<float> r_n) => Pass(Of(_after, 0, r_n.Rows), null, r_n, 1);

    private void Pass(DeviceArray<float> input_nI, DeviceArray<float>? phi_nd, DeviceArray<float> r_n, int first)
    {
        int n = input_nI.Rows, layers = Shape.Hidden.Count;
        DeviceArray<float> input = input_nI;
        for (int layer = first; layer < layers; layer++)
        {
            DeviceArray<float> after = layer == layers - 1 && phi_nd is not null ? phi_nd : Of(_after, layer, n);
            DeviceArray<float>? before = _before[layer].Rows > 0 ? Of(_before, layer, n) : null;
            _backend.LinearActivate(Shape.Activation, input, Weight(Theta, layer), Bias(Theta, layer), before, after);
            input = after;
        }

        _backend.Linear(input, Weight(Theta, layers), null, r_n.View(0, n, 1));
    }

    /// <summary>Adds the gradient in the parameters, for the rows of the last <see cref="Forward"/> (called without Φ).</summary>
    public void Backward(DeviceArray<float> x_nD, DeviceArray<float> dr_n)
    {
        int n = x_nD.Rows, layers = Shape.Hidden.Count;
        DeviceArray<float> dy = dr_n;
        for (int layer = layers; layer >= 0; layer--)
        {
            DeviceArray<float> input = layer == 0 ? x_nD : Of(_after, layer - 1, n);
            DeviceArray<float>? dx = layer == 0 ? null : Of(_slopes, layer - 1, n);
            _backend.LinearBackward(
                input, Weight(Theta, layer), dy, dx, Weight(Gradient, layer), layer < layers ? Bias(Gradient, layer) : null);
            if (dx is not null)
            {
                _backend.ActivateBackward(Shape.Activation, Of(_before, layer - 1, n), dx, dx);
                dy = dx;
            }
        }
    }

    /// <summary>Leaves out what the mask says until <see cref="Unfold"/> is given what this returns.</summary>
    public float[][] Fold(DropoutMask mask)
    {
        var whole = new float[Shape.Hidden.Count][];
        for (int layer = 0; layer < whole.Length; layer++)
        {
            DeviceArray<float> weight = Weight(Theta, layer + 1);
            whole[layer] = weight.ToArray();
            weight.CopyFrom(mask.Scale(whole[layer], layer));
        }

        return whole;
    }

    /// <summary>Puts the whole weights back; with gradients wanted, makes those of the thinned network the gradients in them.</summary>
    public void Unfold(float[][] whole, DropoutMask mask)
    {
        for (int layer = 0; layer < whole.Length; layer++)
        {
            Weight(Theta, layer + 1).CopyFrom(whole[layer]);
            if (Gradient.Length > 0)
            {
                // θ' = θ diag m, so dθ = dθ' diag m.
                DeviceArray<float> gradient = Weight(Gradient, layer + 1);
                gradient.CopyFrom(mask.Scale(gradient.ToArray(), layer));
            }
        }
    }

    public void Dispose()
    {
        Theta.Dispose();
        Gradient.Dispose();
        foreach (DeviceArray<float> array in (DeviceArray<float>[])[.. _before, .. _after, .. _slopes])
        {
            array.Dispose();
        }
    }

    private DeviceArray<float> Weight(DeviceArray<float> flat_P, int layer) =>
        flat_P.View(Shape.WeightStart(layer), Shape.Outputs(layer), Shape.InputsOf(layer));

    private DeviceArray<float> Bias(DeviceArray<float> flat_P, int layer) =>
        flat_P.View(Shape.BiasStart(layer), Shape.Outputs(layer));

    private DeviceArray<float>[] Layers(int rows) => [.. Shape.Hidden.Select(width => _backend.Allocate<float>(rows, width))];

    private DeviceArray<float> Of(DeviceArray<float>[] layers, int layer, int n) =>
        n <= _rows ? layers[layer].View(0, n, Shape.Hidden[layer])
            : throw new ArgumentException($"{n} rows do not fit into a block of {_rows}.", nameof(n));
}
