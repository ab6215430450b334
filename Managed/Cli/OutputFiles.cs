using System.CommandLine;
using FisherKernels.Learning;

namespace FisherKernels.Cli;

/// <summary>Where results may go.</summary>
internal static class OutputFiles
{
    /// <summary>Refuses a result in the place of a file that it is made from.</summary>
    /// <param name="path">Where the result goes.</param>
    /// <param name="parsed">What it is made from: whatever the command's other options name.</param>
    /// <param name="except">Options whose file it may replace.</param>
    /// <exception cref="InputException">It is one of them.</exception>
    public static void RequireApart(string path, ParseResult parsed, params Option[] except)
    {
        string target = Real(path);
        foreach (Option<string> option in parsed.CommandResult.Command.Options.Except(except).OfType<Option<string>>())
        {
            if (parsed.GetValue(option) is { Length: > 0 } file && Real(file) == target)
            {
                throw new InputException($"{path} would be written over: it is what {option.Name} reads. Name another file with --out.");
            }
        }
    }

    private static string Real(string path)
    {
        var file = new FileInfo(Path.GetFullPath(path));
        return file.LinkTarget is null ? file.FullName : file.ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? file.FullName;
    }
}
