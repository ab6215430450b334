using System.CommandLine;
using FisherKernels.Cli.Terminal;
using FisherKernels.Learning;
using FisherKernels.Storage;

namespace FisherKernels.Bench.Experiments.Generate;

/// <summary>Bench generate: a data set of the paper's shape, for fisher run --data.</summary>
internal static class GenerateCommand
{
    // An array ends at 2³¹ elements; a block of prompts must stay well below.
    private const long MostNumbersInPrompt = 1 << 28;

    public static Command Create(Output output)
    {
        GeneratorSettings usual = GeneratorSettings.Usual;
        var folder = new Option<string>("--out") { Description = "folder for the four files", Required = true };
        var name = new Option<string>("--name") { Description = "GEN_EMBED_TASK in their names", DefaultValueFactory = _ => usual.Name };
        Option<int> trainPrompts = Count("--train-prompts", "prompts to learn from", usual.Train.Prompts);
        Option<int> trainResponses = Count("--train-responses", "responses to each", usual.Train.Responses);
        Option<int> testPrompts = Count("--test-prompts", "prompts to measure on", usual.Test.Prompts);
        Option<int> testResponses = Count("--test-responses", "responses to each", usual.Test.Responses);
        Option<int> dimension = Count("--dimension", "D, width of the embeddings", usual.Dimension);
        Option<double> decay = Number("--decay", "the j-th eigenvalue of their covariance falls as j^-decay", usual.Decay);
        Option<double> share = Number(
            "--prompt-share", "share of their variance that a prompt's responses have in common", usual.PromptShare);
        Option<double> deviation = Number(
            "--reward-deviation", "standard deviation of the golden reward before noise", usual.RewardDeviation);
        Option<double> noise = Number("--noise", "standard deviation of what is added to it", usual.Noise);
        var seed = new Option<int>("--seed") { Description = "of everything drawn", DefaultValueFactory = _ => usual.Seed };
        var command = new Command("generate", "Make a data set of the paper's shape (11.5 GB unless made smaller), written as it is made.")
        {
            folder, name, trainPrompts, trainResponses, testPrompts, testResponses, dimension, decay, share, deviation, noise, seed,
        };
        command.SetAction(async (parsed, cancellation) =>
        {
            var settings = new GeneratorSettings(
                parsed.GetRequiredValue(name),
                new SplitSize(Positive(trainPrompts), Positive(trainResponses)),
                new SplitSize(Positive(testPrompts), Positive(testResponses)),
                Positive(dimension),
                Within(decay, 0, 10),
                Within(share, 0, 1),
                Within(deviation, 0, 1e6),
                Within(noise, 0, 1e6),
                parsed.GetValue(seed));
            string path = parsed.GetRequiredValue(folder);
            Check(settings, path);
            long total = (long)settings.Train.Prompts * settings.Train.Responses + (long)settings.Test.Prompts * settings.Test.Responses;
            await ProgressDisplay.ShowAsync(output, "responses", total, report =>
            {
                new DataGenerator(settings)
                    .Write(path, done => report(done, FormattableString.Invariant($"{settings.Bytes / 1e9:F1} GB in all")), cancellation);
                return total;
            }).ConfigureAwait(false);
            output.Out.WriteLine(
                FormattableString.Invariant(
                    $"{total} responses of {settings.Dimension}, {settings.Bytes / 1e9:G3} GB, in {path}; try: fisher run --data {path}"));
            return 0;

            int Positive(Option<int> option) => Ask.Positive(option.Name, parsed.GetValue(option));

            double Within(Option<double> option, double least, double most) =>
                parsed.GetValue(option) is var value && value >= least && value <= most
                    ? value
                    : throw new InputException(FormattableString.Invariant($"{option.Name} is {value}; it must lie in [{least}, {most}]."));
        });
        return command;
    }

    private static Option<int> Count(string name, string description, int usual) =>
        new(name) { Description = description, DefaultValueFactory = _ => usual };

    private static Option<double> Number(string name, string description, double usual) =>
        new(name) { Description = description, DefaultValueFactory = _ => usual };

    private static void Check(GeneratorSettings settings, string folder)
    {
        if (settings.Name.Length == 0
            || settings.Name.Any(letter => !char.IsAsciiLetterOrDigit(letter) && letter is not ('_' or '-' or '.')))
        {
            throw new InputException($"--name is '{settings.Name}'; letters, digits, _, - and . can be in it.");
        }

        foreach (SplitSize size in (SplitSize[])[settings.Train, settings.Test])
        {
            if ((long)size.Responses * settings.Dimension > MostNumbersInPrompt || (long)size.Prompts * size.Responses > Array.MaxLength)
            {
                throw new InputException(
                    $"{size.Prompts} prompts of {size.Responses} responses of {settings.Dimension} are too many; a prompt can have "
                        + $"{MostNumbersInPrompt} numbers, a split {Array.MaxLength} responses.");
            }
        }

        AtomicFile.MakeFolder(folder);
        long free = new DriveInfo(Path.GetFullPath(folder)).AvailableFreeSpace;
        if (free < settings.Bytes)
        {
            throw new IOException(
                FormattableString.Invariant($"The files take {settings.Bytes / 1e9:F1} GB, and {folder} has {free / 1e9:F1} GB left."));
        }
    }
}
