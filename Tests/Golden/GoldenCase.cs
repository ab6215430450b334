using System.Text.Json;
using FisherKernels.Learning.Files;

namespace FisherKernels.Tests.Golden;

/// <summary>One folder of golden vectors: case.json and the arrays that it lists.</summary>
public sealed class GoldenCase
{
    private readonly string _folder;
    private readonly JsonElement _case;

    public GoldenCase(string name)
    {
        _folder = Path.Combine(AppContext.BaseDirectory, "Golden", "Vectors", name);
        using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(_folder, "case.json")));
        _case = document.RootElement.Clone();
    }

    public JsonElement Parameters => _case.GetProperty("parameters");

    public bool Has(string array) => _case.GetProperty("arrays").TryGetProperty(array, out _);

    public double[] Array(string array)
    {
        using NpyFile file = NpyFile.Open(Path.Combine(_folder, array + ".npy"));
        var numbers = new double[file.Count];
        file.ReadDoubles(0, numbers);
        return numbers;
    }

    public int Axis(string array, int axis) => _case.GetProperty("arrays").GetProperty(array).GetProperty("shape")[axis].GetInt32();

    /// <summary>NaN where the vectors say null.</summary>
    public double Scalar(string name) =>
        _case.GetProperty("scalars").GetProperty(name) is { ValueKind: JsonValueKind.Number } number ? number.GetDouble() : double.NaN;

    /// <summary>Ten times what a plain float64 computation got wrong, and never less than 1e-12: the vectors' own rule.</summary>
    public double Allowed(string name) =>
        Math.Max(1e-12, _case.GetProperty("float64_error").TryGetProperty(name, out JsonElement error) ? 10 * error.GetDouble() : 0);
}
