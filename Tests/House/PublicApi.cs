using System.Reflection;
using NUnit.Framework;

namespace FisherKernels.Tests.House;

/// <summary>The public surface of the libraries is an approved text, so that a change to it is seen in review.</summary>
public class PublicApi
{
    [Test]
    public void Is_as_approved([Values("Kernels", "Gpu", "Learning", "Storage", "Experiments")] string library)
    {
        string approved = Path.Combine(Repository.Root, "Tests", "House", $"PublicApi.{library}.approved.txt");
        string found = ApiText.Of(Assembly.Load("FisherKernels." + library));
        if (Environment.GetEnvironmentVariable("FISHER_APPROVE") == "1")
        {
            File.WriteAllText(approved, found);
        }

        string expected = File.Exists(approved) ? File.ReadAllText(approved).ReplaceLineEndings("\n") : "";
        string[] was = expected.Split('\n'), now = found.Split('\n');
        Assert.That(found, Is.EqualTo(expected), $"""
            The public surface of {library} changed.
            If that is meant, run the tests once with FISHER_APPROVE=1 and commit {Path.GetFileName(approved)}.
            gone: {string.Join("; ", was.Except(now).Select(line => line.Trim()))}
            new:  {string.Join("; ", now.Except(was).Select(line => line.Trim()))}
            """);
    }
}
