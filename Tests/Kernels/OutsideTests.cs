using System.Reflection;
using System.Runtime.CompilerServices;
using FisherKernels.Bench.Cases;
using FisherKernels.Kernels;
using FisherKernels.Learning;
using FisherKernels.Learning.Acquisition;
using FisherKernels.Learning.Loop;
using FisherKernels.Learning.Pools;
using FisherKernels.Learning.Selection;
using FisherKernels.Outside;
using NUnit.Framework;

namespace FisherKernels.Tests;

/// <summary>A backend that was written against the public API alone is registered, opened, tested and used as our own are.</summary>
public sealed class OutsideTests
{
    // A plain loop takes a nanosecond or two for a step: of what is there for benchmarks it is spared the largest.
    private const long Most = 30_000_000;

    private Backend _outside = null!, _cpu = null!;

    public static IEnumerable<string> Operations => OperationCases.All.Select(one => one.Operation).Distinct();

    [OneTimeSetUp]
    public void Open()
    {
        Backend.Register(new OutsideProvider());
        (_outside, _cpu) = (Backend.Open(OutsideProvider.BackendName), Backend.Open(BackendKind.Cpu));
    }

    [OneTimeTearDown]
    public void Close()
    {
        _outside.Dispose();
        _cpu.Dispose();
    }

    [Test]
    public void Nothing_opens_its_internals_to_it() => Assert.That(
        ((Assembly[])[typeof(Backend).Assembly, typeof(ActiveLearner).Assembly])
            .SelectMany(assembly => assembly.GetCustomAttributes<InternalsVisibleToAttribute>())
            .Select(friend => friend.AssemblyName),
        Has.None.EqualTo(typeof(OutsideProvider).Assembly.GetName().Name));

    [Test]
    public void It_is_opened_by_its_name_and_listed_after_the_cpu()
    {
        Assert.That(_outside, Is.InstanceOf<OutsideBackend>());
        Assert.That((_outside.Name, _outside.Kind), Is.EqualTo(("outside", BackendKind.Other)));
        Assert.That(_outside.Why, Is.EqualTo("asked for by name"));
        Assert.That(Backend.Devices().Select(device => device.Backend).SkipWhile(name => name != "cpu"), Does.Contain("outside"));
    }

    [TestCaseSource(nameof(Operations))]
    public void It_agrees_with_the_cpu(string operation)
    {
        using IDisposable all = Assert.EnterMultipleScope();
        foreach (OperationCase one in OperationCases.All.Where(one => one.Operation == operation && (!one.Large || one.Work <= Most)))
        {
            Expect.Close(one, one.Run(_outside), one.Run(_cpu));
        }
    }

    [Test]
    public void A_learner_asks_for_the_pairs_that_it_asks_for_on_the_cpu([Values("padopt", "dopt", "dopt+greedy", "badge")] string strategy)
    {
        float[] embeddings = [.. Enumerable.Range(1, 40 * 6).Select(j => j * 0.6180340f % 1 * (j % 3 == 0 ? -1 : 1))];
        using EmbeddingPool pool = EmbeddingPool.FromArray(embeddings, 6, [.. Enumerable.Range(0, 40).Select(row => (long)(row / 8))]);
        var options = new SelectionOptions { Strategy = Strategy.Parse(strategy), BatchSize = 5, Seed = 1 };
        ActiveLearner here = new(_cpu, pool, options), there = new(_outside, pool, options);
        Comparison[] answers = [.. here.Query().Pairs.Select((pair, i) => new Comparison(pair, i % 2))];

        // A model that was trained there is one, and the model that is compared is the same.
        Assert.That(there.Teach(answers).Model, Is.Not.Null);
        here.Teach(answers);
        there = new(_outside, pool, options);
        there.Remember(answers, here.Model);

        Assert.That(there.Query().Pairs, Is.EqualTo(here.Query().Pairs));
    }
}
