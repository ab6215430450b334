using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using FisherKernels.Kernels;
using FisherKernels.Learning;

namespace FisherKernels.Cli.Terminal;

/// <summary>Options by what they take; whatever does not fit is refused with the option, what was given and what is expected.</summary>
public static class Ask
{
    /// <summary>An option that takes an integer.</summary>
    /// <param name="name">With its two dashes.</param>
    /// <param name="description">For the help.</param>
    /// <param name="defaultValue">Where it is left out.</param>
    public static Option<int> Integer(string name, string description, int defaultValue) => new(name)
    {
        Description = description,
        DefaultValueFactory = _ => defaultValue,
        CustomParser = given => int.TryParse(Word(given), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int value)
            ? value
            : Refuse<int>(given, $"a whole number of at most {int.MaxValue}"),
    };

    /// <summary>An option that takes a number with a decimal point: 1,5 is no number, where the framework's own reading makes it
    /// 15.</summary>
    /// <param name="name">With its two dashes.</param>
    /// <param name="description">For the help.</param>
    /// <param name="defaultValue">Where it is left out.</param>
    public static Option<double> Number(string name, string description, double defaultValue) => new(name)
    {
        Description = description,
        DefaultValueFactory = _ => defaultValue,
        CustomParser = given => double.TryParse(Word(given), NumberStyles.Float, CultureInfo.InvariantCulture, out double value)
            ? value
            : Refuse<double>(given, "a number such as 0.5 or 1e-6"),
    };

    /// <summary>An option that takes one of a few words, in any case of letters.</summary>
    /// <param name="name">With its two dashes.</param>
    /// <param name="description">For the help.</param>
    /// <param name="defaultValue">Where it is left out.</param>
    /// <param name="choices">The words, and what each stands for.</param>
    public static Option<T> OneOf<T>(string name, string description, T defaultValue, params (string Word, T Value)[] choices) => new(name)
    {
        Description = description,
        HelpName = string.Join('|', choices.Select(choice => choice.Word)),
        DefaultValueFactory = _ => defaultValue,
        CustomParser = given => Array.FindIndex(
            choices, choice => string.Equals(choice.Word, Word(given), StringComparison.OrdinalIgnoreCase)) is var j and >= 0
            ? choices[j].Value
            : Refuse<T>(given, $"one of {string.Join(", ", choices.Select(choice => choice.Word))}"),
    };

    /// <summary>An option for a file or folder that has to be named.</summary>
    /// <param name="name">With its two dashes.</param>
    /// <param name="description">For the help.</param>
    public static Option<string> Path(string name, string description) =>
        new PathOption(name) { Description = description, Required = true }!;

    /// <summary>An option for a file or folder that may be named.</summary>
    /// <param name="name">With its two dashes.</param>
    /// <param name="description">For the help.</param>
    public static Option<string?> OptionalPath(string name, string description) => new PathOption(name) { Description = description };

    /// <summary>A value of at least 1.</summary>
    /// <param name="name">Name of the option, for the message.</param>
    /// <param name="value">What was given.</param>
    /// <exception cref="InputException">It is less than 1.</exception>
    public static int Positive(string name, int value) =>
        value > 0 ? value : throw new InputException($"{name} is {value}; it must be at least 1.");

    /// <summary>λ as --ridge gave it, in [0, 1e100].</summary>
    /// <param name="value">What was given.</param>
    /// <exception cref="InputException">It is out of range.</exception>
    public static double Ridge(double value) => value is >= 0 and <= PrecisionMatrix.MostRidge
        ? value
        : throw new InputException(
            FormattableString.Invariant($"--ridge is {value}; λ must be finite and not negative, and at most 1e100."));

    /// <summary>Whether an option was written, and does not stand at its default.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="option">One of the command's.</param>
    public static bool IsGiven(ParseResult parsed, Option option)
    {
        ArgumentNullException.ThrowIfNull(parsed);
        return parsed.GetResult(option) is { Implicit: false };
    }

    private static string Word(ArgumentResult given) => given.Tokens[0].Value;

    private static T Refuse<T>(ArgumentResult given, string expected)
    {
        given.AddError($"{(given.Parent as OptionResult)?.Option.Name} is '{Word(given)}'; expected {expected}.");
        return default!;
    }
}
