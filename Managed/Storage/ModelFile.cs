using System.Globalization;
using System.Text.Json;
using FisherKernels.Kernels;
using FisherKernels.Kernels.Numerics;
using FisherKernels.Learning;
using FisherKernels.Learning.Models;

namespace FisherKernels.Storage;

/// <summary>A reward model as a safetensors file.</summary>
/// <remarks>
/// <code>
/// hidden.0.weight  [H,D]    hidden.0.bias  [H]    hidden.1.weight …    head.weight  [1,d]
/// metadata: format                  fisher-reward-model
///           version                 2; files of version 1 have neither of the two, and hold float32 in their lists
///           activation              gelu | relu
///           dropout                 share left out while training; absent without
///           standardisation.mean    JSON list of D numbers, with standardisation.scale; absent without standardisation
/// </code>
/// Numbers are float32, those of the lists float64, and come back bit for bit. A file from elsewhere loads as well
/// (<see cref="ModelTensors"/> says under which names): without metadata it has no standardisation, and the activation is
/// the caller's to say.
/// </remarks>
public static class ModelFile
{
    private const string ActivationKey = "activation", MeanKey = "standardisation.mean", ScaleKey = "standardisation.scale",
        DropoutKey = "dropout";
    private const string FormatKey = "format", Format = "fisher-reward-model", VersionKey = "version";
    private const int Version = 2;

    /// <summary>Writes the model; whatever was there stays until the new file is whole.</summary>
    public static void Save(string path, BradleyTerryMlp model)
    {
        ArgumentNullException.ThrowIfNull(model);
        var tensors = new List<(string Name, long[] Shape, float[] Numbers)>();
        MlpShape shape = model.Shape;
        for (int layer = 0; layer < shape.Hidden.Count; layer++)
        {
            int outputs = shape.Hidden[layer];
            tensors.Add(($"hidden.{layer}.weight", [outputs, model.Weight(layer).Length / outputs], model.Weight(layer).ToArray()));
            tensors.Add(($"hidden.{layer}.bias", [outputs], model.Bias(layer).ToArray()));
        }

        tensors.Add(("head.weight", [1, shape.FeatureWidth], model.Head.ToArray()));
        var metadata = new Dictionary<string, string>
        {
            [FormatKey] = Format,
            [VersionKey] = Version.ToString(CultureInfo.InvariantCulture),
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
    /// <param name="activation">For a file that does not say its own; where it does, the two must agree. Null takes the file's.</param>
    /// <param name="tell">Told what the file holds and the model does not need; or null.</param>
    /// <exception cref="UnknownActivationException">Neither the file nor <paramref name="activation"/> says what follows the
    /// layers.</exception>
    /// <exception cref="InputException">Names, shapes or metadata are not those of a reward model, the file is of a later version, or a
    /// number is not finite.</exception>
    public static BradleyTerryMlp Load(string path, Activation? activation = null, Action<string>? tell = null)
    {
        SafetensorsFile file = SafetensorsFile.Read(path);
        RequireKnownVersion(path, file);
        var tensors = ModelTensors.From(path, file);
        var shape = new MlpShape(tensors.Inputs, tensors.Hidden, ActivationOf(path, file, activation));
        var (weights, biases) = (new List<float[]>(), new List<float[]>());
        for (int layer = 0; layer <= shape.Hidden.Count; layer++)
        {
            weights.Add(Finite(tensors.Weight(layer)));
            if (layer < shape.Hidden.Count)
            {
                biases.Add(Finite(tensors.Bias(layer)));
            }
        }

        if (tensors.HeadBias is { } bias)
        {
            Finite(bias);
            tell?.Invoke($"{path}: {bias} is left out; it cancels in the difference of any two rewards.");
        }

        return BradleyTerryMlp.FromParameters(
            shape, weights, biases, StandardisationOf(path, file, shape.Inputs), DropoutOf(path, file));

        float[] Finite(string name)
        {
            float[] numbers = file.Singles(name);
            int broken = Vectors.IndexOfNonFinite<float>(numbers);
            return broken < 0
                ? numbers
                : throw new InputException(
                    FormattableString.Invariant($"{path}: {name} has {numbers[broken]} at {broken}; parameters must be finite."));
        }
    }

    private static void RequireKnownVersion(string path, SafetensorsFile file)
    {
        if (file.Metadata.GetValueOrDefault(FormatKey) == Format
            && file.Metadata.TryGetValue(VersionKey, out string? text)
            && !(int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int version) && version is >= 1 and <= Version))
        {
            throw new InputException(
                $"{path} is a reward model of version '{text}'; this program reads up to version {Version}. Take a newer program.");
        }
    }

    private static Activation ActivationOf(string path, SafetensorsFile file, Activation? asked)
    {
        if (!file.Metadata.TryGetValue(ActivationKey, out string? text))
        {
            return asked ?? throw new UnknownActivationException(
                $"{path} does not record the activation of its hidden layers; it has to be said with it: gelu or relu.");
        }

        Activation found = text.ToUpperInvariant() switch
        {
            "GELU" => Activation.Gelu,
            "RELU" => Activation.Relu,
            _ => throw new InputException($"{path} says activation '{text}'; there are gelu and relu."),
        };
        return asked is null || asked == found
            ? found
            : throw new InputException(
                $"{path} was made with activation {text}; the command asks for another. Leave it out to take the file's.");
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
            double[]? means = JsonSerializer.Deserialize<double[]>(mean!), scales = JsonSerializer.Deserialize<double[]>(scale!);
            return means?.Length == inputs && scales?.Length == inputs
                ? new Standardisation(means, scales)
                : throw new InputException($"{path}: {MeanKey} and {ScaleKey} must have {inputs} numbers, one for each input.");
        }
        catch (Exception exception) when (exception is JsonException or ArgumentException)
        {
            throw new InputException(
                $"{path}: {MeanKey} and {ScaleKey} must be JSON lists of finite numbers, the scales not negative.", exception);
        }
    }
}

/// <summary>A model's file does not record its activation, and nobody said it.</summary>
public sealed class UnknownActivationException(string message) : InputException(message);
