using FisherKernels.Kernels;

namespace FisherKernels.Bench.Cases;

/// <summary>One operation with its arrays on one backend: launched as often as wanted, then read.</summary>
/// <remarks>What the operation overwrites holds NaN before, so that nothing can rely on zeros.</remarks>
public sealed class Trial(Backend on) : IDisposable
{
    private readonly List<IDisposable> _owned = [];
    private readonly List<Action> _uploads = [], _downloads = [];
    private readonly List<Func<double[]>> _outputs = [];
    private readonly List<(string Name, Func<bool> Unchanged)> _inputs = [];

    public Backend On => on;

    /// <summary>Starts the operation once.</summary>
    public Action Launch { get; set; } = () => { };

    public DeviceArray<T> Input<T>(Matrix<T> numbers, string name)
        where T : unmanaged
    {
        DeviceArray<T> array = Uploaded(numbers);
        _inputs.Add((name, () => Same(array.ToArray(), numbers.Numbers)));
        return array;
    }

    public PairGraph Graph(Pair[] pairs, int responses)
    {
        PairGraph graph = on.Graph(pairs, responses);
        _owned.Add(graph);
        int[] starts = graph.Starts.ToArray(), incident = graph.Incident.ToArray();
        _inputs.Add(("graph", () => Same(graph.Pairs.ToArray(), pairs)
            && Same(graph.Starts.ToArray(), starts) && Same(graph.Incident.ToArray(), incident)));
        _uploads.Add(() =>
        {
            graph.Pairs.CopyFrom(pairs);
            graph.Starts.CopyFrom(starts);
            graph.Incident.CopyFrom(incident);
        });
        return graph;
    }

    public DeviceArray<float> Output(int rows, int columns = 1) =>
        Read(Owned(on.Upload<float>(Enumerable.Repeat(float.NaN, rows * columns).ToArray(), rows, columns)), x => x);

    public DeviceArray<double> DoubleOutput(int rows, int columns) =>
        Read(Owned(on.Upload<double>(Enumerable.Repeat(double.NaN, rows * columns).ToArray(), rows, columns)), x => x);

    /// <summary>An array that the operation adds to or moves on from.</summary>
    public DeviceArray<float> Changed(Matrix<float> numbers) => Read(Uploaded(numbers), x => x);

    /// <summary>A result that the operation returns instead of writing it.</summary>
    public void Returned(Func<double[]> numbers) => _outputs.Add(numbers);

    /// <summary>Copies every input to where it is computed, starts the operation once and copies every output back; the host's
    /// arrays are kept.</summary>
    /// <remarks>Of a graph its three arrays are copied; sorting them is done before. A result that is returned is copied back by
    /// the operation itself.</remarks>
    public void LaunchWithCopies()
    {
        foreach (Action upload in _uploads)
        {
            upload();
        }

        Launch();
        Download();
    }

    /// <summary>The outputs, in the order in which they were made.</summary>
    public IReadOnlyList<double[]> Outputs()
    {
        Download();
        return [.. _outputs.Select(output => output())];
    }

    /// <summary>Names of inputs that no longer hold what was uploaded.</summary>
    public IReadOnlyList<string> Spoiled() => [.. _inputs.Where(input => !input.Unchanged()).Select(input => input.Name)];

    public void Dispose()
    {
        foreach (IDisposable owned in _owned)
        {
            owned.Dispose();
        }
    }

    private void Download()
    {
        foreach (Action download in _downloads)
        {
            download();
        }
    }

    private DeviceArray<T> Uploaded<T>(Matrix<T> numbers)
        where T : unmanaged
    {
        DeviceArray<T> array = Owned(on.Upload<T>(numbers.Numbers, numbers.Rows, numbers.Columns));
        _uploads.Add(() => array.CopyFrom(numbers.Numbers));
        return array;
    }

    private DeviceArray<T> Read<T>(DeviceArray<T> array, Func<T, double> widen)
        where T : unmanaged
    {
        var here = new T[array.Length];
        _downloads.Add(() => array.CopyTo(here));
        _outputs.Add(() => [.. here.Select(widen)]);
        return array;
    }

    private DeviceArray<T> Owned<T>(DeviceArray<T> array)
        where T : unmanaged
    {
        _owned.Add(array);
        return array;
    }

    // Bit by bit: NaN is equal to itself, and −0 is not 0.
    private static bool Same<T>(T[] a, T[] b)
        where T : unmanaged =>
        System.Runtime.InteropServices.MemoryMarshal.AsBytes<T>(a)
            .SequenceEqual(System.Runtime.InteropServices.MemoryMarshal.AsBytes<T>(b));
}
