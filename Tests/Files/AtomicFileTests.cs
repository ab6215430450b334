using FisherKernels.Learning;
using FisherKernels.Learning.Files;
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
        Fails<IOException>(new IOException("No space left on device"), Throws.TypeOf<IOException>().With.Message.EqualTo($"{path} could not be written: No space left on device"));
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
    public void What_is_no_file_is_not_replaced()
    {
        Assert.That(() => AtomicFile.Write(Folder, _ => { }), Throws.TypeOf<InputException>().With.Message.Contains("it is a folder"));
        Assert.That(() => AtomicFile.Write(PathOf("no/x"), _ => { }), Throws.TypeOf<InputException>().With.Message.Contains("there is no folder"));
        Assert.That(() => AtomicFile.Write("/dev/null", _ => { }), Throws.TypeOf<InputException>().With.Message.Contains("/dev/null cannot be written"));
    }
}
