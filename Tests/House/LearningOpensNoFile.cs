using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using FisherKernels.Learning;
using NUnit.Framework;

namespace FisherKernels.Tests.House;

/// <summary>Learning has no files in it: formats, folders and journals are Storage's.</summary>
public class LearningOpensNoFile
{
    // What a stream or a file that somebody else handed over may throw is no opening of one.
    private static readonly string[] Allowed = ["IOException", "InvalidDataException", "EndOfStreamException"];

    [Test]
    public void No_type_of_System_IO_is_named_in_the_library()
    {
        using var image = new PEReader(File.OpenRead(typeof(InputException).Assembly.Location));
        MetadataReader metadata = image.GetMetadataReader();
        string[] named = [.. metadata.TypeReferences.Select(metadata.GetTypeReference)
            .Where(type => metadata.GetString(type.Namespace) is var space
                && (space == "System.IO" || space.StartsWith("System.IO.", StringComparison.Ordinal)))
            .Select(type => metadata.GetString(type.Name))];

        Assert.That(named.Except(Allowed), Is.Empty);
    }

    [Test]
    public void It_refers_to_kernels_and_to_no_other_project() => Assert.That(
        typeof(InputException).Assembly.GetReferencedAssemblies().Select(assembly => assembly.Name)
            .Where(name => name!.StartsWith("FisherKernels.", StringComparison.Ordinal)),
        Is.EqualTo(["FisherKernels.Kernels"]));
}
