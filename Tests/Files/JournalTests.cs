using System.Text;
using FisherKernels.Learning;
using FisherKernels.Storage;
using NUnit.Framework;

namespace FisherKernels.Tests.Files;

/// <summary>A line that was acknowledged stays; one that was not goes; a broken one is never passed over.</summary>
public class JournalTests : InFolder
{
    private const string Two = "{\"a\":1}\n{\"b\":\"é\"}\n";

    [Test]
    public void Lines_come_back()
    {
        string path = PathOf("j");
        using (var journal = JournalFile.Open(path))
        {
            Assert.That(journal.Lines, Is.Empty);
            journal.Append("{\"a\":1}");
            journal.Append("{\"b\":\"é\"}");
        }

        Assert.That(File.ReadAllText(path), Is.EqualTo(Two));
        using var again = JournalFile.Open(path);
        Assert.That(again.Lines, Is.EqualTo(["{\"a\":1}", "{\"b\":\"é\"}"]));
        Assert.That(again.WasTorn, Is.False);
    }

    [Test]
    public void A_line_is_in_the_file_when_it_is_acknowledged()
    {
        // The journal is not closed: what stands in the file is what a killed process leaves.
        using var journal = JournalFile.Open(PathOf("j"));
        journal.Append("{\"a\":1}");
        Assert.That(new FileInfo(PathOf("j")).Length, Is.EqualTo("{\"a\":1}\n".Length));
    }

    [Test]
    public void Killed_anywhere_within_the_last_line_it_goes_on_after_the_one_before()
    {
        byte[] whole = Encoding.UTF8.GetBytes(Two);
        int first = Array.IndexOf(whole, (byte)'\n') + 1;
        for (int length = first; length < whole.Length; length++)
        {
            using (var journal = JournalFile.Open(Put("j", whole[..length])))
            {
                Assert.That(journal.Lines, Is.EqualTo(["{\"a\":1}"]));
                Assert.That(journal.WasTorn, Is.EqualTo(length > first));
                journal.Append("{\"c\":3}");
            }

            Assert.That(File.ReadAllText(PathOf("j")), Is.EqualTo("{\"a\":1}\n{\"c\":3}\n"));
        }
    }

    [Test]
    public void A_last_line_of_which_only_the_end_reached_the_disk_is_torn()
    {
        using var journal = JournalFile.Open(Put("j", [.. "{\"a\":1}\n"u8, 0, 0, 0, (byte)'\n']));
        Assert.That(journal.Lines, Is.EqualTo(["{\"a\":1}"]));
        Assert.That(journal.WasTorn, Is.True);
    }

    [TestCase("{\"a\":1}\n{\"b\n{\"c\":3}\n", 2)]
    [TestCase("{\"a\":1}\n\n{\"c\":3}\n", 2)]
    [TestCase("[1]\n{\"c\":3}\n", 1)]
    [TestCase("{\"a\":1} {\"b\":2}\n{\"c\":3}\n", 1)]
    public void A_broken_line_before_the_last_is_refused_and_the_file_left(string text, int line)
    {
        string path = Put("j", Encoding.UTF8.GetBytes(text));
        Assert.That(() =>
            JournalFile.Open(path), Throws.TypeOf<InputException>().With.Message.StartsWith($"{path}: line {line} is no JSON object"));
        Assert.That(File.ReadAllText(path), Is.EqualTo(text));
    }

    [TestCase("")]
    [TestCase("1")]
    [TestCase("{\"a\":")]
    [TestCase("{\"a\":1}\n{\"b\":2}")]
    [TestCase("{\n\"a\":1}")]
    public void Only_one_object_on_one_line_is_appended(string line)
    {
        using var journal = JournalFile.Open(PathOf("j"));
        Assert.That(() => journal.Append(line), Throws.ArgumentException);
        Assert.That(journal.Lines, Is.Empty);
    }

    [Test]
    public void Where_it_cannot_be_the_message_names_it()
    {
        Assert.That(() => JournalFile.Open(PathOf("no/j")),
            Throws.TypeOf<InputException>().With.Message.Contains("j cannot be opened: its folder is not there"));
        Assert.That(() => JournalFile.Open(Folder), Throws.TypeOf<IOException>().With.Message.StartsWith($"{Folder} could not be opened"));
        using var journal = JournalFile.Open(PathOf("j"));
        Assert.That(() =>
            JournalFile.Open(PathOf("j")), Throws.TypeOf<IOException>().With.Message.StartsWith($"{PathOf("j")} could not be opened"));
    }
}
