using System.Globalization;
using System.IO.Enumeration;
using System.Text;
using System.Text.Json.Nodes;
using FisherKernels.Learning;
using FisherKernels.Storage;

namespace FisherKernels.Experiments.Runs;

/// <summary>The folder of a run: plan.json, a folder for each cell, and results. Nobody else runs it while it is open.</summary>
public sealed class RunFolder : IDisposable
{
    private const string FolderName = "folder";

    // Locked, and read only: a finished run may lie where nothing can be written.
    private readonly FileStream _plan;

    private RunFolder(string path)
    {
        Path = path;
        string plan = PathOf(PlanFile.Name);
        try
        {
            _plan = new FileStream(plan, FileMode.Open, FileAccess.Read, FileShare.None);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new IOException(
                $"{plan} could not be opened: {exception.Message} Where another process runs it, wait for its end, or name another folder.",
                exception);
        }
    }

    /// <summary>As it was named.</summary>
    public string Path { get; }

    /// <summary>Its own name.</summary>
    public string Name => System.IO.Path.GetFileName(System.IO.Path.TrimEndingDirectorySeparator(System.IO.Path.GetFullPath(Path)));

    /// <summary>Opens a folder for a plan.</summary>
    /// <param name="folder">Made where it is not there.</param>
    /// <param name="plan">What will be run, as <see cref="PlanFile"/> has it.</param>
    /// <param name="resume">Whether rounds found in it go on.</param>
    /// <exception cref="InputException">There is a run already and it is not to go on, or it is of another plan.</exception>
    /// <exception cref="IOException">Another process runs it.</exception>
    public static RunFolder Open(string folder, JsonObject plan, bool resume)
    {
        if (File.Exists(folder))
        {
            throw new InputException($"{folder} is a file; name a folder.") { About = [nameof(folder)] };
        }

        // Looked at twice: a run that begins there meanwhile is a run, and no other content.
        if (!IsRun(folder) && HasOtherContent(folder) && !IsRun(folder))
        {
            throw new InputException($"{folder} is not empty and holds no run; name another folder.") { About = [nameof(folder)] };
        }

        if (!IsRun(folder))
        {
            Directory.CreateDirectory(folder);
            if (TryClaim(folder, plan))
            {
                return new RunFolder(folder).WithoutRemains();
            }
        }

        if (!resume)
        {
            throw new InputException(
                $"{folder} holds a run already; resume it, or name another folder.")
            { About = [nameof(resume), nameof(folder)] };
        }

        var opened = new RunFolder(folder);
        try
        {
            opened.RequireSame(plan);
            return opened.WithoutRemains();
        }
        catch
        {
            opened.Dispose();
            throw;
        }
    }

    /// <summary>Opens a new folder, named after the time; with a number behind where that name is taken.</summary>
    /// <param name="parent">Where it is made.</param>
    /// <param name="plan">What will be run.</param>
    public static RunFolder Create(string parent, JsonObject plan)
    {
        string time = DateTime.Now.ToString("yyyyMMdd-HHmmss", CultureInfo.InvariantCulture);
        for (int number = 1; ; number++)
        {
            string folder = System.IO.Path.Combine(parent, number == 1 ? time : FormattableString.Invariant($"{time}-{number}"));
            if (!System.IO.Path.Exists(folder))
            {
                Directory.CreateDirectory(folder);
                if (TryClaim(folder, plan))
                {
                    return new RunFolder(folder).WithoutRemains();
                }
            }
        }
    }

    /// <summary>The run that was worked on last: the newest plan or journal, by the time of its last change; of several the last by
    /// name.</summary>
    /// <param name="parent">Where to look.</param>
    /// <returns>Null where there is no run.</returns>
    public static string? Newest(string parent) => !Directory.Exists(parent) ? null : Directory.GetDirectories(parent)
        .Where(IsRun)
        .OrderBy(folder => Journals(folder).Append(System.IO.Path.Combine(folder, PlanFile.Name)).Max(File.GetLastWriteTimeUtc))
        .ThenBy(folder => folder, StringComparer.Ordinal)
        .LastOrDefault();

    /// <summary>Where a cell's rounds are kept.</summary>
    public string CellPath(Cell cell) => System.IO.Path.Combine(Path, "cells", cell.Name);

    /// <summary>A file in it.</summary>
    public string PathOf(string name) => System.IO.Path.Combine(Path, name);

    /// <summary>Writes a result, unless it is there already, byte for byte.</summary>
    public void Save(string name, string text) => AtomicFile.WriteIfChanged(PathOf(name), Encoding.UTF8.GetBytes(text));

    /// <inheritdoc/>
    public void Dispose() => _plan.Dispose();

    private static bool IsRun(string folder) => File.Exists(System.IO.Path.Combine(folder, PlanFile.Name));

    // Read once: what begins or ends between two readings of a folder would be in one of them only.
    private static bool HasOtherContent(string folder) => Directory.Exists(folder)
        && Directory.EnumerateFileSystemEntries(folder).Any(entry => !IsPartOfPlan(System.IO.Path.GetFileName(entry)));

    private static bool IsPartOfPlan(string name) => FileSystemName.MatchesSimpleExpression($"{PlanFile.Name}.*.part", name);

    private static IEnumerable<string> Journals(string folder)
    {
        string cells = System.IO.Path.Combine(folder, "cells");
        return Directory.Exists(cells) ? Directory.EnumerateFiles(cells, "journal.jsonl", SearchOption.AllDirectories) : [];
    }

    // Of several that want the folder at once exactly one has it.
    private static bool TryClaim(string folder, JsonObject plan)
    {
        byte[] text = Encoding.UTF8.GetBytes(PlanFile.Text(plan));
        return AtomicFile.TryCreate(System.IO.Path.Combine(folder, PlanFile.Name), stream => stream.Write(text));
    }

    private void RequireSame(JsonObject asked)
    {
        string path = PathOf(PlanFile.Name);
        using var reader = new StreamReader(_plan, Encoding.UTF8, leaveOpen: true);
        JsonObject kept = PlanFile.Parse(path, reader.ReadToEnd());
        if (PlanFile.IsFirst(kept))
        {
            throw new InputException(
                $"{path} is of version 1, which does not keep the content of its data: nobody can tell whether they are still the same. "
                + "Name another folder, or go on with the release that made it.")
            {
                About = [FolderName],
            };
        }

        if (PlanFile.Differences(kept, asked) is { Count: > 0 } differences)
        {
            throw new InputException(
                $"{Path} holds a run with other data or options: {string.Join("; ", differences)}. "
                + "Give the same ones, or another folder.")
            {
                About = [FolderName],
            };
        }
    }

    // What processes that were killed left of plans and results; the folder is ours, and nobody writes them now.
    private RunFolder WithoutRemains()
    {
        foreach (string name in RunResults.Files.Prepend(PlanFile.Name))
        {
            foreach (string file in Directory.GetFiles(Path, $"{name}.*.part"))
            {
                File.Delete(file);
            }
        }

        return this;
    }
}
