using System.Text;
using FisherKernels.Learning;

namespace FisherKernels.Fuzz;

/// <summary>A reader that is given any bytes at all: it reads them, or refuses them with an <see cref="InputException"/>.</summary>
internal abstract class Target
{
    private static readonly byte[] Mark = "\n%%\n"u8.ToArray();

    /// <summary>Words of the format, which chance would not find soon.</summary>
    public abstract IReadOnlyList<string> Words { get; }

    /// <summary>Inputs to begin from: right ones.</summary>
    public abstract IEnumerable<byte[]> Seeds();

    /// <summary>Reads an input.</summary>
    /// <exception cref="Exception">Anything thrown is a finding.</exception>
    public void Try(byte[] input)
    {
        try
        {
            Read(input);
        }
        catch (InputException exception)
        {
            if (exception.Message.Length < 10)
            {
                throw new InvalidOperationException($"'{exception.Message}' is no sentence.", exception);
            }
        }
    }

    /// <summary>Reads an input, or refuses it.</summary>
    protected abstract void Read(byte[] input);

    /// <summary>Parts as one input, a mark between them.</summary>
    protected static byte[] Joined(params byte[][] parts)
    {
        var joined = new List<byte>();
        foreach (byte[] part in parts)
        {
            if (joined.Count > 0 || part != parts[0])
            {
                joined.AddRange(Mark);
            }

            joined.AddRange(part);
        }

        return [.. joined];
    }

    /// <summary>An input in so many parts; those that it lacks are empty.</summary>
    protected static byte[][] Parted(byte[] input, int count)
    {
        var parts = new byte[count][];
        int start = 0;
        for (int part = 0; part < count; part++)
        {
            int found = part == count - 1 ? -1 : input.AsSpan(start).IndexOf(Mark);
            int end = found < 0 ? input.Length : start + found;
            parts[part] = input[start..end];
            start = Math.Min(end + Mark.Length, input.Length);
        }

        return parts;
    }

    /// <summary>Reads one way; another way may still be open where this one is refused.</summary>
    protected static void Refusable(Action read)
    {
        try
        {
            read();
        }
        catch (InputException)
        {
        }
    }

    /// <summary>Fails unless a reader kept its word.</summary>
    protected static void Require(bool kept, string sentence)
    {
        if (!kept)
        {
            throw new InvalidOperationException(sentence);
        }
    }

    /// <summary>Text as bytes.</summary>
    protected static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);
}

/// <summary>What can be fuzzed.</summary>
internal static class Targets
{
    /// <summary>As they are named on the command line.</summary>
    public static IReadOnlyList<string> Names { get; } = ["npy", "safetensors", "model", "journal", "run"];

    /// <summary>One of them.</summary>
    /// <param name="name">Of <see cref="Names"/>.</param>
    /// <param name="folder">Where it may put files.</param>
    public static Target Named(string name, string folder) => name switch
    {
        "npy" => new NpyTarget(Path.Combine(folder, "fuzz.npy")),
        "safetensors" => new SafetensorsTarget(Path.Combine(folder, "fuzz.safetensors")),
        "model" => new ModelTarget(Path.Combine(folder, "model.safetensors")),
        "journal" => new JournalTarget(Path.Combine(folder, "fuzz.jsonl")),
        "run" => new RunTarget(folder),
        _ => throw new ArgumentOutOfRangeException(nameof(name), name, "There is no such reader."),
    };
}
