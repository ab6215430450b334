using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;

namespace FisherKernels.Cli.Terminal;

/// <summary>Options by what they take; whatever does not fit is refused with the option, what was given and what is expected.</summary>
internal static class Ask
{
    /// <summary>A whole number.</summary>
    public static Option<int> Whole(string name, string description, int usual) => new(name)
    {
        Description = description,
        DefaultValueFactory = _ => usual,
        CustomParser = given => int.TryParse(Word(given), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int value)
            ? value
            : Refuse<int>(given, $"a whole number of at most {int.MaxValue}"),
    };

    /// <summary>A number with a decimal point: 1,5 is no number, where the framework's own reading makes it 15.</summary>
    public static Option<double> Number(string name, string description, double usual) => new(name)
    {
        Description = description,
        DefaultValueFactory = _ => usual,
        CustomParser = given => double.TryParse(Word(given), NumberStyles.Float, CultureInfo.InvariantCulture, out double value)
            ? value
            : Refuse<double>(given, "a number such as 0.5 or 1e-6"),
    };

    /// <summary>One of a few words.</summary>
    public static Option<T> OneOf<T>(string name, string description, T usual, params (string Word, T Value)[] choices) => new(name)
    {
        Description = description,
        HelpName = string.Join('|', choices.Select(choice => choice.Word)),
        DefaultValueFactory = _ => usual,
        CustomParser = given => Array.FindIndex(choices, choice => string.Equals(choice.Word, Word(given), StringComparison.OrdinalIgnoreCase)) is var j and >= 0
            ? choices[j].Value
            : Refuse<T>(given, $"one of {string.Join(", ", choices.Select(choice => choice.Word))}"),
    };

    /// <summary>A file or folder that has to be named.</summary>
    public static Option<string> Path(string name, string description) => new PathOption(name) { Description = description, Required = true }!;

    /// <summary>A file or folder that may be named.</summary>
    public static Option<string?> OptionalPath(string name, string description) => new PathOption(name) { Description = description };

    /// <summary>Whether an option was written, and does not stand at what is usual.</summary>
    public static bool IsGiven(ParseResult parsed, Option option) => parsed.GetResult(option) is { Implicit: false };

    private static string Word(ArgumentResult given) => given.Tokens[0].Value;

    private static T Refuse<T>(ArgumentResult given, string expected)
    {
        given.AddError($"{(given.Parent as OptionResult)?.Option.Name} is '{Word(given)}'; expected {expected}.");
        return default!;
    }
}
