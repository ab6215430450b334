using Spectre.Console;
using Spectre.Console.Rendering;

namespace FisherKernels.Cli.Terminal;

/// <summary>Where a command writes: results to <see cref="Out"/>, everything a person reads while waiting to <see cref="Error"/>.</summary>
/// <param name="Out">Results.</param>
/// <param name="Error">Progress and errors.</param>
/// <param name="IsTerminal">Whether a person looks at a terminal, so that live display makes sense.</param>
public sealed record Output(TextWriter Out, TextWriter Error, bool IsTerminal)
{
    /// <summary>Writes a table or the like among the results; without colours where it is piped.</summary>
    /// <param name="renderable">What to write.</param>
    public void Write(IRenderable renderable) => Console().Write(renderable);

    /// <summary>Columns of characters that <see cref="Write"/> has.</summary>
    public int Width() => Console().Profile.Width;

    private IAnsiConsole Console()
    {
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new AnsiConsoleOutput(Out),
            Ansi = IsTerminal ? AnsiSupport.Detect : AnsiSupport.No,
            ColorSystem = IsTerminal ? ColorSystemSupport.Detect : ColorSystemSupport.NoColors,
        });
        if (!IsTerminal)
        {
            console.Profile.Width = 140;
        }

        return console;
    }
}
