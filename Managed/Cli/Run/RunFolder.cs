using System.Text;
using FisherKernels.Learning;
using FisherKernels.Learning.Files;

namespace FisherKernels.Cli.Run;

/// <summary>The folder of a run: plan.json, a folder for each cell, and the results drawn from them.</summary>
internal sealed class RunFolder
{
    private const string PlanName = "plan.json";

    private RunFolder(string path) => Path = path;

    /// <summary>As it was named.</summary>
    public string Path { get; }

    /// <summary>Its own name.</summary>
    public string Name => System.IO.Path.GetFileName(System.IO.Path.GetFullPath(Path));

    /// <summary>Whether a folder holds a run.</summary>
    public static bool IsRun(string folder) => File.Exists(System.IO.Path.Combine(folder, PlanName));

    /// <summary>Opens a folder for a plan.</summary>
    /// <param name="folder">Made where it is not there.</param>
    /// <param name="plan">What will be run.</param>
    /// <param name="resume">Whether rounds found in it go on.</param>
    /// <exception cref="InputException">There is a run already and it is not to go on, or it is of another plan.</exception>
    public static RunFolder Open(string folder, RunPlan plan, bool resume)
    {
        string planPath = System.IO.Path.Combine(folder, PlanName), fingerprint = plan.Fingerprint() + "\n";
        if (File.Exists(folder))
        {
            throw new InputException($"--out {folder} is a file; name a folder.");
        }

        if (File.Exists(planPath))
        {
            if (!resume)
            {
                throw new InputException($"{folder} holds a run already; go on with it by --resume, or name another folder with --out.");
            }

            if (File.ReadAllText(planPath) != fingerprint)
            {
                throw new InputException($"{folder} holds a run with other data or options (see {planPath}); give the same ones, or another --out.");
            }
        }
        else
        {
            if (Directory.Exists(folder) && Directory.EnumerateFileSystemEntries(folder).Any())
            {
                throw new InputException($"{folder} is not empty and holds no run; name another folder with --out.");
            }

            Directory.CreateDirectory(folder);
            AtomicFile.Write(planPath, stream => stream.Write(Encoding.UTF8.GetBytes(fingerprint)));
        }

        return new RunFolder(folder);
    }

    public string Of(Cell cell) => System.IO.Path.Combine(Path, "cells", cell.Name);

    public string PathOf(string name) => System.IO.Path.Combine(Path, name);
}
