using System.Diagnostics;
using FisherKernels.Bench.Cases;
using FisherKernels.Kernels;
using FisherKernels.Learning.Design;

namespace FisherKernels.Bench.Live;

/// <summary>What each label took, and how far the scores were off.</summary>
/// <param name="Milliseconds">[labels], from a label's arrival to the next pair.</param>
/// <param name="Refreshed">Labels, from 0, at which all was computed afresh.</param>
/// <param name="Bytes">Allocated by all labels together.</param>
/// <param name="Collections">Of garbage, meanwhile.</param>
/// <param name="LargestDrift">Largest |g − fresh| over the largest fresh g, of all looks.</param>
/// <param name="LastDrift">The same after the last label.</param>
/// <param name="Looks">How often the scores were compared.</param>
internal sealed record LiveRun(
    double[] Milliseconds, int[] Refreshed, long Bytes, int Collections, double LargestDrift, double LastDrift, int Looks)
{
    private const int EarlyLooks = 20, LookEvery = 100;

    /// <summary>Measures, then teaches a second design the same labels and compares: looking is in no measured time.</summary>
    public static LiveRun Measure(LiveSettings settings, CancellationToken cancellation)
    {
        SelectionProblem problem = settings.Draw();
        // Whatever is made once is made here; and what is computed afresh, some 19 times a run, is compiled anew after thirty times
        // and thirty more: one of them takes 5 ms then.
        for (int run = 0; run < 5; run++)
        {
            Teach(settings.Open(problem), new double[settings.Labels], new bool[settings.Labels]);
            cancellation.ThrowIfCancellationRequested();
        }

        var (milliseconds, refreshed) = (new double[settings.Labels], new bool[settings.Labels]);
        SequentialDesign design = settings.Open(problem);
        GC.Collect();
        (int collections, long bytes) = (Collected(), GC.GetAllocatedBytesForCurrentThread());
        Teach(design, milliseconds, refreshed);
        (bytes, collections) = (GC.GetAllocatedBytesForCurrentThread() - bytes, Collected() - collections);
        (double largest, double last, int looks) = Drift(settings, problem, cancellation);
        return new(milliseconds, [.. Enumerable.Range(0, settings.Labels).Where(j => refreshed[j])], bytes, collections, largest, last,
            looks);

        static int Collected() => GC.CollectionCount(0) + GC.CollectionCount(1) + GC.CollectionCount(2);
    }

    private static void Teach(SequentialDesign design, double[] milliseconds, bool[] refreshed)
    {
        NextPair? next = design.Query();
        for (int label = 0; label < milliseconds.Length; label++)
        {
            int before = design.Refreshes;
            long start = Stopwatch.GetTimestamp();
            design.Teach(next!.Value.Candidate);
            next = design.Query();
            milliseconds[label] = (Stopwatch.GetTimestamp() - start) * 1e3 / Stopwatch.Frequency;
            refreshed[label] = design.Refreshes > before;
        }
    }

    private static (double Largest, double Last, int Looks) Drift(
        LiveSettings settings, SelectionProblem problem, CancellationToken cancellation)
    {
        (int d, float[] phi, Pair[] pairs) = (settings.Width, problem.Features.Numbers, problem.Candidates);
        using Backend on = Backend.Open(BackendKind.Cpu);
        using DeviceArray<float> features = on.Upload<float>(phi, settings.Responses, d),
            rewards = on.Upload<float>(problem.Rewards.Numbers, settings.Responses);
        using DeviceArray<double> inverse = on.Allocate<double>(d, d), whitened = on.Allocate<double>(settings.Responses, d);
        using PairGraph graph = on.Graph(pairs, settings.Responses);
        using DeviceArray<float> variances = FisherDesign.Variances(graph, rewards);
        float[] v = variances.ToArray();
        double[] information = new double[d * d], z = new double[settings.Responses * d];
        SequentialDesign design = settings.Open(problem);
        (double largest, double last, int looks) = (0, 0, 0);
        for (int label = 1; label <= settings.Labels; label++)
        {
            int next = design.Query()!.Value.Candidate;
            (int a, int b) = (pairs[next].First * d, pairs[next].Second * d);
            for (int j = 0; j < d; j++)
            {
                for (int k = 0; k < d; k++)
                {
                    information[j * d + k] += v[next] * ((double)phi[a + j] - phi[b + j]) * ((double)phi[a + k] - phi[b + k]);
                }
            }

            design.Teach(next);
            if (label <= EarlyLooks || label % LookEvery == 0 || label == settings.Labels)
            {
                cancellation.ThrowIfCancellationRequested();
                inverse.CopyFrom(new PrecisionMatrix(d, settings.Ridge, information).InverseCholesky);
                on.Whiten(features, inverse, whitened);
                whitened.CopyTo(z);
                last = Distance(design.Gradient, pairs, z, v, d);
                (largest, looks) = (Math.Max(largest, last), looks + 1);
            }
        }

        return (largest, last, looks);
    }

    private static double Distance(ReadOnlySpan<double> scores, Pair[] pairs, double[] z, float[] v, int d)
    {
        double off = 0, largest = 0;
        for (int i = 0; i < pairs.Length; i++)
        {
            if (!double.IsNaN(scores[i]))
            {
                double distance2 = 0;
                for (int j = 0; j < d; j++)
                {
                    double difference = z[pairs[i].First * d + j] - z[pairs[i].Second * d + j];
                    distance2 += difference * difference;
                }

                (off, largest) = (Math.Max(off, Math.Abs(scores[i] - v[i] * distance2)), Math.Max(largest, v[i] * distance2));
            }
        }

        return largest == 0 ? 0 : off / largest;
    }
}
