namespace FisherKernels.Kernels;

/// <summary>Every operation once, tiny, on a device and on the CPU: run when a device is opened.</summary>
internal static class SelfTest
{
    /// <summary>Null where the device agrees with the CPU, else what went wrong.</summary>
    public static string? Run(Backend device)
    {
        using var cpu = Backend.Open(BackendKind.Cpu, threads: 1);
        string operation = nameof(device.Upload);
        try
        {
            using IEnumerator<(string Operation, double[] Result)> expected = Results(cpu).GetEnumerator();
            foreach ((string name, double[] result) in Results(device, begun => operation = begun))
            {
                expected.MoveNext();
                if (Difference(name, result, expected.Current.Result) is { } difference)
                {
                    return difference;
                }
            }

            return null;
        }
        catch (Exception exception)
        {
            // Compilers and drivers fail with types of their own; each of them means that the device is of no use.
            return $"{operation}: {exception.GetType().Name}: {exception.Message}";
        }
    }

    /// <summary>Null where two results agree.</summary>
    internal static string? Difference(string operation, double[] got, double[] want)
    {
        for (int j = 0; j < want.Length; j++)
        {
            // Float32 results of a handful of terms of size 1: a broken kernel is not off by a rounding.
            if (!(Math.Abs(got[j] - want[j]) <= 1e-5 * (1 + Math.Abs(want[j]))))
            {
                return FormattableString.Invariant($"{operation} gives {got[j]:R} at {j}, expected {want[j]:R}");
            }
        }

        return null;
    }

    /// <summary>Each step's operation and what it gives on a backend.</summary>
    internal static IEnumerable<(string Operation, double[] Result)> Results(Backend on, Action<string>? begin = null)
    {
        using var steps = new SelfTestSteps(on, begin);
        foreach ((string Operation, double[] Result) step in steps.Results())
        {
            yield return step;
        }
    }
}
