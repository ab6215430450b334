using FisherKernels.Tests.Files;
using NUnit.Framework;

namespace FisherKernels.Tests.Apps;

/// <summary>Files that commands are given: looked at before any work, by what a path leads to and not by how it is spelled.</summary>
public class FilesGivenTests
{
    [Test]
    public void What_cannot_be_written_is_known_before_anything_is_read()
    {
        using var fisher = new Fisher();
        BadInputTests.Refused(Fisher.Run([.. BadInputTests.Train(fisher, output: "nowhere/m.safetensors")]), "there is no folder");
        Directory.CreateDirectory(fisher.PathOf("folder"));
        BadInputTests.Refused(Fisher.Run([.. BadInputTests.Train(fisher, output: "folder")]), "folder cannot be written: it is a folder");
    }

    [Test]
    public void A_name_that_begins_with_an_at_sign_is_a_name()
    {
        using var fisher = new Fisher();
        BadInputTests.Write(fisher);
        File.Move(fisher.PathOf("psi.npy"), fisher.PathOf("@psi.npy"));
        string here = Environment.CurrentDirectory;
        try
        {
            Environment.CurrentDirectory = fisher.Folder;
            Fisher.Do("select", "--embeddings", "@psi.npy", "--rule", "random", "--batch", "2", "--out", "next.npy");
            BadInputTests.Refused(
                Fisher.Run("select", "--embeddings", "@x.npy", "--rule", "random", "--batch", "2", "--out", "next.npy"),
                "@x.npy is not there");
        }
        finally
        {
            Environment.CurrentDirectory = here;
        }
    }

    [Test]
    public void A_file_that_is_read_is_not_written_over_through_any_link()
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Ignore("Links take a privilege on Windows.");
        }

        using var fisher = new Fisher();
        BadInputTests.Write(fisher);
        Directory.CreateSymbolicLink(fisher.PathOf("way"), fisher.Folder);
        File.CreateSymbolicLink(fisher.PathOf("other.npy"), fisher.PathOf("pairs.npy"));
        byte[] before = File.ReadAllBytes(fisher.PathOf("pairs.npy"));

        foreach (string spelling in (string[])["way/pairs.npy", "way/way/pairs.npy", "./way/../pairs.npy", "other.npy", "way/other.npy"])
        {
            BadInputTests.Refused(
                Fisher.Run([.. BadInputTests.Train(fisher, output: spelling)]), "would be written over: it is what --pairs reads");
            BadInputTests.Refused(
                Fisher.Run("select", "--embeddings", fisher.PathOf("psi.npy"), "--labelled", fisher.PathOf("pairs.npy"), "--rule", "random",
                    "--batch", "2", "--out", fisher.PathOf(spelling)),
                "would be written over: it is what --labelled reads");
        }

        Assert.That(File.ReadAllBytes(fisher.PathOf("pairs.npy")), Is.EqualTo(before));
    }

    [Test]
    public void A_pipe_is_neither_read_nor_written()
    {
        using var fisher = new Fisher();
        BadInputTests.Write(fisher);
        Pipes.Make(fisher.PathOf("pipe"));
        BadInputTests.Refused(
            Fisher.Run([.. BadInputTests.Train(fisher, output: "pipe")]), "pipe cannot be written: it is a pipe or a device");
        File.Delete(fisher.PathOf("pairs.npy"));
        Pipes.Make(fisher.PathOf("pairs.npy"));
        BadInputTests.Refused(Fisher.Run([.. BadInputTests.Train(fisher)]), "pairs.npy is no file but a pipe or a device");
        File.Delete(fisher.PathOf("psi.npy"));
        Pipes.Make(fisher.PathOf("psi.npy"));
        BadInputTests.Refused(Fisher.Run([.. BadInputTests.Train(fisher)]), "psi.npy is no file but a pipe or a device");
    }
}
