using System.Text;
using FisherKernels.Cli.Terminal;
using FisherKernels.Learning.Models;
using FisherKernels.Storage;
using NUnit.Framework;

namespace FisherKernels.Tests.Apps;

/// <summary>What a person can get wrong: the message names it, the exit code is 2, and nothing is written.</summary>
public class BadInputTests
{
    private static readonly float[] Psi = [.. Enumerable.Range(0, 24).Select(j => MathF.Sin(j))];   // 6 responses of width 4

    private static readonly TestCaseData[] Wrong =
    [
        Case("an empty file", f => File.WriteAllBytes(f.PathOf("psi.npy"), []), "psi.npy is empty"),
        Case("no NumPy file", f => File.WriteAllText(f.PathOf("psi.npy"), "hello, I am text"), "not a .npy file"),
        Case("a truncated file", f => Truncate(f.PathOf("psi.npy")), "truncated"),
        Case("a folder", f => { File.Delete(f.PathOf("psi.npy")); Directory.CreateDirectory(f.PathOf("psi.npy")); }, "psi.npy is a folder"),
        Case("no responses", f => f.Write<float>("psi.npy", [], 0, 4), "no responses at all"),
        Case("no file", f => File.Delete(f.PathOf("psi.npy")), "psi.npy is not there"),
        Case("Python objects", f => Header(f, "{'descr': '|O', 'fortran_order': False, 'shape': (6, 4), }"), "Python objects"),
        Case("a header that lies", f => Header(f, "{'descr': '<f4', 'fortran_order': False, 'shape': (600000000000, 4), }"), "truncated"),
        Case("NaN in an embedding", f =>
            f.Write("psi.npy", [.. Psi[..13], float.NaN, .. Psi[14..]], 2, 3, 4), "row 3 (prompt 1, response 0), column 1 is NaN"),
        Case("infinity in an embedding", f => f.Write("psi.npy", [.. Psi[..23], float.PositiveInfinity], 6, 4), "row 5"),
        Case("one axis", f => f.Write("psi.npy", Psi, 24), "expected (responses, D) or (prompts, responses, D)"),
        Case("a label of 2", f => f.Write<float>("labels.npy", [1, 0, 2], 3), "label 2 is 2"),
        Case("a label that is NaN", f => f.Write<float>("labels.npy", [1, float.NaN, 0], 3), "must be finite"),
        Case("too few labels", f => f.Write<float>("labels.npy", [1, 0], 2), "expected 3"),
        Case("a row that is not there", f => f.Write<int>("pairs.npy", [0, 1, 2, 6, 4, 5], 3, 2), "pair 1 is (2, 6); rows run from 0 to 5"),
        Case("a negative row", f => f.Write<int>("pairs.npy", [0, 1, -2, 3, 4, 5], 3, 2), "pair 1 is (-2, 3)"),
        Case("a response against itself", f => f.Write<int>("pairs.npy", [0, 1, 3, 3, 4, 5], 3, 2), "response 3 with itself"),
        Case("pairs of three", f => f.Write<int>("pairs.npy", [0, 1, 2, 3, 4, 5], 2, 3), "expected n × 2"),
        Case("pairs with fractions", f => f.Write<float>("pairs.npy", [0, 1, 2, 3.5f, 4, 5], 3, 2), "whole number"),
        Case("no comparisons", f => { f.Write<int>("pairs.npy", [], 0, 2); f.Write<float>("labels.npy", [], 0); }, "no comparisons"),
    ];

    [TestCaseSource(nameof(Wrong))]
    public void Training_refuses(Action<object> spoil, string message)
    {
        using var fisher = new Fisher();
        Write(fisher);
        spoil(fisher);

        Said said = Fisher.Run([.. Train(fisher)]);

        Refused(said, message);
        Assert.That(File.Exists(fisher.PathOf("m.safetensors")), Is.False);
        Assert.That(Directory.GetFiles(fisher.Folder, "*.part"), Is.Empty);
    }

    [TestCase("--steps", "-1", "--steps is -1")]
    [TestCase("--validation", "1", "--validation is 1")]
    [TestCase("--lr", "NaN", "--lr is NaN")]
    [TestCase("--hidden", "64,0", "--hidden is '64,0'")]
    [TestCase("--batch", "none", "'none'")]
    [TestCase("--threads", "-1", "--threads is -1; expected 0 for one per core, or a number up to 1024")]
    [TestCase("--threads", "67108864", "--threads is 67108864")]
    [TestCase("--no-such-option", "1", "--no-such-option")]
    [TestCase("--lr", "1,5", "--lr is '1,5'; expected a number such as 0.5")]
    [TestCase("--steps", "99999999999", "--steps is '99999999999'; expected a whole number of at most 2147483647")]
    [TestCase("--activation", "1", "--activation is '1'; expected one of gelu, relu")]
    [TestCase("--standardise", "maybe", "--standardise is 'maybe'; expected one of on, off")]
    [TestCase("--init", "", "--init is empty")]
    [TestCase("--init", "missing.safetensors", "missing.safetensors is not there")]
    public void Training_refuses_an_option(string option, string value, string message)
    {
        using var fisher = new Fisher();
        Write(fisher);
        Refused(Fisher.Run([.. Train(fisher), option, value]), message);
    }

