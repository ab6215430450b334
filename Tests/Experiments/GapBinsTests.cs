using CsCheck;
using FisherKernels.Bench.Experiments.Page;
using NUnit.Framework;

namespace FisherKernels.Tests.Experiments;

public class GapBinsTests
{
    [Test]
    public void Few_whole_gaps_have_a_bin_each()
    {
        var bins = new GapBins([3, 1, 1, 6, 0, 2, 2, 2]);

        Assert.That(bins.Middles, Is.EqualTo((double[])[0, 1, 2, 3]),
            "where there are so few, the last is the one in a hundred that lies beyond");
        Assert.That(bins.Shares([0, 1, 1, 2, 2, 2, 3, 6]), Is.EqualTo((double[])[1 / 8.0, 2 / 8.0, 3 / 8.0, 2 / 8.0]).Within(1e-15));
    }

    // Rewards as files have them: multiples of a step in float32.
    [TestCase(1f, 7)]
    [TestCase(1f, 24)]
    [TestCase(1f, 25)]
    [TestCase(1f, 31)]
    [TestCase(1f, 100)]
    [TestCase(0.5f, 60)]
    [TestCase(0.1f, 60)]
    [TestCase(0.1f, 300)]
    [TestCase(0.01f, 480)]
    public void Equally_frequent_steps_are_a_flat_line(float step, int values)
    {
        double[] gaps = [.. Enumerable.Range(0, values).Select(k => Math.Abs((double)(7 * step) - (7 + k) * step))];
        var bins = new GapBins(gaps);
        double[] shares = bins.Shares(gaps);

        Assert.That(bins.Middles.Length, Is.InRange(Math.Min(values - 1, 12), 24));
        Assert.That(shares[..^1], Is.All.EqualTo(shares[0]).Within(1e-12));
        int upToEnd = (int)(0.99 * (values - 1)) + 1;
        Assert.That(shares[0] * values, Is.EqualTo(Math.Ceiling(upToEnd / 24.0)).Within(1e-9));
    }

    [Test]
    public void Gaps_of_any_size_have_bins_that_divide_the_range()
    {
        double[] gaps = [.. Enumerable.Range(1, 1000).Select(k => Math.Sqrt(k))];
        double end = Math.Sqrt(990), width = end / 24;

        var bins = new GapBins(gaps);

        Assert.That(bins.Middles, Is.EqualTo(Enumerable.Range(0, 24).Select(bin => (bin + 0.5) * width)).Within(1e-12));
        Assert.That(
            bins.Shares(gaps),
            Is.EqualTo(Enumerable.Range(0, 24).Select(bin => gaps.Count(gap => Math.Min((int)(gap / width), 23) == bin) / 1000.0))
                .Within(1e-12));
    }

    [TestCase(new double[] { })]
    [TestCase(new double[] { 0, 0 })]
    [TestCase(new double[] { 5 })]
    [TestCase(new[] { 0.3, 1e9 })]
    public void Hardly_any_gaps_are_no_reason_to_fail(double[] gaps)
    {
        var bins = new GapBins(gaps);
        Assert.That(bins.Middles, Is.Not.Empty.And.Ordered.Ascending.And.All.Matches<double>(double.IsFinite));
        Assert.That(bins.Shares(gaps).Sum(), Is.EqualTo(gaps.Length == 0 ? 0 : 1).Within(1e-12));
    }

    [Test]
    public void Every_gap_is_in_one_bin() =>
        Gen.Select(Gen.Double[0, 50].Array[1, 200], Gen.OneOfConst(0, 0.25, 1, 3)).Sample((any, step) =>
        {
            double[] gaps = [.. any.Select(gap => step > 0 ? Math.Round(gap / step) * step : gap)];
            var bins = new GapBins(gaps);
            Assert.That(bins.Middles.Length, Is.InRange(1, 24));
            Assert.That(bins.Shares(gaps).Sum(), Is.EqualTo(1).Within(1e-9));
        });
}
