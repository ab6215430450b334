using System.Globalization;
using FisherKernels.Learning;
using FisherKernels.Learning.Models;

namespace FisherKernels.Bench.Experiments.Curves;

/// <summary>When training ends: early, on comparisons held out from learning, or after a number of steps on all of them.</summary>
/// <param name="Steps">Null for early.</param>
internal sealed record Stopping(int? Steps)
{
    /// <summary>As users write it.</summary>
    public string Name => Steps is int steps ? steps.ToString(CultureInfo.InvariantCulture) : "early";

    /// <summary>From its name.</summary>
    /// <exception cref="InputException">Neither early nor a number of steps.</exception>
    public static Stopping Parse(string text) => text == "early" ? new Stopping((int?)null)
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int steps) && steps > 0 ? new Stopping(steps)
        : throw new InputException($"--stops has '{text}'; expected early or a number of steps of at least 1.");

    /// <summary>Training that ends so.</summary>
    public TrainingOptions Of(TrainingOptions usual) => Steps is int steps ? usual with { Steps = steps, Validation = 0 } : usual;
}