    [TestCase("tpu")]
    [TestCase("7")]
    public void A_device_of_an_unknown_kind_is_refused(string kind) => Refused(
        Fisher.Run("devices", "--device", kind), $"--device is '{kind}'; expected one of auto, cpu, cuda, opencl, emulator");

    [Test]
    public void A_model_for_other_embeddings_is_refused()
    {
        using var fisher = new Fisher();
        Write(fisher);
        Fisher.Do([.. Train(fisher)]);
        string wide = fisher.Write<float>("wide.npy", [.. Psi, .. Psi[..12]], 6, 6);

        Refused(
            Fisher.Run("select", "--embeddings", wide, "--model", fisher.PathOf("m.safetensors"), "--batch", "2", "--out",
                fisher.PathOf("s.npy"), "--device", "cpu"),
            "6 wide, the model takes 4");
        Refused(Fisher.Run([.. Train(fisher, "wide.npy"), "--init", fisher.PathOf("m.safetensors")]), "6 wide, the model takes 4");
    }

    [Test]
    public void More_pairs_than_there_are_cannot_be_chosen()
    {
        using var fisher = new Fisher();
        Write(fisher);
        Fisher.Do([.. Train(fisher)]);

        Refused(
            Fisher.Run(
                "select", "--embeddings", fisher.PathOf("psi.npy"), "--model", fisher.PathOf("m.safetensors"), "--batch", "7",
                "--out", fisher.PathOf("s.npy"), "--device", "cpu"),
            "--batch is 7, but there are 6 candidates");
        Assert.That(File.Exists(fisher.PathOf("s.npy")), Is.False);
    }

    [Test]
    public void A_result_does_not_replace_what_it_is_made_from()
    {
        using var fisher = new Fisher();
        Write(fisher);
        Fisher.Do([.. Train(fisher)]);
        string psi = fisher.PathOf("psi.npy"), model = fisher.PathOf("m.safetensors"), link = fisher.PathOf("link.npy");
        File.CreateSymbolicLink(link, psi);
        byte[] before = File.ReadAllBytes(psi);
        string[] select = ["select", "--embeddings", psi, "--model", model, "--batch", "2", "--device", "cpu", "--out"];

        Refused(Fisher.Run([.. select, psi]), "psi.npy would be written over: it is what --embeddings reads");
        Refused(Fisher.Run([.. select, link]), "link.npy would be written over");
        Refused(Fisher.Run([.. select, psi[..^4]]), "it is what --embeddings reads");
        Refused(Fisher.Run([.. select, fisher.PathOf("folder/")]), "name a file in it");
        Refused(Fisher.Run([.. Train(fisher, output: "labels.npy")]), "it is what --labels reads");
        string phi = fisher.Write("phi.npy", Psi, 6, 4), pairs = fisher.PathOf("pairs.npy");
        Refused(Fisher.Run("score", "--rule", "xtx", "--features", phi, "--pairs", pairs, "--out", pairs), "it is what --pairs reads");

        Assert.That(File.ReadAllBytes(psi), Is.EqualTo(before));
        Fisher.Do([.. Train(fisher), "--init", model]);   // learning on, in the place of the old model
    }

    [Test]
    public void Rewards_that_overflow_name_the_response()
    {
        using var fisher = new Fisher();
        Write(fisher);
        Fisher.Do([.. Train(fisher), "--standardise", "off"]);
        string huge = fisher.Write("huge.npy", [.. Psi[..12], .. Psi[12..].Select(x => x * 3e38f)], 2, 3, 4);

        Refused(
            Fisher.Run(
                "evaluate", "--embeddings", huge, "--rewards", fisher.Write<float>("rewards.npy", [1, 2, 3, 4, 5, 6], 2, 3),
                "--model", fisher.PathOf("m.safetensors"), "--device", "cpu"),
            "huge.npy: the model gives row 3 (prompt 1, response 0)");
    }

