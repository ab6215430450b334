namespace FisherKernels.Kernels;

/// <summary>Every operation once, tiny, on a device and on the CPU: run when a device is opened.</summary>
internal static class SelfTest
{
    private const int Responses = 5, Inputs = 3, Width = 2;

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
        Pair[] pairs = [new(0, 1), new(3, 1), new(2, 4), new(1, 0), new(4, 3), new(0, 3)];
        using PairGraph graph = on.Graph(pairs, Responses);
        using DeviceArray<float> x = Numbers(on, Responses, Inputs), theta = Numbers(on, Width, Inputs), bias = Numbers(on, Width);
        using DeviceArray<float> y = on.Allocate<float>(Responses, Width), phi = on.Allocate<float>(Responses, Width);
        using DeviceArray<float> dphi = Numbers(on, Responses, Width), dx = on.Allocate<float>(Responses, Inputs);
        using DeviceArray<float> dtheta = Numbers(on, Width, Inputs), dbias = Numbers(on, Width);
        using DeviceArray<float> m = on.Allocate<float>(Width, Inputs), s = on.Allocate<float>(Width, Inputs);
        using DeviceArray<float> r = Numbers(on, Responses), dr = on.Allocate<float>(Responses);
        using DeviceArray<float> h = on.Upload<float>([1, 0, 1, 0.5f, 0, 1], 6);
        using DeviceArray<float> loss = on.Allocate<float>(6), v = on.Allocate<float>(6), g = on.Allocate<float>(6);
        using DeviceArray<double> fisher = on.Allocate<double>(Width, Width), z = on.Allocate<double>(Responses, Width);
        using DeviceArray<double> inverse = on.Upload<double>([0.5, double.NaN, -0.25, 2], Width, Width);
        using DeviceArray<float> gathered = on.Allocate<float>(3, Inputs);

        begin?.Invoke(nameof(on.Gather));
        on.Gather(x, [4, 0, 4], gathered);
        yield return (nameof(on.Gather), Read(gathered));

        begin?.Invoke(nameof(on.Linear));
        on.Linear(x, theta, bias, y);
        yield return (nameof(on.Linear), Read(y));

        foreach (Activation activation in Enum.GetValues<Activation>())
        {
            begin?.Invoke(nameof(on.LinearActivate));
            on.LinearActivate(activation, x, theta, bias, y, phi);
            yield return (nameof(on.LinearActivate), [.. Read(y), .. Read(phi)]);

            begin?.Invoke(nameof(on.Activate));
            on.Activate(activation, y, phi);
            yield return (nameof(on.Activate), Read(phi));

            begin?.Invoke(nameof(on.ActivateBackward));
            on.ActivateBackward(activation, y, dphi, dphi);
            yield return (nameof(on.ActivateBackward), Read(dphi));
        }

        begin?.Invoke(nameof(on.LinearBackward));
        on.LinearBackward(x, theta, dphi, dx, dtheta, dbias);
        yield return (nameof(on.LinearBackward), [.. Read(dx), .. Read(dtheta), .. Read(dbias)]);

        begin?.Invoke(nameof(on.Adam));
        on.Adam(theta, dtheta, m, s, new AdamStep(2, WeightDecay: 0.1f));
        yield return (nameof(on.Adam), [.. Read(theta), .. Read(m), .. Read(s)]);

        begin?.Invoke(nameof(on.BradleyTerry));
        on.BradleyTerry(graph, r, h, loss, dr);
        yield return (nameof(on.BradleyTerry), [.. Read(loss), .. Read(dr)]);

        begin?.Invoke(nameof(on.PairVariances));
        on.PairVariances(graph, r, v);
        yield return (nameof(on.PairVariances), Read(v));

        begin?.Invoke(nameof(on.Information));
        on.Information(graph, y, v, fisher);
        yield return (nameof(on.Information), fisher.ToArray());

        begin?.Invoke(nameof(on.Whiten));
        on.Whiten(y, inverse, z);
        yield return (nameof(on.Whiten), z.ToArray());

        begin?.Invoke(nameof(on.LogDetGradient));
        on.LogDetGradient(graph, z, v, g);
        yield return (nameof(on.LogDetGradient), Read(g));

        // All six: whichever of two close ones comes first, the scores are close.
        begin?.Invoke(nameof(on.Best));
        using DeviceArray<double> past = on.Upload<double>([1, 0.25, 0.25, 2], Width, Width);
        BestPairs best = on.Best(graph, y, v, past, 0.5, g, 6);
        PrecisionMatrix judged = best.Precision;
        yield return (
            nameof(on.Best), [.. Read(g), .. best.Scores.Select(score => (double)score), .. judged.Precision, judged.LogDeterminant]);

        begin?.Invoke(nameof(on.CreateSelector));
        using DOptimalSelector selector = on.CreateSelector();
        float[] gradients = new float[6];
        double logDeterminant = selector.Select(y.ToArray(), Width, r.ToArray(), pairs, past: [], ridge: 0.5, new int[6], gradients);
        yield return (nameof(on.CreateSelector), [logDeterminant, .. gradients.Select(gradient => (double)gradient)]);

        // Two of the first three pairs at most, and 6 to spend: the choices are far apart, but for pairs 0 and 3, which are the same and
        // tie.
        begin?.Invoke(nameof(on.Greedy));
        var limits = new PairLimits([0, 0, 0, 1, 1, 1], [2, 3], [1, 2, 1, 1, 3, 1], 6);
        GreedyBatch batch = on.Greedy(graph, y, v, new PrecisionMatrix(Width, 0.5), 6, limits);
        yield return (nameof(on.Greedy), [.. batch.Indices.Select(number => (double)number), .. batch.Gains]);

        begin?.Invoke(nameof(on.AllPairsInformation));
        on.AllPairsInformation(y, r, fisher);
        yield return (nameof(on.AllPairsInformation), fisher.ToArray());

        // Every pair: whichever of two close ones comes first, the scores are close.
        begin?.Invoke(nameof(on.AllPairsTop));
        float[] scores = on.AllPairsTop(z, r, Responses * (Responses - 1) / 2).Scores;
        yield return (nameof(on.AllPairsTop), [.. scores.Select(score => (double)score)]);

        begin?.Invoke(nameof(on.AllPairsBest));
        BestOfAllPairs ofAll = on.AllPairsBest(y, r, past, 0.5, Responses * (Responses - 1) / 2);
        yield return (nameof(on.AllPairsBest), [.. ofAll.Scores.Select(score => (double)score), .. ofAll.Precision.Precision]);

        // Of its own exact scores, with a tie: those above may be ordered differently after rounding.
        begin?.Invoke(nameof(on.Top));
        using DeviceArray<float> score = on.Upload<float>([0.5f, -1, 0.5f, 2, 0, float.NaN], 6);
        yield return (nameof(on.Top), [.. on.Top(score, 3).Select(number => (double)number)]);
    }

    // Fixed numbers of both signs in (−1, 1), none of them twice.
    private static DeviceArray<float> Numbers(Backend on, int rows, int columns = 1) =>
        on.Upload<float>([.. Enumerable.Range(1, rows * columns).Select(j => j * 0.6180340f % 1 * (j % 3 == 0 ? -1 : 1))], rows, columns);

    private static double[] Read(DeviceArray<float> array) => [.. array.ToArray().Select(number => (double)number)];
}
