using NUnit.Framework;

namespace FisherKernels.Tests.House;

/// <summary>The source tree that the tests were built from.</summary>
internal static class Repository
{
    /// <summary>The folder of FisherKernels.sln; the test is skipped where there is none, as in a published bundle.</summary>
    public static string Root
    {
        get
        {
            for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            {
                if (File.Exists(Path.Combine(folder.FullName, "FisherKernels.sln")))
                {
                    return folder.FullName;
                }
            }

            Assert.Ignore($"No source tree above {AppContext.BaseDirectory}: this is a published bundle.");
            return "";
        }
    }

    /// <summary>Files below a room that are the project's own: not what a build left there. Paths relative to <see cref="Root"/>,
    /// with '/'.</summary>
    public static string[] Files(string room, string pattern)
    {
        string root = Root;
        return [.. Directory.EnumerateFiles(Path.Combine(root, room), pattern, SearchOption.AllDirectories)
            .Select(file => Path.GetRelativePath(root, file).Replace('\\', '/'))
            .Where(file => !file.Contains("/bin/", StringComparison.Ordinal) && !file.Contains("/obj/", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal)];
    }
}
