using FisherKernels.Fuzz;
using SharpFuzz;

// seeds FOLDER     writes FOLDER/TARGET/… to begin from, and FOLDER/TARGET.words, the words of its grammar
// TARGET           under the fuzzer, which hands over one input after another
// TARGET FILE…     tries these inputs, and shows what was thrown
string folder = Directory.CreateTempSubdirectory("fisher-fuzz-").FullName;
try
{
    if (args is ["seeds", var seeds])
    {
        foreach (string name in Targets.Names)
        {
            WriteSeeds(Targets.Named(name, folder), Path.Combine(seeds, name));
        }

        return 0;
    }

    if (args.Length == 0 || !Targets.Names.Contains(args[0]))
    {
        Console.Error.WriteLine(
            $"Say what to read: {string.Join(", ", Targets.Names)}; then files to try, or none under the fuzzer. Or: seeds FOLDER.");
        return 2;
    }

    if (args.Length > 1)
    {
        Target target = Targets.Named(args[0], folder);
        foreach (string file in args[1..])
        {
            target.Try(File.ReadAllBytes(file));
            Console.WriteLine($"{file}: read, or refused by name");
        }

        return 0;
    }

    // Made with the first input: what the fuzzer watches cannot run before it watches.
    Target? watched = null;
    Fuzzer.OutOfProcess.Run(stream =>
    {
        watched ??= Targets.Named(args[0], folder);
        using var bytes = new MemoryStream();
        stream.CopyTo(bytes);
        watched.Try(bytes.ToArray());
    });
    return 0;
}
finally
{
    Directory.Delete(folder, recursive: true);
}

static void WriteSeeds(Target target, string folder)
{
    Directory.CreateDirectory(folder);
    int number = 0;
    foreach (byte[] seed in target.Seeds())
    {
        File.WriteAllBytes(Path.Combine(folder, $"{number++}"), seed);
    }

    // As AFL reads them: what is no letter or digit stands as its code.
    File.WriteAllLines($"{folder}.words", target.Words.Select(word => $"\"{string.Concat(word.Select(Code))}\""));
}

static string Code(char letter) => char.IsAsciiLetterOrDigit(letter) ? $"{letter}" : $"\\x{(int)letter:X2}";
