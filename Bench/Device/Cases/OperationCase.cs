using FisherKernels.Kernels;

namespace FisherKernels.Bench.Cases;

/// <summary>One line of the table of operations and sizes that tests and benchmarks share.</summary>
/// <param name="Operation">Name of the operation.</param>
/// <param name="Size">Its sizes, and what is special about its inputs.</param>
/// <param name="Work">Innermost steps, about: what a slow device may be spared.</param>
/// <param name="Tolerance">How close to the definition.</param>
/// <param name="Make">Draws the inputs; the same ones each time.</param>
public sealed record OperationCase(string Operation, string Size, long Work, Tolerance Tolerance, Func<Operation> Make)
{
    /// <summary>More than a test of correctness needs: for benchmarks, and once for each real device.</summary>
    public bool Large { get; init; }

    /// <summary>The right answer holds nothing but zeros (or nothing at all); elsewhere such an answer is a failure.</summary>
    public bool ZeroIsRight { get; init; }

    /// <summary>Runs once on <paramref name="backend"/>; refuses a backend that writes to an input.</summary>
    public IReadOnlyList<double[]> Run(Backend backend)
    {
        using Trial trial = Make().Prepare(backend);
        trial.Launch();
        IReadOnlyList<string> spoiled = trial.Spoiled();
        return spoiled.Count == 0
            ? trial.Outputs()
            : throw new InvalidOperationException($"{this} on {backend.Device} wrote to its input {string.Join(", ", spoiled)}.");
    }

    public override string ToString() => $"{Operation} {Size}";
}