    [TestCase("--seeds", "2147483647", "at most 10000")]
    [TestCase("--seed", "2147483647", "the largest seed")]
    [TestCase("--batch", "20001", "a round has at most 20000 candidates")]
    [TestCase("--rounds", "1000", "ask for 125000 pairs")]
    [TestCase("--annotator", "recorded", "within prompts only")]
    [TestCase("--data", "", "--data is empty")]
    [TestCase("--strategies", "random,bald-dropout", "leave the strategy out. (--strategies, --dropout)")]
    public void A_run_that_cannot_come_to_its_end_is_refused_before_it_begins(string option, string value, string message)
    {
        using var fisher = new Fisher();
        string[] scope = option == "--annotator" ? ["--scope", "cross-prompt"] : [];

        Refused(Fisher.Run(["run", option, value, .. scope, "--device", "cpu", "--out", fisher.PathOf("run")]), message);

        Assert.That(Directory.Exists(fisher.PathOf("run")), Is.False);
    }

    [Test]
    public void Features_without_a_column_are_refused()
    {
        using var fisher = new Fisher();
        Write(fisher);
        string none = fisher.Write<float>("none.npy", [], 6, 0);
        Refused(
            Fisher.Run("score", "--rule", "xtx", "--features", none, "--pairs", fisher.PathOf("pairs.npy"), "--out",
                fisher.PathOf("s.npy")),
            "rows of no numbers");
    }

    [Test]
    public void Without_a_command_the_hint_is_one_that_works()
    {
        Refused(Fisher.Run(), "'fisher --help' lists what there is");
        Refused(Fisher.Run("train"), "'fisher train --help' lists what there is");
    }

    [Test]
    public void A_strategy_that_is_not_there_lists_those_that_are()
    {
        Refused(Fisher.Run("run", "--strategies", "random,best"), "no strategy 'best'; there are random, entropy");
        Refused(Fisher.Run("run", "--strategies", "dopt+luck"), "dopt+luck");
        Refused(Fisher.Run("run", "--strategies", "dopt+sample=2"), "dopt+sample=2");
        Refused(Fisher.Run("run", "--strategies", "dopt+power=0"), "β of 'dopt+power=0'");
        Refused(Fisher.Run("run", "--strategies", "dopt+softmax=much"), "β of 'dopt+softmax=much'");
        Refused(Fisher.Run("run", "--strategies", "dopt+power,dopt+sample"), "names one twice");
    }

    [Test]
    public void A_folder_without_data_is_refused()
    {
        using var fisher = new Fisher();
        Refused(Fisher.Run("run", "--data", fisher.Folder, "--out", fisher.PathOf("run")), "embd_GEN_EMBED_TASK_train.npy");
        Refused(Fisher.Run("run", "--data", fisher.PathOf("nowhere"), "--out", fisher.PathOf("run")), "There is no folder");
        Assert.That(Directory.Exists(fisher.PathOf("run")), Is.False);
    }

    [TestCase("hidden.1.weight", "hidden.1.weight is 4×3, expected 4×64")]
    [TestCase("extra", "a tensor extra")]
    [TestCase("head.weight", "no tensor head.weight")]
    [TestCase("hidden.0.bias", "no tensor hidden.0.bias")]
    public void A_model_file_with_other_tensors_is_refused(string change, string message)
    {
        using var fisher = new Fisher();
        Write(fisher);
        Fisher.Do([.. Train(fisher)]);
        string path = fisher.PathOf("m.safetensors");
        SafetensorsFile file = SafetensorsFile.Read(path);
        var tensors = file.Names.Where(name => name != change || change == "hidden.1.weight")
            .Select(name => (name, file.Shape(name).ToArray(), file.Singles(name))).ToList();
        if (change == "extra")
        {
            tensors.Add(("extra", [1], [1f]));
        }
        else if (change == "hidden.1.weight")
        {
            tensors[tensors.FindIndex(tensor => tensor.name == "hidden.1.weight")] = ("hidden.1.weight", [4, 3], new float[12]);
            tensors[tensors.FindIndex(tensor => tensor.name == "hidden.1.bias")] = ("hidden.1.bias", [4], new float[4]);
        }

        SafetensorsFile.Write(path, tensors, file.Metadata);

        Assert.That(() => ModelFile.Load(path), Throws.TypeOf<FisherKernels.Learning.InputException>().With.Message.Contains(message));
    }

    [Test]
    public void Another_activation_than_the_file_has_is_refused()
    {
        using var fisher = new Fisher();
        Write(fisher);
        Fisher.Do([.. Train(fisher)]);
        Refused(
            Fisher.Run([.. Train(fisher), "--init", fisher.PathOf("m.safetensors"), "--activation", "relu"]), "made with activation gelu");
    }

    [Test]
    public void A_folder_that_is_not_there_cannot_be_written_to()
    {
        using var fisher = new Fisher();
        Write(fisher);
        string[] command = Train(fisher);
        command[Array.IndexOf(command, "--out") + 1] = fisher.PathOf("nowhere/m.safetensors");
        Refused(Fisher.Run(command), "there is no folder");
    }

