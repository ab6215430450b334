using FisherKernels.Kernels;
using NUnit.Framework;

namespace FisherKernels.Tests;

/// <summary>Which backends are known, in which order they are tried, and what is said where one is not.</summary>
public sealed class RegistryTests
{
    [Test]
    public void Without_registration_auto_is_the_cpu_and_says_how_to_register()
    {
        using Backend opened = BackendRegistry.Initial.Open("auto", 1);
        Assert.That(opened.Kind, Is.EqualTo(BackendKind.Cpu));
        Assert.That(opened.Why, Is.EqualTo(BackendRegistry.NoGpu).And.Contain("GpuBackends.Register()"));
    }

    [Test]
    public void Without_registration_a_device_asked_for_by_name_is_refused_and_says_how_to_register(
        [Values("cuda", "opencl", "emulator", "nonsense")] string name) => Assert.That(
        () => BackendRegistry.Initial.Open(name, 0), Throws.InstanceOf<DeviceUnavailableException>()
            .With.Property(nameof(DeviceUnavailableException.Backend)).EqualTo(name)
            .And.Message.StartsWith($"No {name} device: ").And.Message.Contain("GpuBackends.Register()"));

    [Test]
    public void The_cpu_comes_after_what_auto_tries_and_before_what_is_opened_by_name_only()
    {
        BackendRegistry known = BackendRegistry.Initial.With(new Absent("named", isAutomatic: false))
            .With(new Absent("first", isAutomatic: true)).With(new Absent("second", isAutomatic: true));
        Assert.That(known.Providers.Select(one => one.Name), Is.EqualTo(["first", "second", "cpu", "named"]));

        using Backend opened = known.Open("auto", 1);
        Assert.That(opened.Why, Is.EqualTo("No first device: of no matter. No second device: of no matter."));
    }

    [Test]
    public void A_provider_registered_twice_is_there_once()
    {
        BackendRegistry known = BackendRegistry.Initial.With(new Absent("here", isAutomatic: true));
        Assert.That(known.With(new Absent("here", isAutomatic: true)), Is.SameAs(known));
    }

    [Test]
    public void A_name_belongs_to_one_type_of_provider() => Assert.That(
        () => Backend.Register(new Absent("cpu", isAutomatic: true)), Throws.ArgumentException.With.Property("ParamName")
            .EqualTo("provider"));

    [Test]
    public void A_name_that_is_none_is_refused([Values("", "auto", "Cuda", "a b")] string name) =>
        Assert.That(() => new Absent(name, isAutomatic: true), Throws.ArgumentException.With.Property("ParamName").EqualTo("name"));

    [Test]
    public void A_kind_without_a_name_is_refused([Values(BackendKind.Other, (BackendKind)99)] BackendKind kind) =>
        Assert.That(() => Backend.Open(kind), Throws.InstanceOf<ArgumentOutOfRangeException>());

    private sealed class Absent(string name, bool isAutomatic) : BackendProvider(name)
    {
        public override bool IsAutomatic => isAutomatic;

        public override IReadOnlyList<DeviceDescription> Devices() => [new(Name, "", 0, "of no matter")];

        protected internal override Backend Open(int threads, bool isAutomatic) =>
            throw new DeviceUnavailableException(Name, "of no matter");
    }
}
