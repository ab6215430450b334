using System.Globalization;
using FisherKernels.Experiments.Loop;
using FisherKernels.Kernels;
using FisherKernels.Learning;
using FisherKernels.Learning.Acquisition;
using FisherKernels.Learning.Loop;
using FisherKernels.Learning.Models;
using FisherKernels.Learning.Pools;
using FisherKernels.Storage;

namespace FisherKernels.Experiments.Runs;

/// <summary>The data of one or several runs, opened and checked once for all cells.</summary>
public sealed class DataSet : IDisposable
{
    private readonly double[] _trainRewards;
    private readonly RecordedAnnotator? _recorded;
    private readonly AnnotatorKind _kind;
    private readonly EmbeddingPool _test;
    private readonly ColumnStatistics _columns;

    /// <param name="plans">At least one, all of the same files and annotator.</param>
    /// <param name="cancellationToken">Looked at while the files are read.</param>
    /// <exception cref="InputException">The data cannot serve one of the plans; known before anything large is read.</exception>
    public DataSet(IReadOnlyList<RunPlan> plans, CancellationToken cancellationToken)
    {
        RunPlan plan = plans[0];
        _kind = plan.Annotator;
        RequireTogether(plans);
        Train = PoolFile.Load(plan.Data.TrainEmbeddings);
        foreach (RunPlan each in plans)
        {
            RequireEnough(each);
        }

        _test = PoolFile.Load(plan.Data.TestEmbeddings);
        if (_test.Dimension != Train.Dimension)
        {
            throw new InputException(
                $"{plan.Data.TestEmbeddings} is {_test.Dimension} wide, {plan.Data.TrainEmbeddings} is {Train.Dimension}; both must "
                    + "come from one embedding.");
        }

        // Beside the scan, which waits for the disk or for memory: a hash is made byte after byte.
        Task<DataFile>[] files =
            [.. plan.Files.Select(path => Task.Run(() => DataFile.FromFile(path, cancellationToken), cancellationToken))];

        // Everything is read once before anything is learned: a broken row is found now and not in the last round.
        _columns = Train.Scan(cancellationToken);
        _test.RequireFinite(_test.Scan(cancellationToken));
        foreach (RunPlan each in plans)
        {
            RequireEnoughUsable(each);
        }

        Standardisation = Standardisation.From(_columns);
        _trainRewards = RewardTable.Read(plan.Data.TrainRewards, Train);
        double[] golden = RewardTable.Read(plan.Data.TestRewards, _test);
        HeldOut = new HeldOut(_test, golden, isExact: plan.Annotator != AnnotatorKind.Golden);
        Undefined = [
            .. Measures(HeldOut.Measure(new float[golden.Length])).Where(measure => double.IsNaN(measure.Value))
                .Select(measure => measure.Name)];
        _recorded = plan.Annotator == AnnotatorKind.Recorded ? Recorded(plan) : null;
        Files = [.. files.Select(file => file.GetAwaiter().GetResult())];
    }

    /// <summary>The responses that pairs are drawn from and that are learned from; disposed with this.</summary>
    public EmbeddingPool Train { get; }

    /// <summary>Mean and scale of each column of <see cref="Train"/>.</summary>
    public Standardisation Standardisation { get; }

    /// <summary>The responses that every round is measured on, with their golden rewards.</summary>
    public HeldOut HeldOut { get; }

    /// <summary>Measures that the test data do not define for any model, by name.</summary>
    public IReadOnlyList<string> Undefined { get; }

    /// <summary>What was read, by content.</summary>
    public IReadOnlyList<DataFile> Files { get; }

    /// <summary>Who answers in a cell.</summary>
    /// <param name="seed">Of the cell; golden answers are drawn by it.</param>
    public IAnnotator Annotator(int seed) => _recorded
        ?? (IAnnotator)new GoldenAnnotator(_trainRewards, seed, _kind == AnnotatorKind.Exact ? AnswerNoise.None : AnswerNoise.BradleyTerry);

    /// <summary>The sizes of both splits in words, and how many rows are left out of the columns' statistics.</summary>
    public string Describe() => string.Create(CultureInfo.InvariantCulture,
        $"{Train.Prompts} prompts × {Train.Responses / Math.Max(Train.Prompts, 1)} responses to learn from, {_test.Prompts} × "
        + $"{_test.Responses / Math.Max(_test.Prompts, 1)} to measure on, D = {Train.Dimension}")
        + (_columns.BrokenRows.Count + _columns.StrayRows.Count == 0 ? "" :
            $"; left out of the columns' statistics: {_columns.BrokenRows.Count} rows with NaN or infinite numbers, "
            + $"{_columns.StrayRows.Count} far outside all others");

