using System.CommandLine;
using FisherKernels.Cli.Terminal;
using FisherKernels.Learning;
using FisherKernels.Storage;

namespace FisherKernels.Cli;

/// <summary>Where results may go; asked before anything is read or computed.</summary>
internal static class OutputFiles
{
    // Of what is small in any case: a table, a list of pairs, the header of a model.
    private const long DefaultBytes = 1 << 16;

    /// <summary>Refuses a result that could not be written, or that would take the place of a file that it is made from.</summary>
    /// <param name="path">Where the result goes.</param>
    /// <param name="parsed">What it is made from: whatever the command's other options name.</param>
    /// <param name="except">Options whose file it may replace.</param>
    /// <exception cref="InputException">It is one of them, in whatever spelling and through whatever links; or there is no such
    /// folder, or no file there.</exception>
    /// <exception cref="IOException">The folder may not be written, or the disk is full.</exception>
    public static void Require(string path, ParseResult parsed, params Option[] except)
    {
        foreach (PathOption option in parsed.CommandResult.Command.Options.Except(except).OfType<PathOption>())
        {
            if (parsed.GetValue(option) is { Length: > 0 } file && AtomicFile.IsSame(file, path))
            {
                throw new InputException($"{path} would be written over: it is what {option.Name} reads. Name another file with --out.");
            }
        }

        AtomicFile.RequireWritable(path, DefaultBytes);
    }
}
