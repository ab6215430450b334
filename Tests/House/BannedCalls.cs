using NUnit.Framework;

namespace FisherKernels.Tests.House;

/// <summary>Functions of the framework that have a better one here.</summary>
public class BannedCalls
{
    // The framework's log(1 + x) is Log(x + 1) and loses an x below 1e-16: Logarithm.OnePlus keeps it.
    [Test]
    public void Nothing_calls([Values(".LogP1(")] string call) => Assert.That(
        from room in (string[])["Kernels", "Managed", "Bench"]
        from file in Repository.Files(room, "*.cs")
        where File.ReadAllText(Path.Combine(Repository.Root, file)).Contains(call, StringComparison.Ordinal)
        select file, Is.Empty);
}
