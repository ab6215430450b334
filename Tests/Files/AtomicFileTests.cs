using FisherKernels.Learning;
using FisherKernels.Storage;
using NUnit.Framework;

namespace FisherKernels.Tests.Files;

/// <summary>A file is there whole or not at all.</summary>
public class AtomicFileTests : InFolder
{
    [Test]
    public void A_new_file_takes_the_old_one_s_place()
    {
        string path = Put("x", 1, 2, 3);
        AtomicFile.Write(path, stream => stream.Write([4, 5]));
        Assert.That(File.ReadAllBytes(path), Is.EqualTo(new byte[] { 4, 5 }));
        Assert.That(Directory.GetFiles(Folder), Is.EqualTo([path]));
    }

    [Test]
    public void The_old_file_is_whole_while_the_new_one_is_written()
    {
        string path = Put("x", 1, 2, 3);
        AtomicFile.Write(path, stream =>
        {
            stream.Write(new byte[1 << 20]);
            stream.Flush();
            Assert.That(File.ReadAllBytes(path), Is.EqualTo(new byte[] { 1, 2, 3 }));
        });
        Assert.That(new FileInfo(path).Length, Is.EqualTo(1 << 20));
    }

    [Test]
    public void A_failure_leaves_the_old_file_and_nothing_beside_it()
    {
        string path = Put("x", 1, 2, 3);
        Fails<IOException>(
            new IOException("No space left on device"),
            Throws.TypeOf<IOException>().With.Message.EqualTo($"{path} could not be written: No space left on device"));
        Fails<OperationCanceledException>(new OperationCanceledException(), Throws.InstanceOf<OperationCanceledException>());
        Fails<InvalidOperationException>(new InvalidOperationException(), Throws.InvalidOperationException);

        void Fails<T>(T failure, NUnit.Framework.Constraints.IResolveConstraint thrown)
            where T : Exception
        {
            Assert.That(
                () => AtomicFile.Write(path, stream =>
                {
                    stream.Write(new byte[100_000]);
                    throw failure;
                }),
                thrown);
            Assert.That(File.ReadAllBytes(path), Is.EqualTo(new byte[] { 1, 2, 3 }));
            Assert.That(Directory.GetFiles(Folder), Is.EqualTo([path]));
        }
    }