    /// <summary>Closes the files of both splits; nothing of this can be used afterwards.</summary>
    public void Dispose()
    {
        Train.Dispose();
        _test.Dispose();
    }

    private static (string Name, double Value)[] Measures(Evaluation evaluation) =>
    [
        ("1 − ρ", evaluation.OneMinusSpearman), ("accuracy", evaluation.Accuracy), ("log-loss", evaluation.LogLoss),
        ("calibration error", evaluation.CalibrationError),
    ];

    // What no file needs to be read for.
    private static void RequireTogether(IReadOnlyList<RunPlan> plans)
    {
        if (plans[0].Annotator == AnnotatorKind.Recorded && plans.Any(each => each.Options.Candidates.Scope == CandidateScope.CrossPrompt))
        {
            throw new InputException(
                "Recorded answers are within prompts only; ask pairs within prompts, or choose golden or exact answers.")
            {
                About = [nameof(RunPlan.Annotator), nameof(CandidateOptions.Scope)],
            };
        }

        foreach (RunPlan each in plans)
        {
            if (each.Options.Training.Dropout == 0
                && each.Strategies.FirstOrDefault(strategy => strategy.Acquisition.Reads(Inputs.MaskedRewards)) is { } thinned)
            {
                throw new InputException(
                    $"The strategy {thinned.Name} needs models that were trained with dropout; give a dropout of 0.1 or so, or leave "
                        + "the strategy out.")
                {
                    About = [nameof(RunPlan.Strategies), nameof(TrainingOptions.Dropout)],
                };
            }
        }
    }

    // Not all of it can be known before: later rounds leave out what was asked, and then may find less than a batch.
    private void RequireEnough(RunPlan plan)
    {
        (CandidateOptions from, int batch) = (plan.Options.Candidates, plan.Options.BatchSize);
        long all = Pairs(), asked = (long)plan.Rounds * batch;
        if (batch > from.Pairs)
        {
            throw new InputException(
                $"A batch is of {batch} pairs, but a round has at most {from.Pairs} candidates; ask for fewer pairs, or draw more "
                    + "candidates.")
            {
                About = [nameof(SelectionOptions.BatchSize), nameof(CandidateOptions.Pairs)],
            };
        }

        if (asked > all)
        {
            throw new InputException($"{plan.Rounds} rounds of {batch} ask for {asked} pairs, but {Train.Name} has {all}; ask for fewer.")
            {
                About = [nameof(RunPlan.Rounds), nameof(SelectionOptions.BatchSize)],
            };
        }

        long Pairs()
        {
            int most = from.ResponsesPerPrompt ?? int.MaxValue;
            int[] sizes = [.. Enumerable.Range(0, Train.Prompts).Select(prompt => Math.Min(Train.ResponsesOf(prompt).Length, most))];
            return from.Scope == CandidateScope.InPrompt ? sizes.Sum(OfThese) : OfThese(sizes.Sum());
        }

        static long OfThese(int responses) => (long)responses * (responses - 1) / 2;
    }

    // Only now: whether two responses are the same is known of rows that were read.
    private void RequireEnoughUsable(RunPlan plan)
    {
        long usable = plan.Options.Candidates.CountPairs(Train), asked = (long)plan.Rounds * plan.Options.BatchSize;
        if (asked > usable)
        {
            throw new InputException(
                $"{plan.Rounds} rounds of {plan.Options.BatchSize} ask for {asked} pairs, but {Train.Name} has {usable} of responses that "
                + "differ and are finite; ask for fewer.")
            {
                About = [nameof(RunPlan.Rounds), nameof(SelectionOptions.BatchSize)],
            };
        }
    }

    private RecordedAnnotator Recorded(RunPlan plan)
    {
        if (plan.Data.TrainLabels is not { } path)
        {
            throw new InputException(
                $"The data set {plan.Data.Name} has no label_{plan.Data.Name}_train.npy; choose golden or exact answers.")
            {
                About = [nameof(RunPlan.Annotator)],
            };
        }

        double[] labels = LabelFile.Read(path, Train.Prompts, out _);
        return new RecordedAnnotator(labels.Select((label, prompt) =>
        {
            ReadOnlySpan<int> rows = Train.ResponsesOf(prompt);
            return rows.Length == 2
                ? new Comparison(new Pair(rows[0], rows[1]), (float)label)
                : throw new InputException($"Prompt {prompt} has {rows.Length} responses; recorded labels are read for prompts of two.");
        }));
    }
}
