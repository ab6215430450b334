using System.Globalization;
using FisherKernels.Learning;

namespace FisherKernels.Storage;

/// <summary>Which tensors of a file are the layers of a reward model, checked against one another before any number is taken.</summary>
/// <remarks>
/// <code>
/// hidden.0.weight, hidden.0.bias, hidden.1.weight, …, head.weight   our own names; 0, 2, 4 … or 0, 3, 6 … where activations are counted
/// 0.weight, 0.bias, 2.weight, …                                     torch.nn.Sequential of linear layers and activations; the last is
/// the head
/// </code>
/// A prefix that all of them have (model., module.) is not looked at. The head may have a bias, which cancels in every
/// comparison, and may be [1, d], [d] or [d, 1].
/// </remarks>
internal sealed class ModelTensors
{
    private const string First = "hidden.0.weight";

    private readonly string _path;
    private readonly SafetensorsFile _file;
    private readonly string[] _layers;   // names before .weight and .bias; the head is the last

    private ModelTensors(string path, SafetensorsFile file, string[] layers)
    {
        (_path, _file, _layers) = (path, file, layers);
        HeadBias = file.Names.Contains($"{layers[^1]}.bias") ? $"{layers[^1]}.bias" : null;
    }

    /// <summary>D.</summary>
    public int Inputs { get; private init; }

    /// <summary>Widths of the hidden layers.</summary>
    public int[] Hidden { get; private init; } = [];

    /// <summary>The tensor that is not needed, or null.</summary>
    public string? HeadBias { get; }

    /// <summary>Finds the layers and checks that each fits the one before it.</summary>
    /// <exception cref="InputException">Names or shapes are not those of a reward model.</exception>
    public static ModelTensors From(string path, SafetensorsFile file)
    {
        string[] layers = Layers(path, file);
        string[] expected = [.. layers.SelectMany(layer => new[] { $"{layer}.weight", $"{layer}.bias" })];
        foreach (string name in file.Names.Except(expected))
        {
            throw new InputException(
                $"{path} has a tensor {name} that a reward model with {layers.Length - 1} hidden layers does not have.");
        }

        foreach (string name in expected.SkipLast(1).Except(file.Names))
        {
            throw new InputException($"{path} has no tensor {name}.");
        }

        var found = new ModelTensors(path, file, layers);
        int inputs = found.Width(0, 1);
        int[] hidden = [.. Enumerable.Range(0, layers.Length - 1).Select(layer => found.Width(layer, 0))];
        for (int layer = 0; layer < hidden.Length; layer++)
        {
            found.Require($"{layers[layer]}.weight", hidden[layer], layer == 0 ? inputs : hidden[layer - 1]);
            found.Require($"{layers[layer]}.bias", hidden[layer]);
        }

        found.RequireHead(hidden[^1]);
        return new ModelTensors(path, file, layers) { Inputs = inputs, Hidden = hidden };
    }

    /// <summary>Name of a layer's weight; layer Hidden.Length is the head.</summary>
    public string Weight(int layer) => $"{_layers[layer]}.weight";

    /// <summary>Name of a hidden layer's bias.</summary>
    public string Bias(int layer) => $"{_layers[layer]}.bias";

    private static string[] Layers(string path, SafetensorsFile file)
    {
        string[] firsts = [.. file.Names.Where(name => name == First || name.EndsWith("." + First, StringComparison.Ordinal))];
        string prefix = firsts is [string first] ? first[..^First.Length] : Common(file.Names);
        if (file.Names.Any(name => !name.StartsWith(prefix, StringComparison.Ordinal)))
        {
            prefix = "";
        }

        string inner = firsts.Length == 1 ? $"{prefix}hidden." : prefix;
        int[] numbers = [.. file.Names
            .Where(name => name.StartsWith(inner, StringComparison.Ordinal) && name.EndsWith(".weight", StringComparison.Ordinal))
            .Select(name => name.Length > inner.Length + 7
                && int.TryParse(name.AsSpan(inner.Length..^7), NumberStyles.None, CultureInfo.InvariantCulture, out int number)
                    ? number : -1)
            .Where(number => number >= 0)
            .Order()];
        bool sequential = firsts.Length != 1;
        if (numbers.Length < (sequential ? 2 : 1) || (firsts.Length == 1 && prefix == "" && firsts[0] != First))
        {
            throw new InputException(
                $"{path} has no tensor {First}; expected a reward model with hidden.N.weight, hidden.N.bias and head.weight, or the "
                + "numbered layers of a torch.nn.Sequential.");
        }

        // Layers stand at one distance. Next to one another they would have no activation between them in a Sequential.
        int step = numbers.Length > 1 ? numbers[1] - numbers[0] : 1;
        for (int j = 1; j < numbers.Length; j++)
        {
            if (numbers[j] - numbers[j - 1] != step || (sequential && step < 2))
            {
                throw new InputException(
                    $"{path} has {inner}{numbers[j - 1]}.weight and then {inner}{numbers[j]}.weight; expected layers at one distance"
                    + $"{(sequential ? ", with an activation between any two" : "")}: {inner}0.weight, "
                    + $"{inner}{Math.Max(step, 2)}.weight and so on.");
            }
        }

        string[] layers = [.. numbers.Select(number => FormattableString.Invariant($"{inner}{number}"))];
        return sequential ? layers : [.. layers, $"{prefix}head"];
    }

    // Up to the last dot that all names share.
    private static string Common(IReadOnlyCollection<string> names)
    {
        if (names.Count == 0)
        {
            return "";
        }

        string shared = names.First();
        foreach (string name in names)
        {
            shared = shared[..shared.AsSpan().CommonPrefixLength(name)];
        }

        return shared[..(shared.LastIndexOf('.') + 1)];
    }

    private int Width(int layer, int axis)
    {
        string name = Weight(layer);
        IReadOnlyList<long> shape = _file.Shape(name);
        return shape is [> 0 and <= int.MaxValue, > 0 and <= int.MaxValue]
            ? (int)shape[axis]
            : throw new InputException($"{_path}: {name} is {string.Join("×", shape)}, expected outputs × inputs, both at least 1.");
    }

    private void Require(string name, params long[] expected)
    {
        if (!_file.Shape(name).SequenceEqual(expected))
        {
            throw new InputException($"{_path}: {name} is {string.Join("×", _file.Shape(name))}, expected {string.Join("×", expected)}.");
        }
    }

    private void RequireHead(int width)
    {
        string name = Weight(_layers.Length - 1);
        long[] shape = [.. _file.Shape(name)];
        if (!(shape.SequenceEqual([1, width]) || shape.SequenceEqual([width]) || shape.SequenceEqual([width, 1])))
        {
            throw new InputException(
                $"{_path}: {name} is {string.Join("×", shape)}, expected 1×{width}: one reward from the last hidden layer.");
        }

        if (HeadBias is { } bias && _file.Shape(bias) is not ([] or [1] or [1, 1]))
        {
            throw new InputException($"{_path}: {bias} is {string.Join("×", _file.Shape(bias))}, expected a single number.");
        }
    }
}
