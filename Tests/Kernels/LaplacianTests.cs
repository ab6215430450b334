using FisherKernels.Kernels;
using FisherKernels.Kernels.Cpu;
using FisherKernels.Learning;
using NUnit.Framework;

namespace FisherKernels.Tests;

/// <summary>Looking ahead changes nothing but the time; the operation itself is held to its definition in Mathematics.</summary>
public class LaplacianTests
{
    [Test]
    public void Rows_of_the_Laplacian_are_the_same_whether_near_or_far()
    {
        const int responses = 40, n = 300, d = 64 + 16 + 3;
        var random = new SeededRandom(5);
        float[] phi = [.. Enumerable.Range(0, responses * d).Select(_ => (float)random.NextNormal())],
            v = [.. Enumerable.Range(0, n).Select(_ => (float)random.NextUniform())];

        // The last ten responses are in no pair: who looks ahead must not look for an owner among them.
        Pair[] pairs = [.. Enumerable.Range(0, n).Select(i => new Pair(i % 30, (i % 30 + 1 + random.NextBelow(29)) % 30))];
        int[] starts = new int[responses + 1], incident = new int[2 * n];
        PairGraph.Sort(pairs, responses, starts, incident);

        Assert.That(Rows<Laplacian.Far>(), Is.EqualTo(Rows<Laplacian.Near>()));
        Assert.That(Rows<Laplacian.Near>(), Has.Some.Not.Zero);

        unsafe double[] Rows<TReach>()
            where TReach : struct, Laplacian.IReach
        {
            double[] sums = new double[responses * d];
            fixed (int* pinnedStarts = starts, pinnedIncident = incident)
            fixed (Pair* pinnedPairs = pairs)
            fixed (float* pinnedPhi = phi, pinnedV = v)
            fixed (double* to = sums)
            {
                for (int a = 0; a < responses; a++)
                {
                    Laplacian.Row<TReach>(a, pinnedStarts, pinnedIncident, 2 * n, pinnedPairs, pinnedV, pinnedPhi, d, to + a * d);
                }
            }

            return sums;
        }
    }
}
