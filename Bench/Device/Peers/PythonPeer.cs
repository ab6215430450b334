using System.ComponentModel;
using System.Diagnostics;
using System.Text.Json;
using FisherKernels.Kernels;
using FisherKernels.Learning.Models;
using FisherKernels.Storage;

namespace FisherKernels.Bench.Peers;

/// <summary>A Python process that does the work with PyTorch or NumPy (Peers/Python/peers.py) and measures it itself.</summary>
internal sealed class PythonPeer : IPeer
{
    private static readonly string[] WithoutAutograd = ["features", "select-pairs", "end-pairs", "every", "batchbald", "coreset"];
    private static readonly string[] Everything = [.. WithoutAutograd, "select-responses", "end-responses", "paper", "step", "step-paper"];

    private readonly Process _python;
    private readonly string _folder;
    private readonly string[] _works;

    private PythonPeer(string name, Process python, string folder, string[] works, string version) =>
        (Name, _python, _folder, _works, Version) = (name, python, folder, works, version);

    public string Name { get; }

    public string Version { get; }

    public int? Process => _python.Id;

    /// <summary>PyTorch, on the CPU or on CUDA.</summary>
    /// <param name="data">What it works on.</param>
    /// <param name="kind">Where ours computes.</param>
    /// <param name="python">The program.</param>
    public static (IPeer? Peer, string Absent) PyTorch(PeerData data, BackendKind kind, string python = "python3") =>
        Start("PyTorch in Python", "torch", Everything, data, kind, python);

    /// <summary>NumPy, on the CPU.</summary>
    /// <inheritdoc cref="PyTorch"/>
    public static (IPeer? Peer, string Absent) NumPy(PeerData data, BackendKind kind, string python = "python3") =>
        Start("NumPy", "numpy", WithoutAutograd, data, kind, python);

    public bool Has(string work) => _works.Contains(work);

    public double Run(string work) => Asked(work).GetProperty("ms").GetDouble();

    public double[] Answer() => [.. Asked("answer").EnumerateArray().Select(number => number.GetDouble())];

    public void Dispose()
    {
        _python.StandardInput.Close();
        if (!_python.WaitForExit(5000))
        {
            _python.Kill();
            _python.WaitForExit();
        }

        _python.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private static (IPeer? Peer, string Absent) Start(
        string name, string library, string[] works, PeerData data, BackendKind kind, string program)
    {
        if (kind is not (BackendKind.Cpu or BackendKind.Cuda))
        {
            return (null, $"it has no {kind}");
        }

        string folder = Directory.CreateTempSubdirectory("fisher-peers-").FullName;
        Process? python = null;
        try
        {
            python = System.Diagnostics.Process.Start(new ProcessStartInfo(
                program, ["-B", Path.Combine(AppContext.BaseDirectory, "Peers", "Python", "peers.py"), folder, library,
                    kind == BackendKind.Cuda ? "cuda" : "cpu"])
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
            })!;
            // It says first whether the library is there, and reads the arrays once they are.
            JsonElement found = Line(python);
            if (!found.TryGetProperty("absent", out JsonElement why))
            {
                Save(data, folder);
                python.StandardInput.WriteLine("load");
                found = Line(python);
                return (new PythonPeer(name, python, folder, works, found.GetProperty("version").GetString()!), "");
            }

            Discard(python, folder);
            return (null, why.GetString()!);
        }
        catch (Win32Exception exception)
        {
            Discard(python, folder);
            return (null, $"{program} cannot be started ({exception.Message})");
        }
        catch
        {
            Discard(python, folder);
            throw;
        }
    }

    private static void Discard(Process? python, string folder)
    {
        if (python is not null)
        {
            // Closing its input ends it.
            python.StandardInput.Close();
            python.WaitForExit();
            python.Dispose();
        }

        Directory.Delete(folder, recursive: true);
    }

    private static void Save(PeerData data, string folder)
    {
        PeerSize s = data.Size;
        MlpShape shape = data.Model.Shape;
        float[] theta = [.. data.Model.Parameters];
        int layers = shape.Hidden.Count;
        Put<float>("embeddings", data.Embeddings, s.Responses, s.Dimension);
        Put<float>("features", data.Features, s.Responses, s.Width);
        Put<float>("rewards", data.Rewards, s.Responses);
        Put<float>("preferences", data.Preferences, s.Labelled);
        Put<float>("probabilities", [.. data.Probabilities.Select(p => (float)p)], s.Candidates, s.Draws);
        Put<long>("pairs", Numbers(data.Pairs), s.Candidates, 2);
        Put<long>("taught", Numbers(data.Taught), s.Labelled, 2);
        for (int layer = 0; layer <= layers; layer++)
        {
            (int outputs, int inputs) = (shape.Outputs(layer), shape.InputsOf(layer));
            Put<float>($"weight{layer}", theta.AsSpan(shape.WeightStart(layer), outputs * inputs), outputs, inputs);
            if (layer < layers)
            {
                Put<float>($"bias{layer}", theta.AsSpan(shape.BiasStart(layer), outputs), outputs);
            }
        }

        File.WriteAllText(Path.Combine(folder, "sizes.json"), JsonSerializer.Serialize(new { batch = s.Batch, small = s.Small, layers }));

        void Put<T>(string name, ReadOnlySpan<T> numbers, params ReadOnlySpan<long> axes)
            where T : unmanaged => Npy.Write(Path.Combine(folder, name + ".npy"), numbers, axes);

        static long[] Numbers(Pair[] pairs) => [.. pairs.SelectMany(pair => (long[])[pair.First, pair.Second])];
    }

    private JsonElement Asked(string what)
    {
        _python.StandardInput.WriteLine(what);
        return Line(_python);
    }

    private static JsonElement Line(Process python)
    {
        string? line = python.StandardOutput.ReadLine();
        if (line is null)
        {
            python.WaitForExit();
            throw new InvalidOperationException($"peers.py ended with exit code {python.ExitCode}; what it said is above.");
        }

        using var document = JsonDocument.Parse(line);
        return document.RootElement.Clone();
    }
}
