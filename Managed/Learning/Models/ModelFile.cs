using System.Globalization;
using System.Text.Json;
using FisherKernels.Kernels;
using FisherKernels.Learning.Files;

namespace FisherKernels.Learning.Models;

/// <summary>A reward model as a safetensors file.</summary>
/// <remarks>
/// <code>
/// hidden.0.weight  [H,D]    hidden.0.bias  [H]    hidden.1.weight …    head.weight  [1,d]
/// metadata: activation              gelu | relu
///           dropout                 share left out while training; absent without
///           standardisation.mean    JSON list of D numbers, with standardisation.scale; absent without standardisation
/// </code>
/// Numbers are float32 and come back bit for bit. A file from elsewhere with these names loads as well: without metadata it
/// has no standardisation, and the activation is the caller's to say.
/// </remarks>
public static class ModelFile
{
    private const string ActivationKey = "activation", MeanKey = "standardisation.mean", ScaleKey = "standardisation.scale", DropoutKey = "dropout";

    /// <summary>Writes the model; whatever was there stays until the new file is whole.</summary>
    public static void Save(string path, BradleyTerryMlp model)
    {
        ArgumentNullException.ThrowIfNull(model);
        var tensors = new List<(string Name, long[] Shape, float[] Numbers)>();
        MlpShape shape = model.Shape;
        for (int layer = 0; layer < shape.Hidden.Count; layer++)
        {
            tensors.Add(($"hidden.{layer}.weight", [shape.Hidden[layer], shape.InputsOf(layer)], model.Weight(layer).ToArray()));
            tensors.Add(($"hidden.{layer}.bias", [shape.Hidden[layer]], model.Bias(layer).ToArray()));
        }

        tensors.Add(("head.weight", [1, shape.FeatureWidth], model.Head.ToArray()));
        var metadata = new Dictionary<string, string>
        {
            [ActivationKey] = shape.Activation == Activation.Relu ? "relu" : "gelu",
        };
        if (model.Dropout > 0)
        {
            metadata[DropoutKey] = model.Dropout.ToString("R", CultureInfo.InvariantCulture);
        }

        if (model.Standardisation is { } standardisation)
        {
            metadata[MeanKey] = JsonSerializer.Serialize(standardisation.Mean);
            metadata[ScaleKey] = JsonSerializer.Serialize(standardisation.Scale);
        }

        SafetensorsFile.Write(path, tensors, metadata);
    }

    /// <summary>Reads a model.</summary>
    /// <param name="path">A safetensors file.</param>
    /// <param name="activation">For a file that does not say its own; where it does, the two must agree. Null takes the file's, or gelu.</param>
    /// <exception cref="InputException">Names, shapes or metadata are not those of a reward model, or a number is not finite.</exception>
    public static BradleyTerryMlp Load(string path, Activation? activation = null)
    {
        SafetensorsFile file = SafetensorsFile.Read(path);
        int layers = 0;
        while (file.Names.Contains($"hidden.{layers}.weight"))
        {
            layers++;
        }

        if (layers == 0)
        {
            throw new InputException($"{path} has no tensor hidden.0.weight; expected a reward model with hidden.N.weight, hidden.N.bias and head.weight.");
        }

        string[] expected = [.. Enumerable.Range(0, layers).SelectMany(layer => new[] { $"hidden.{layer}.weight", $"hidden.{layer}.bias" }), "head.weight"];
        foreach (string name in file.Names.Except(expected))
        {
            throw new InputException($"{path} has a tensor {name} that a reward model with {layers} hidden layers does not have.");
        }

        int inputs = Width(path, file, "hidden.0.weight", 1);
        int[] hidden = [.. Enumerable.Range(0, layers).Select(layer => Width(path, file, $"hidden.{layer}.weight", 0))];
        var shape = new MlpShape(inputs, hidden, ActivationOf(path, file, activation));
        var parameters = new float[shape.Length];
        for (int layer = 0; layer <= layers; layer++)
        {
            string name = layer < layers ? $"hidden.{layer}" : "head";
            Copy($"{name}.weight", [shape.Outputs(layer), shape.InputsOf(layer)], shape.WeightStart(layer));
            if (layer < layers)
            {
                Copy($"{name}.bias", [shape.Outputs(layer)], shape.BiasStart(layer));
            }
        }

        return new BradleyTerryMlp(shape, parameters, StandardisationOf(path, file, inputs)) { Dropout = DropoutOf(path, file) };

        void Copy(string name, long[] expectedShape, int start)
        {
            if (!file.Names.Contains(name))
            {
                throw new InputException($"{path} has no tensor {name}.");
            }

            if (!file.Shape(name).SequenceEqual(expectedShape))
            {
                throw new InputException(
                    $"{path}: {name} is {string.Join("×", file.Shape(name))}, expected {string.Join("×", expectedShape)}.");
            }

            float[] numbers = file.Singles(name);
            int broken = Array.FindIndex(numbers, number => !float.IsFinite(number));
            if (broken >= 0)
            {
                throw new InputException($"{path}: {name} has {numbers[broken].ToString(CultureInfo.InvariantCulture)} at {broken}; parameters must be finite.");
            }

            numbers.CopyTo(parameters, start);
        }
    }

    private static int Width(string path, SafetensorsFile file, string name, int axis)
    {
        IReadOnlyList<long> shape = file.Shape(name);
        return shape.Count == 2 && shape[axis] is > 0 and <= int.MaxValue
            ? (int)shape[axis]
            : throw new InputException($"{path}: {name} is {string.Join("×", shape)}, expected outputs × inputs.");
    }

    private static Activation ActivationOf(string path, SafetensorsFile file, Activation? asked)
    {
        if (!file.Metadata.TryGetValue(ActivationKey, out string? text))
        {
            return asked ?? Activation.Gelu;
        }

        Activation found = text switch
        {
            "gelu" => Activation.Gelu,
            "relu" => Activation.Relu,
            _ => throw new InputException($"{path} says activation '{text}'; there are gelu and relu."),
        };
        return asked is null || asked == found
            ? found
            : throw new InputException($"{path} was made with activation {text}; the command asks for another. Leave it out to take the file's.");
    }

    private static double DropoutOf(string path, SafetensorsFile file) => !file.Metadata.TryGetValue(DropoutKey, out string? text)
        ? 0
        : double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double dropout) && dropout is >= 0 and < 1
            ? dropout
            : throw new InputException($"{path} says dropout '{text}'; expected a number in [0, 1).");

    private static Standardisation? StandardisationOf(string path, SafetensorsFile file, int inputs)
    {
        if (!file.Metadata.TryGetValue(MeanKey, out string? mean) | !file.Metadata.TryGetValue(ScaleKey, out string? scale))
        {
            return mean is null && scale is null
                ? null
                : throw new InputException($"{path} has only one of {MeanKey} and {ScaleKey}; both or neither are expected.");
        }

        try
        {
            float[]? means = JsonSerializer.Deserialize<float[]>(mean!), scales = JsonSerializer.Deserialize<float[]>(scale!);
            return means?.Length == inputs && scales?.Length == inputs
                ? new Standardisation(means, scales)
                : throw new InputException($"{path}: {MeanKey} and {ScaleKey} must have {inputs} numbers, one for each input.");
        }
        catch (Exception exception) when (exception is JsonException or ArgumentException)
        {
            throw new InputException($"{path}: {MeanKey} and {ScaleKey} must be JSON lists of finite numbers: {exception.Message}", exception);
        }
    }
}
