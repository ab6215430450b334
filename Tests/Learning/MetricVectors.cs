using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace FisherKernels.Tests.Learning;

/// <summary>One golden case of a metric: float64 arrays and scalars.</summary>
internal sealed class MetricVectors(string name)
{
    private readonly string _folder = Path.Combine(AppContext.BaseDirectory, "Golden", "Vectors", name);

    public double[] Array(string array)
    {
        byte[] file = File.ReadAllBytes(Path.Combine(_folder, array + ".npy"));
        return MemoryMarshal.Cast<byte, double>(file.AsSpan(10 + BinaryPrimitives.ReadUInt16LittleEndian(file.AsSpan(8)))).ToArray();
    }

    public double Scalar(string scalar)
    {
        JsonElement value = Case().GetProperty("scalars").GetProperty(scalar);
        return value.ValueKind == JsonValueKind.Null ? double.NaN : value.GetDouble();
    }

    public JsonElement Parameters => Case().GetProperty("parameters");

    private JsonElement Case()
    {
        using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(_folder, "case.json")));
        return document.RootElement.Clone();
    }
}
