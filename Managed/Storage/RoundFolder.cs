using FisherKernels.Learning;
using FisherKernels.Learning.Models;

namespace FisherKernels.Storage;

/// <summary>The folder of the simulated rounds of one strategy and seed.</summary>
/// <remarks>
/// <code>
/// journal.jsonl        its format and version, then a line per round; the same bytes for every run of the same command
/// seconds.jsonl        its format and version, then a line per round: where the time went
/// model-K.safetensors  the model after the last round K
/// </code>
/// A round counts once its journal line is on disk; its model is written before. Read from one thread at a time.
/// </remarks>
public sealed class RoundFolder
{
    private readonly List<SimulationRound> _rounds;
    private readonly List<RoundSeconds> _seconds;
    private readonly int _firstLine;   // of the journal, with round 0

    private RoundFolder(string path, KeptRounds kept) =>
        (Path, _rounds, _seconds, _firstLine) = (path, [.. kept.Rounds], [.. kept.Seconds], kept.FirstLine);

    /// <summary>The folder as it was named.</summary>
    public string Path { get; }

    /// <summary>Rounds done so far, in order from 0.</summary>
    public IReadOnlyList<SimulationRound> Rounds => _rounds;

    /// <summary>Where their time went; a round that was stopped between its journal line and this one is missing.</summary>
    public IReadOnlyList<RoundSeconds> Seconds => _seconds;

    /// <summary>Whether a process that was killed left something: models that it was writing, one whose round never came, or one
    /// that a later
    /// round's has followed.</summary>
    public bool HasRemains => Remains().Any();

    /// <summary>Reads a folder and changes nothing in it; one that is not there has no rounds.</summary>
    /// <param name="folder">Path of the folder.</param>
    /// <exception cref="InputException">A line is damaged, out of order or of a version that is not known.</exception>
    /// <exception cref="IOException">A file cannot be read; it is in use by whoever adds rounds, for example.</exception>
    public static RoundFolder Read(string folder)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        return new RoundFolder(folder, RoundJournal.Read(folder));
    }

    /// <summary>Refuses rounds of another strategy or seed; those of version 1 do not say whose they are.</summary>
    /// <param name="strategy">What chooses, by name.</param>
    /// <param name="seed">Of everything drawn.</param>
    /// <exception cref="InputException">They are of another.</exception>
    public void RequireOf(string strategy, int seed) => RoundJournal.RequireOf(Path, strategy, seed);

    /// <summary>The model after the last round.</summary>
    /// <exception cref="InputException">It is not there, or damaged.</exception>
    public BradleyTerryMlp LoadModel() => ModelFile.Load(ModelPath(_rounds.Count - 1));

    /// <summary>What is to be said of a round that is no use: where it stands, and how its rounds are run again.</summary>
    /// <param name="round">Index of the round.</param>
    /// <param name="problem">In words, as they go on from the line's number.</param>
    /// <param name="inner">What was behind it, or null.</param>
    public InputException Damaged(int round, string problem, Exception? inner = null) =>
        RoundJournal.Damaged(Path, RoundJournal.JournalPath(Path), _firstLine + round, problem, inner);

    /// <summary>Opens the folder to add rounds, made where it is not there; nobody else does so meanwhile. What was left by a
    /// process that was
    /// killed is removed.</summary>
    /// <param name="strategy">What chooses, by name.</param>
    /// <param name="seed">Of everything drawn.</param>
    /// <exception cref="IOException">It cannot be written, is in use, or has other rounds by now.</exception>
    public RoundWriter OpenWriter(string strategy, int seed)
    {
        Directory.CreateDirectory(Path);
        var writer = new RoundWriter(this, strategy, seed);
        try
        {
            foreach (string remains in Remains().ToArray())
            {
                File.Delete(remains);
            }

            return writer;
        }
        catch
        {
            writer.Dispose();
            throw;
        }
    }

    internal string ModelPath(int round) => System.IO.Path.Combine(Path, FormattableString.Invariant($"model-{round}.safetensors"));

    internal void Add(SimulationRound round) => _rounds.Add(round);

    internal void Add(RoundSeconds spent) => _seconds.Add(spent);

    private IEnumerable<string> Remains() => !Directory.Exists(Path) ? [] : Directory
        .EnumerateFiles(Path, "model-*.safetensors.*.part")
        .Concat(Directory.EnumerateFiles(Path, "model-*.safetensors").Where(path => path != ModelPath(_rounds.Count - 1)));
}

/// <summary>A folder of rounds, open to add to it; the files are closed when this is disposed.</summary>
public sealed class RoundWriter : IDisposable
{
    private readonly RoundFolder _folder;
    private readonly JournalFile _journal, _seconds;

    internal RoundWriter(RoundFolder folder, string strategy, int seed)
    {
        _folder = folder;
        _journal = RoundJournal.OpenRounds(folder.Path, folder.Rounds.Count, strategy, seed);
        try
        {
            _seconds = RoundJournal.OpenSeconds(folder.Path, strategy, seed);
        }
        catch
        {
            _journal.Dispose();
            throw;
        }
    }

    /// <summary>Adds a round; it is on the disk, with its model, when this returns.</summary>
    /// <param name="round">The next one.</param>
    /// <param name="spent">Where its time went.</param>
    /// <param name="model">The model after it.</param>
    /// <exception cref="IOException">The disk refuses.</exception>
    public void Add(SimulationRound round, RoundSeconds spent, BradleyTerryMlp model)
    {
        ArgumentNullException.ThrowIfNull(round);
        ModelFile.Save(_folder.ModelPath(round.Round), model);
        _journal.Append(RoundJournal.Line(round));
        _folder.Add(round);
        _seconds.Append(RoundJournal.Line(spent));
        _folder.Add(spent);
        File.Delete(_folder.ModelPath(round.Round - 1));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _seconds.Dispose();
        _journal.Dispose();
    }
}
