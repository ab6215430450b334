using System.Buffers.Binary;
using FisherKernels.Kernels;
using FisherKernels.Learning.Models;
using FisherKernels.Storage;

namespace FisherKernels.Fuzz;

/// <summary>Files of tensors, byte for byte.</summary>
internal sealed class SafetensorsTarget(string path) : Target
{
    /// <inheritdoc/>
    public override IReadOnlyList<string> Words { get; } =
    [
        "\"dtype\":", "\"shape\":", "\"data_offsets\":", "\"__metadata__\":", "\"F32\"", "\"F16\"", "\"BF16\"", "\"F64\"", "\"I64\"",
        "\"I32\"", "\"BOOL\"", "[0,4]", "[2,2]", "[]", "-1", "1e400", "9223372036854775807", "null", "\\ud800",
    ];

    /// <inheritdoc/>
    public override IEnumerable<byte[]> Seeds()
    {
        yield return Composed(
            Bytes("""
                {"__metadata__":{"a":"b"},"w":{"dtype":"F32","shape":[2,2],"data_offsets":[0,16]},
                "n":{"dtype":"I64","shape":[1],"data_offsets":[16,24]}}
                """),
            new byte[24]);
        yield return Composed(
            Bytes("""{"a":{"dtype":"F16","shape":[],"data_offsets":[0,2]},"b":{"dtype":"BF16","shape":[0,3],"data_offsets":[2,2]}}"""),
            new byte[2]);
        yield return Composed(Bytes("{}   "), []);
    }

    /// <summary>A header and what follows it, with the right length before them.</summary>
    public static byte[] Composed(byte[] header, byte[] numbers)
    {
        var length = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(length, header.Length);
        return [.. length, .. header, .. numbers];
    }

    /// <inheritdoc/>
    protected override void Read(byte[] input)
    {
        File.WriteAllBytes(path, input);
        SafetensorsFile file = SafetensorsFile.Read(path);
        foreach (string name in file.Names)
        {
            long count = file.Shape(name).Aggregate(1L, (product, axis) => product * axis);
            Refusable(() => Require(file.Singles(name).Length == count, $"{name} has another number of numbers."));
            Refusable(() => Require(file.Integers(name).Length == count, $"{name} has another number of whole numbers."));
        }
    }
}

/// <summary>Reward models: a header and its numbers, put together with the right length.</summary>
internal sealed class ModelTarget(string path) : Target
{
    /// <inheritdoc/>
    public override IReadOnlyList<string> Words { get; } =
    [
        "\"dtype\":", "\"shape\":", "\"data_offsets\":", "\"__metadata__\":", "\"F32\"", "\"F16\"", "\"hidden.0.weight\":",
        "\"hidden.1.weight\":", "\"hidden.1.bias\":", "\"head.weight\":", "\"head.bias\":", "\"activation\":", "\"gelu\"", "\"relu\"",
        "\"dropout\":", "\"standardisation.mean\":", "\"standardisation.scale\":", "\"0.5\"", "\"[1,2]\"", "[500000000,0]",
        "[2147483647,2147483647]", "[1,2]",
    ];

    /// <inheritdoc/>
    public override IEnumerable<byte[]> Seeds()
    {
        foreach ((int[] hidden, Activation activation, Standardisation? standardisation) in ((int[], Activation, Standardisation?)[])
            [([3], Activation.Gelu, null), ([2, 1], Activation.Relu, new Standardisation([0.5f, 1], [1, 0]))])
        {
            ModelFile.Save(path, BradleyTerryMlp.Untrained(new MlpShape(2, hidden, activation), standardisation, seed: 1));
            byte[] bytes = File.ReadAllBytes(path);
            int header = 8 + (int)BinaryPrimitives.ReadInt64LittleEndian(bytes);
            yield return Joined(bytes[8..header], bytes[header..]);
        }
    }

    /// <inheritdoc/>
    protected override void Read(byte[] input)
    {
        byte[][] parts = Parted(input, 2);
        File.WriteAllBytes(path, SafetensorsTarget.Composed(parts[0], parts[1]));
        BradleyTerryMlp model = ModelFile.Load(path);
        byte[] once = Saved(model);
        Require(once.AsSpan().SequenceEqual(Saved(ModelFile.Load(path))), "A model that is saved, read and saved again is another one.");
    }

    private byte[] Saved(BradleyTerryMlp model)
    {
        ModelFile.Save(path, model);
        return File.ReadAllBytes(path);
    }
}
