using System.Text.Json;
using FisherKernels.Storage;

namespace FisherKernels.Tests.Golden;

/// <summary>One folder of golden vectors: case.json and the arrays that it lists.</summary>
public sealed class GoldenCase
{
    // Where they lie in the source tree, and where the environment says that they lie: they are not copied to where tests run.
    private const string Variable = "FISHER_GOLDEN_VECTORS", InTree = "Tests/Golden/Vectors";

    private readonly string _folder;
    private readonly JsonElement _case;

    public GoldenCase(string name)
    {
        _folder = Path.Combine(Vectors, name);
        using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(_folder, "case.json")));
        _case = document.RootElement.Clone();
    }

    /// <summary>The folder of all of them: the environment's, or the one of the source tree that the tests were built in.</summary>
    public static string Vectors
    {
        get
        {
            if (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } named)
            {
                return named;
            }

            for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            {
                if (Path.Combine(folder.FullName, InTree) is var found && Directory.Exists(found))
                {
                    return found;
                }
            }

            throw new DirectoryNotFoundException($"No {InTree} above {AppContext.BaseDirectory}; {Variable} may name it.");
        }
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
