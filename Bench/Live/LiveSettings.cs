using FisherKernels.Bench.Cases;
using FisherKernels.Kernels;
using FisherKernels.Learning.Design;

namespace FisherKernels.Bench.Live;

/// <summary>A service that asks one pair at a time.</summary>
/// <param name="Labels">Labels that come in, at most <paramref name="Candidates"/>.</param>
/// <param name="Candidates">n.</param>
/// <param name="Responses">R ≥ 2.</param>
/// <param name="Width">d ≥ 1.</param>
/// <param name="Ridge">λ &gt; 0; nothing is labelled before.</param>
/// <param name="Seed">Of everything drawn.</param>
internal sealed record LiveSettings(int Labels, int Candidates, int Responses, int Width, double Ridge, int Seed)
{
    public const int UsualLabels = 10_000;

    public static LiveSettings Usual { get; } = new(UsualLabels, 22_500, 5_000, 64, 1e-6, 1);

    public SelectionProblem Draw() => SelectionProblem.Create(Responses, Width, Candidates, Seed);

    /// <summary>Nothing labelled yet.</summary>
    public SequentialDesign Open(SelectionProblem problem)
    {
        using Backend on = Backend.Open(BackendKind.Cpu);
        using DeviceArray<float> features = on.Upload<float>(problem.Features.Numbers, Responses, Width);
        using DeviceArray<float> rewards = on.Upload<float>(problem.Rewards.Numbers, Responses);
        using PairGraph candidates = on.Graph(problem.Candidates, Responses);
        return new SequentialDesign(candidates, features, rewards, ridge: Ridge);
    }
}
