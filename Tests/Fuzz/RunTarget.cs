using System.Text;
using System.Text.Json.Nodes;
using FisherKernels.Bench.Experiments.Page;
using FisherKernels.Cli.Terminal;
using FisherKernels.Experiments.Loop;
using FisherKernels.Experiments.Runs;
using FisherKernels.Kernels;
using FisherKernels.Learning;
using FisherKernels.Learning.Loop;
using FisherKernels.Learning.Models;
using FisherKernels.Learning.Pools;
using FisherKernels.Storage;

namespace FisherKernels.Fuzz;

/// <summary>The folder of a run, of one cell: its journal, its seconds and its plan, read to go on and to report.</summary>
internal sealed class RunTarget : Target
{
    private const int Prompts = 6, Responses = 3, Width = 2, Batch = 3;

    private readonly string _run, _cell;
    private readonly byte[][] _files;
    private readonly JsonObject _plan;
    private readonly Backend _backend = Backend.Open(BackendKind.Cpu, threads: 1);
    private readonly EmbeddingPool _pool;
    private readonly HeldOut _heldOut;
    private readonly float[] _rewards;

    /// <param name="folder">Where the run lies.</param>
    public RunTarget(string folder)
    {
        string data = Path.Combine(folder, "data");
        _run = Path.Combine(folder, "run");
        _cell = Path.Combine(_run, "cells", "random-seed1");
        var random = new Random(1);
        float[] embeddings = [.. Enumerable.Range(0, Prompts * Responses * Width).Select(_ => random.NextSingle())];
        _rewards = [.. Enumerable.Range(0, Prompts * Responses).Select(_ => random.NextSingle())];
        Directory.CreateDirectory(data);
        foreach (string split in (string[])["train", "test"])
        {
            Npy.Write<float>(Path.Combine(data, $"embd_a_b_c_{split}.npy"), embeddings, [Prompts, Responses, Width]);
            Npy.Write<float>(Path.Combine(data, $"reward_a_b_c_{split}.npy"), _rewards, [Prompts, Responses, 1]);
        }

        var said = new StringWriter();
        int code = Cli.CommandLine.RunAsync(
            [
                "run", "--data", data, "--strategies", "random", "--seeds", "1", "--rounds", "2", "--batch", $"{Batch}", "--hidden", "2",
                "--steps", "1", "--validation", "0", "--device", "cpu", "--threads", "1", "--out", _run,
            ],
            new Output(said, said, IsTerminal: false)).GetAwaiter().GetResult();
        Require(code == 0, $"The run to begin from ended with {code}: {said}");
        _files = [.. Paths().Select(File.ReadAllBytes)];
        _plan = PlanFile.Parse(PlanFile.Name, Encoding.UTF8.GetString(_files[^1]));
        long[] promptOf = [.. Enumerable.Range(0, Prompts * Responses).Select(row => (long)row / Responses)];
        _pool = EmbeddingPool.FromArray(embeddings, Width, promptOf);
        _heldOut = new HeldOut(_pool, _rewards);
    }

    /// <inheritdoc/>
    public override IReadOnlyList<string> Words { get; } =
    [
        "\"round\":", "\"chosen_by\":", "\"candidates\":", "\"first\":", "\"second\":", "\"preferences\":",
        "\"log_determinant\":", "\"labels\":", "\"training_steps\":", "\"held_out_loss\":", "\"evaluation\":", "\"best_of_n\":",
        "\"format\":", "\"version\":", "\"data\":", "\"files\":", "\"sha256\":", "\"options\":", "null", "[]", "{}", "1e400",
        "-1", "2147483648", "\n%%\n",
    ];

    /// <inheritdoc/>
    public override IEnumerable<byte[]> Seeds()
    {
        yield return Joined(_files);
        byte[] firstRound = _files[0][..(_files[0].AsSpan().IndexOf((byte)'\n') + 1)];
        yield return Joined(firstRound, [], _files[2]);
    }

    /// <inheritdoc/>
    protected override void Read(byte[] input)
    {
        foreach ((string path, byte[] part) in Paths().Zip(Parted(input, _files.Length)))
        {
            File.WriteAllBytes(path, part);
        }

        // Read to report first: what is opened to go on may be mended, a line that was cut off goes.
        Refusable(() =>
        {
            KeptRun kept = KeptRun.Open(_run);
            _ = (kept.Data, kept.Strategies, kept.Labels);
        });
        Refusable(() => RunFolder.Open(_run, _plan, resume: true).Dispose());
        var training = new TrainingOptions { Hidden = [2], Steps = 1, Validation = 0 };
        var learner = new ActiveLearner(_backend, _pool, new SelectionOptions { BatchSize = Batch, Training = training });
        var simulation = new Simulation(_cell, _backend, learner, new GoldenAnnotator(_rewards, seed: 1), _heldOut);
        Require(learner.Round == simulation.Rounds.Count, "The learner took over another number of rounds.");
    }

    private string[] Paths() =>
        [Path.Combine(_cell, "journal.jsonl"), Path.Combine(_cell, "seconds.jsonl"), Path.Combine(_run, "plan.json")];
}