    [Test]
    public void A_link_is_followed()
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Ignore("Links take a privilege on Windows.");
        }

        string path = Put("x", 1);
        File.CreateSymbolicLink(PathOf("link"), path);
        AtomicFile.Write(PathOf("link"), stream => stream.WriteByte(2));
        Assert.That(File.ReadAllBytes(path), Is.EqualTo(new byte[] { 2 }));
        Assert.That(new FileInfo(PathOf("link")).LinkTarget, Is.EqualTo(path));
    }

    [Test]
    public void Looking_whether_it_can_be_written_changes_nothing()
    {
        string path = Put("x", 1, 2, 3);
        AtomicFile.RequireWritable(path);
        AtomicFile.RequireWritable(PathOf("new"), 1000);
        Assert.That(Directory.GetFiles(Folder), Is.EqualTo([path]));
        Assert.That(File.ReadAllBytes(path), Is.EqualTo(new byte[] { 1, 2, 3 }));
        Assert.That(() =>
            AtomicFile.RequireWritable(PathOf("no/x")), Throws.TypeOf<InputException>().With.Message.Contains("there is no folder"));
        Assert.That(
            () => AtomicFile.RequireWritable(path, long.MaxValue),
            Throws.TypeOf<IOException>().With.Message.StartsWith($"{path} could not be written: it takes about {long.MaxValue} bytes"));
    }

    [Test]
    public void A_folder_is_made_and_looked_at()
    {
        AtomicFile.MakeFolder(PathOf("a/b"));
        AtomicFile.MakeFolder(PathOf("a/b"));
        Assert.That(Directory.GetFileSystemEntries(PathOf("a/b")), Is.Empty);
        Assert.That(() =>
            AtomicFile.MakeFolder(Put("x", 1)), Throws.TypeOf<InputException>().With.Message.EndsWith("x is a file; name a folder."));
        Assert.That(() => AtomicFile.MakeFolder(PathOf("x/b")),
            Throws.TypeOf<IOException>().With.Message.StartsWith($"The folder {PathOf("x/b")} could not be made"));
    }

    [Test]
    public void The_longest_name_there_is_can_be_written()
    {
        foreach (string name in (string[])[new string('x', 255), new string('é', 127), string.Concat(Enumerable.Repeat("𝔽", 63))])
        {
            AtomicFile.Write(PathOf(name), stream => stream.WriteByte(1));
            Assert.That(File.ReadAllBytes(PathOf(name)), Is.EqualTo(new byte[] { 1 }));
        }
    }

    [Test]
    public void Of_several_who_make_a_new_file_one_does()
    {
        int winners = 0;
        Parallel.For(0, 16, writer =>
        {
            if (AtomicFile.TryCreate(PathOf("x"), stream => stream.WriteByte((byte)writer)))
            {
                Interlocked.Increment(ref winners);
            }
        });
        Assert.That(winners, Is.EqualTo(1));
        Assert.That(Directory.GetFiles(Folder), Is.EqualTo([PathOf("x")]));
        Assert.That(AtomicFile.TryCreate(PathOf("x"), _ => { }), Is.False);
        Assert.That(new FileInfo(PathOf("x")).Length, Is.EqualTo(1));
    }

    [Test]
    public void Files_that_belong_together_change_together()
    {
        AtomicFile.WriteTogether((PathOf("a"), Byte(1)), (PathOf("b"), Byte(2)));
        AtomicFile.WriteTogether((PathOf("a"), Byte(3)), (PathOf("b"), Byte(4)));
        Holds(3, 4);

        // The second cannot be written, the second cannot be placed.
        Assert.That(
            () => AtomicFile.WriteTogether((PathOf("a"), Byte(5)), (PathOf("b"), _ => throw new IOException("no space"))),
            Throws.TypeOf<IOException>().With.Message.EqualTo($"{PathOf("b")} could not be written: no space"));
        Holds(3, 4);
        Assert.That(
            () => AtomicFile.WriteTogether(
                (PathOf("a"), Byte(5)),
                (PathOf("c"), stream =>
                {
                    stream.WriteByte(6);
                    Directory.CreateDirectory(PathOf("c"));
                }
            )),
            Throws.TypeOf<IOException>().With.Message.StartsWith($"{PathOf("c")} could not be written"));
        Directory.Delete(PathOf("c"));
        Holds(3, 4);

        static Action<Stream> Byte(byte value) => stream => stream.WriteByte(value);

        void Holds(byte a, byte b)
        {
            Assert.That(File.ReadAllBytes(PathOf("a")), Is.EqualTo(new[] { a }));
            Assert.That(File.ReadAllBytes(PathOf("b")), Is.EqualTo(new[] { b }));
            Assert.That(Directory.GetFiles(Folder).Order(), Is.EqualTo([PathOf("a"), PathOf("b")]));
        }
    }

    [Test]
    public void One_file_has_one_identity_whatever_way_leads_to_it()
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Ignore("Links take a privilege on Windows.");
        }

        string path = Put("x", 1), other = Put("y", 1);
        Directory.CreateSymbolicLink(PathOf("way"), Folder);
        File.CreateSymbolicLink(PathOf("z"), PathOf("way/x"));
        foreach (string spelling in (string[])[PathOf("way/x"), PathOf("z"), PathOf("way/way/z"), PathOf("./way/../x")])
        {
            Assert.That(FileIdentity.From(spelling), Is.EqualTo(FileIdentity.From(path)));
            Assert.That(FileIdentity.Resolved(spelling), Is.EqualTo(FileIdentity.Resolved(path)));
        }

        Assert.That(FileIdentity.From(other), Is.Not.EqualTo(FileIdentity.From(path)));
        Assert.That(FileIdentity.From(PathOf("none")), Is.Null);
        Assert.That(FileIdentity.Resolved(PathOf("way/none/x")), Is.EqualTo(Path.Combine(FileIdentity.Resolved(Folder), "none", "x")));
        Assert.That(FileIdentity.From(Folder)?.Kind, Is.EqualTo(FileKind.Folder));
    }

    [Test]
    public void What_is_no_file_is_not_replaced()
    {
        Pipes.Make(PathOf("pipe"));
        Assert.That(() =>
            AtomicFile.Write(PathOf("pipe"), _ => { }), Throws.TypeOf<InputException>().With.Message.Contains("it is a pipe or a device"));
        Assert.That(() => AtomicFile.Write(Folder, _ => { }), Throws.TypeOf<InputException>().With.Message.Contains("it is a folder"));
        Assert.That(() =>
            AtomicFile.Write(PathOf("no/x"), _ => { }), Throws.TypeOf<InputException>().With.Message.Contains("there is no folder"));
        Assert.That(() =>
            AtomicFile.Write("/dev/null", _ => { }), Throws.TypeOf<InputException>().With.Message.Contains("/dev/null cannot be written"));
    }
}
