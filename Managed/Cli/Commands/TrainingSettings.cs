using System.CommandLine;
using System.Globalization;
using FisherKernels.Cli.Terminal;
using FisherKernels.Kernels;
using FisherKernels.Learning;
using FisherKernels.Learning.Models;

namespace FisherKernels.Cli.Commands;

/// <summary>The options that say how a reward model is trained; one set for every command that trains.</summary>
internal sealed class TrainingSettings
{
    private static readonly TrainingOptions Default = new();

    private readonly Option<string?> _hidden =
        new("--hidden") { Description = "widths of the hidden layers [64,64,64]", HelpName = "64,64,64" };

    private readonly Option<Activation?> _activation = Ask.OneOf<Activation?>(
        "--activation", "after each hidden layer [gelu]", null, ("gelu", Activation.Gelu), ("relu", Activation.Relu));

    private readonly Option<int> _steps = Ask.Integer("--steps", "most steps of Adam", Default.Steps);

    private readonly Option<string> _batch =
        new("--batch") { Description = "comparisons in a step, or all", HelpName = "N|all", DefaultValueFactory = _ => "all" };

    private readonly Option<double> _rate = Ask.Number("--lr", "Adam's step size", Default.LearningRate);

    private readonly Option<double> _decay = Ask.Number("--weight-decay", "decoupled weight decay", Default.WeightDecay);

    private readonly Option<double> _dropout = Ask.Number(
        "--dropout", "chance of a hidden number to be left out of a step; above 0 for bald-dropout", Default.Dropout);

    private readonly Option<double> _validation = Ask.Number(
        "--validation", "share of the comparisons held out to stop early; 0 takes every step", Default.Validation);

    private readonly Option<ValidationGroup?> _validationBy = Ask.OneOf<ValidationGroup?>(
        "--validation-by",
        "what is held out as a whole [prompt where there are several, else linked responses, else pair; the first that leaves enough]",
        null,
        ("prompt", ValidationGroup.Prompt),
        ("response", ValidationGroup.Response),
        ("pair", ValidationGroup.Pair));

    private readonly Option<Switch?> _standardise = Ask.OneOf<Switch?>(
        "--standardise", "bring columns to mean 0 and deviation 1 first [on]", null, ("on", Switch.On), ("off", Switch.Off));

    /// <param name="command">Gets the options.</param>
    /// <param name="batchName">--batch where it means a training batch, another name where --batch is something else.</param>
    public TrainingSettings(Command command, string batchName = "--batch")
    {
        if (batchName != _batch.Name)
        {
            _batch = new Option<string>(
                batchName)
            { Description = _batch.Description, HelpName = _batch.HelpName, DefaultValueFactory = _ => "all" };
        }

        foreach (Option option in (Option[])[
            _hidden, _activation, _steps, _batch, _rate, _decay, _dropout, _validation, _validationBy, _standardise])
        {
            command.Options.Add(option);
        }
    }

    private enum Switch
    {
        On,
        Off,
    }

    /// <summary>The options as given; what was left out is as usual.</summary>
    public TrainingOptions Read(ParseResult parsed, int seed) =>
        parsed.GetValue(_validationBy) is not null && parsed.GetValue(_validation) == 0
        ? throw new InputException(
            $"{_validationBy.Name} says what is held out, and {_validation.Name} 0 holds nothing out; leave one of them out.")
        : new()
        {
            Hidden = Hidden(parsed) ?? Default.Hidden,
            Activation = parsed.GetValue(_activation) ?? Default.Activation,
            Standardise = parsed.GetValue(_standardise) is not Switch.Off,
            Steps = Checked(_steps.Name, parsed.GetValue(_steps), value => value >= 0, "0 or more"),
            BatchSize = BatchSize(parsed.GetRequiredValue(_batch)),
            LearningRate =
                Checked(_rate.Name, parsed.GetValue(_rate), value => double.IsFinite(value) && value >= 0, "finite and not negative"),
            WeightDecay =
                Checked(_decay.Name, parsed.GetValue(_decay), value => double.IsFinite(value) && value >= 0, "finite and not negative"),
            Dropout = Checked(_dropout.Name, parsed.GetValue(_dropout), value => value is >= 0 and < 1, "at least 0 and less than 1"),
            Validation = Checked(
                _validation.Name, parsed.GetValue(_validation), value => value is >= 0 and < 1, "at least 0 and less than 1"),
            ValidationBy = parsed.GetValue(_validationBy),
            Seed = seed,
        };

    /// <summary>A model to start from, whose widths, activation and standardisation hold; options that say otherwise are refused.</summary>
    public BradleyTerryMlp Load(ParseResult parsed, string path, Output output)
    {
        BradleyTerryMlp model = ModelOption.Load(path, parsed.GetValue(_activation), output);
        if (Hidden(parsed) is { } hidden && !hidden.SequenceEqual(model.Shape.Hidden))
        {
            throw new InputException(
                $"--hidden is {string.Join(',', hidden)}, the model in {path} has {string.Join(',', model.Shape.Hidden)}; leave "
                    + "--hidden out.");
        }

        bool has = model.Standardisation is not null;
        return parsed.GetValue(_standardise) is not { } asked || asked == (has ? Switch.On : Switch.Off)
            ? model
            : throw new InputException(
                $"--standardise {(has ? "off" : "on")} does not fit the model in {path}, which was trained {(has ? "with" : "without")} "
                    + "standardisation; leave it out to take the file's.");
    }

    private static T Checked<T>(string name, T value, Func<T, bool> holds, string expected) =>
        holds(value) ? value : throw new InputException(FormattableString.Invariant($"{name} is {value}; it must be {expected}."));

    private static int? BatchSize(string text) => text == "all"
        ? null
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int size) && size > 0
            ? size
            : throw new InputException($"The training batch is '{text}'; it must be a whole number of at least 1, or all.");

    private int[]? Hidden(ParseResult parsed)
    {
        if (parsed.GetValue(_hidden) is not { } text)
        {
            return null;
        }

        string[] parts = text.Split(',');
        int[] widths = [
            .. parts.Select(part => int.TryParse(part.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out int width) ? width : 0)];
        return widths.All(width => width is > 0 and <= 65536)
            ? widths
            : throw new InputException(
                $"--hidden is '{text}'; expected whole numbers from 1 to 65536 with commas between them, such as 64,64,64.");
    }
}
