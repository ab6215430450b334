using FisherKernels.Kernels;
using FisherKernels.Learning;
using FisherKernels.Learning.Models;
using FisherKernels.Storage;

namespace FisherKernels.Tests.Apps;

/// <summary>A pool on the disk: 30 prompts with 4 answers each, random embeddings of width 4, and models of it that are made by
/// hand.</summary>
internal sealed class SelectPool : IDisposable
{
    public const int Prompts = 30, PerPrompt = 4, Width = 4, Responses = Prompts * PerPrompt, Pairs = Prompts * 6;

    private readonly Fisher _fisher = new();

    /// <param name="change">What is done to the embeddings, [R, D] row by row.</param>
    public SelectPool(Action<float[]>? change = null)
    {
        var random = new SeededRandom(4);
        Psi = [.. Enumerable.Range(0, Responses * Width).Select(_ => (float)random.NextNormal())];
        change?.Invoke(Psi);
        Embeddings = _fisher.Write("psi.npy", Psi, Prompts, PerPrompt, Width);
        Model = Save("model", 1, 1, 0);
    }

    public float[] Psi { get; }

    public string Embeddings { get; }

    public string Model { get; }

    public string Out => PathOf("next.npy");

    public string PathOf(string name) => _fisher.PathOf(name);

    public string Write<T>(string name, T[] numbers, params long[] shape)
        where T : unmanaged => _fisher.Write(name, numbers, shape);

    /// <summary>A file of pairs.</summary>
    public string Listed(string name, params (long First, long Second)[] pairs) =>
        Write<long>(name, [.. pairs.SelectMany(pair => new[] { pair.First, pair.Second })], pairs.Length, 2);

    /// <summary>A ReLU model with weights and head times these and every bias that.</summary>
    public string Save(string name, float weights, float head, float bias)
    {
        var model = BradleyTerryMlp.Untrained(new MlpShape(Width, [3], Activation.Relu), null, 2);
        for (int j = 0; j < 3 * Width; j++)
        {
            model.Parameters[j] *= weights;
        }

        model.Parameters.AsSpan(model.Shape.BiasStart(0), 3).Fill(bias);
        foreach (ref float weight in model.Parameters.AsSpan(model.Shape.WeightStart(1), 3))
        {
            weight *= head;
        }

        ModelFile.Save(PathOf($"{name}.safetensors"), model);
        return PathOf($"{name}.safetensors");
    }

    /// <summary>Runs select on the pool; by a rule that needs one with the model.</summary>
    public Said Select(params string[] more) => Fisher.Run(Command(more));

    /// <summary>Runs select, which has to succeed, and reads what it chose.</summary>
    public (long First, long Second)[] Chosen(params string[] more)
    {
        Fisher.Do(Command(more));
        return SelectTests.Pairs(Out);
    }

    public void Dispose() => _fisher.Dispose();

    private string[] Command(string[] more) =>
        ["select", "--embeddings", Embeddings, .. more.Contains("--model")
            ? [] : (string[])["--model", Model], "--device", "cpu", "--out", Out, .. more];
}
