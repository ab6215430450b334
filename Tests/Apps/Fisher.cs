using System.Text.Json;
using FisherKernels.Cli.Terminal;
using FisherKernels.Storage;
using FisherKernels.Tests.Golden;
using NUnit.Framework;

namespace FisherKernels.Tests.Apps;

/// <summary>What a command said and how it ended.</summary>
internal sealed record Said(int Code, string Out, string Error)
{
    public JsonElement Json
    {
        get
        {
            using JsonDocument document = JsonDocument.Parse(Out);
            return document.RootElement.Clone();
        }
    }
}

/// <summary>A folder of its own in which whole commands are run, and which is removed afterwards.</summary>
internal sealed class Fisher : IDisposable
{
    public Fisher()
    {
        Folder = Path.Combine(Path.GetTempPath(), $"fisher-{Guid.NewGuid():N}");
        Directory.CreateDirectory(Folder);
    }

    public string Folder { get; }

    public static string Golden(string name, string array) =>
        Path.Combine(GoldenCase.Vectors, name, $"{array}.npy");

    public string PathOf(string name) => Path.Combine(Folder, name);

    public static Said Run(params string[] arguments)
    {
        using StringWriter result = new(), error = new();
        int code = FisherKernels.Cli.CommandLine.RunAsync(arguments, new Output(result, error, IsTerminal: false)).GetAwaiter().GetResult();
        return new Said(code, result.ToString(), error.ToString());
    }

    /// <summary>Runs a command that has to succeed.</summary>
    public static Said Do(params string[] arguments)
    {
        Said said = Run(arguments);
        Assert.That(said.Code, Is.Zero, said.Error);
        return said;
    }

    public string Write<T>(string name, T[] numbers, params long[] shape)
        where T : unmanaged
    {
        Npy.Write<T>(PathOf(name), numbers, shape);
        return PathOf(name);
    }

    public static double[] Read(string path)
    {
        using NpyFile file = NpyFile.Open(path);
        var numbers = new double[file.Count];
        file.ReadDoubles(0, numbers);
        return numbers;
    }

    public static float[] Singles(string path) => [.. Read(path).Select(number => (float)number)];

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}