    [TestCase("1e300")]
    [TestCase("-1")]
    [TestCase("NaN")]
    public void A_ridge_has_a_range(string ridge)
    {
        using var fisher = new Fisher();
        fisher.Write("phi.npy", Psi, 6, 4);
        fisher.Write<int>("pairs.npy", [0, 1, 2, 3, 4, 5], 3, 2);
        Refused(
            Fisher.Run("score", "--rule", "xtx", "--features", fisher.PathOf("phi.npy"), "--pairs", fisher.PathOf("pairs.npy"), "--ridge",
                ridge, "--out", fisher.PathOf("s.npy")),
            "λ must be finite and not negative, and at most 1e100");
        Assert.That(File.Exists(fisher.PathOf("s.npy")), Is.False);
    }

    [Test]
    public void A_disk_that_is_full_is_a_failure_that_names_the_file()
    {
        if (!File.Exists("/dev/full"))
        {
            Assert.Ignore("This system has no /dev/full to write to.");
        }

        using var fisher = new Fisher();
        Assert.That(
            () => AtomicFile.Write(fisher.PathOf("m.npy"), _ =>
            {
                using var full = new FileStream("/dev/full", FileMode.Open, FileAccess.Write, FileShare.ReadWrite, 0);
                full.Write(new byte[1]);
            }),
            Throws.TypeOf<IOException>().With.Message.Contains("m.npy could not be written"));
        Assert.That(Directory.GetFiles(fisher.Folder), Is.Empty);
    }

    [Test]
    public void Results_that_cannot_be_written_are_a_failure_that_says_so()
    {
        using var said = new StringWriter();
        using var results =
            new NamedWriter(new Broken(), exception => throw new IOException("standard output: " + exception.Message, exception));

        int code = Cli.CommandLine.RunAsync(["devices"], new Output(results, said, IsTerminal: false)).GetAwaiter().GetResult();

        Assert.That(code, Is.EqualTo(1));
        Assert.That(said.ToString(), Is.EqualTo($"fisher: standard output: no space{Environment.NewLine}"));
    }

    [Test]
    public void A_fault_of_the_program_is_a_sentence_and_no_stack_trace()
    {
        using var said = new StringWriter();

        int code = Cli.CommandLine.RunAsync(
            ["devices"], new Output(new Broken(new DivideByZeroException("by zero")), said, IsTerminal: false)).GetAwaiter().GetResult();

        Assert.That(code, Is.EqualTo(1));
        Assert.That(said.ToString(),
            Does.Contain("DivideByZeroException: by zero").And.Contain("FISHER_TRACE=1").And.Not.Contain("   at "));
    }

    private sealed class Broken(Exception? exception = null) : StringWriter
    {
        public override void Write(char value) => throw exception ?? new IOException("no space");

        public override void Write(string? value) => Write(' ');

        public override void WriteLine(string? value) => Write(' ');
    }

    private static TestCaseData Case(string name, Action<Fisher> spoil, string message) =>
        new TestCaseData((Action<object>)(fisher => spoil((Fisher)fisher)), message).SetArgDisplayNames(name);

    internal static void Refused(Said said, string message)
    {
        Assert.That(said.Error, Does.Contain(message));
        Assert.That(said.Code, Is.EqualTo(2));
        Assert.That(said.Out, Is.Empty);
    }

    internal static void Write(Fisher fisher)
    {
        fisher.Write("psi.npy", Psi, 2, 3, 4);
        fisher.Write<int>("pairs.npy", [0, 1, 2, 3, 4, 5], 3, 2);
        fisher.Write<float>("labels.npy", [1, 0, 0.5f], 3);
    }

    internal static string[] Train(Fisher fisher, string embeddings = "psi.npy", string output = "m.safetensors") =>
    [
        "train", "--embeddings", fisher.PathOf(embeddings), "--pairs", fisher.PathOf("pairs.npy"), "--labels", fisher.PathOf("labels.npy"),
        .. embeddings == "psi.npy" ? (string[])["--out", fisher.PathOf(output)] : ["--out", fisher.PathOf("other.safetensors")],
        .. (string[])["--device", "cpu"],
    ];

    private static void Truncate(string path)
    {
        byte[] bytes = File.ReadAllBytes(path);
        File.WriteAllBytes(path, bytes[..^5]);
    }

    private static void Header(Fisher fisher, string dictionary) => File.WriteAllBytes(
        fisher.PathOf("psi.npy"),
        [0x93, .. "NUMPY"u8, 1, 0, (byte)(dictionary.Length + 1), 0, .. Encoding.ASCII.GetBytes(dictionary + "\n"), .. new byte[96]]);
}
