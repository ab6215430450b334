using System.Collections;
using System.Reflection;
using System.Text.Json.Nodes;
using FisherKernels.Experiments.Runs;
using FisherKernels.Kernels;
using FisherKernels.Learning;
using FisherKernels.Learning.Acquisition;
using FisherKernels.Learning.Loop;
using FisherKernels.Learning.Models;
using FisherKernels.Learning.Selection;
using FisherKernels.Storage;
using NUnit.Framework;

namespace FisherKernels.Tests.Apps;

/// <summary>plan.json: what decides the numbers of a run is in it, whoever adds it.</summary>
public class PlanTests
{
    private static readonly DataFile[] Files = [new("embd_a_b_c_train.npy", 10, "aa"), new("reward_a_b_c_train.npy", 5, "bb")];

    // What belongs to a cell: plans of other strategies and seeds are the same plan.
    private static readonly string[] OfACell = ["Strategy", "Seed", "Training.Seed"];

    private static IEnumerable<string> Properties => Below(typeof(SelectionOptions), "");

    [TestCaseSource(nameof(Properties))]
    public void Every_option_is_in_the_plan(string property)
    {
        JsonObject usual = Plan(new SelectionOptions()), other = Plan((SelectionOptions)With(new SelectionOptions(), property.Split('.')));

        Assert.That(PlanFile.Differences(usual, other), OfACell.Contains(property) ? Is.Empty : Is.Not.Empty);
        Assert.That(PlanFile.Differences(Again(other), other), Is.Empty, "as it was written");
    }

    [Test]
    public void What_differs_is_named_with_what_was_kept_and_what_is_asked()
    {
        var options = new SelectionOptions { Training = new TrainingOptions { LearningRate = 0.01, Hidden = [8] } };

        Assert.That(PlanFile.Differences(Again(Plan(new SelectionOptions())), Plan(options, AnnotatorKind.Exact, BackendKind.Cuda)),
            Is.EquivalentTo((string[])
        [
            "annotator: kept golden, asked exact",
            "device: kept cpu, asked cuda",
            "training.hidden: kept [64,64,64], asked [8]",
            "training.learning_rate: kept 0.001, asked 0.01",
        ]));
    }

    [Test]
    public void Files_are_known_by_content_and_by_nothing_else()
    {
        JsonObject kept = Again(Plan(new SelectionOptions()));

        Assert.That(Against(Files[0], new DataFile(Files[1].Name, 5, "cc")),
            Is.EqualTo((string[])["the content of reward_a_b_c_train.npy differs (same name and length)"]));
        Assert.That(Against(Files[0], new DataFile(Files[1].Name, 6, "cc")),
            Is.EqualTo((string[])["the content of reward_a_b_c_train.npy differs: kept 5 bytes, found 6"]));
        Assert.That(Against([.. Files, new DataFile("label_a_b_c_train.npy", 1, "dd")]),
            Is.EqualTo((string[])["label_a_b_c_train.npy is read, and was not"]));
        Assert.That(Against(Files[0]), Is.EqualTo((string[])["reward_a_b_c_train.npy was read, and is not"]));
        Assert.That(Against(Files), Is.Empty);

        IReadOnlyList<string> Against(params DataFile[] files) =>
            PlanFile.Differences(kept, PlanFile.Create(Of(new SelectionOptions()), files));
    }

    [Test]
    public void An_option_that_came_later_was_at_its_usual_value()
    {
        JsonObject kept = Again(Plan(new SelectionOptions()));
        kept["options"]!["training"]!.AsObject().Remove("patience");
        kept["options"]!.AsObject()["of_later"] = 3;

        Assert.That(PlanFile.Differences(kept, Plan(new SelectionOptions())),
            Is.EqualTo((string[])["of_later: kept 3, which this release does not know"]));
        Assert.That(
            PlanFile.Differences(kept, Plan(new SelectionOptions { Training = new TrainingOptions { Patience = 3 } })),
            Does.Contain("training.patience: kept 10, asked 3"));
    }

    [TestCase("1e99999999999")]
    [TestCase("-1e-99999999999")]
    [TestCase("[64,64,1e99999999999]")]
    public void A_number_beyond_all_numbers_is_one_that_nobody_asked_for(string number)
    {
        JsonObject kept = Again(Plan(new SelectionOptions()));
        foreach (string option in (string[])["learning_rate", "steps", "hidden"])
        {
            JsonObject other = kept.DeepClone().AsObject();
            other["options"]!["training"]![option] = JsonNode.Parse(number);

            Assert.That(PlanFile.Differences(other, Plan(new SelectionOptions())),
                Has.One.StartsWith($"training.{option}: kept {number}, asked"));
        }
    }

    [TestCase("{\"format\":\"fisher-run\",\"version\":3}", "version 3")]
    [TestCase("{\"format\":\"fisher-run\",\"version\":\"2\"}", "version \"2\"")]
    [TestCase("{\"format\":\"fisher-run\"}", "no version")]
    [TestCase("{\"format\":\"fisher-model\",\"version\":2}", "fisher-model")]
    [TestCase("{\"format\":\"fisher-run\",\"version\":2}", "does not name its data")]
    [TestCase("{\"format\":\"fisher-run\",\"version\":2,\"data\":{\"name\":\"a\",\"files\":[3]},\"options\":{}}", "is no plan of a run")]
    [TestCase("{\"format\":\"fisher-run\",\"version\":2,\"data\":{\"name\":\"a\",\"files\":[{}]},\"options\":{\"a\":1,\"a\":2}}",
        "is no plan of a run")]
    [TestCase("{\"format\":\"fisher-run\",\"version\":2,\"data\":{\"name\":\"a\",\"files\":[{}]},\"options\":{\"a.b\":1,\"a\":{\"b\":2}}}",
        "each once")]
    [TestCase("{\"data\":3}", "is no plan of a run")]
    [TestCase("{\"data\":", "is no plan of a run")]
    [TestCase("[]", "does not name its data")]
    [TestCase("", "is no plan of a run")]
    public void What_is_no_plan_or_of_a_later_version_is_refused(string text, string sentence) =>
        Assert.That(() =>
            PlanFile.Parse("PATH", text), Throws.TypeOf<InputException>().With.Message.StartsWith("PATH ").And.Message.Contains(sentence));

    private static JsonObject Again(JsonObject plan) => PlanFile.Parse("PATH", PlanFile.Text(plan));

    private static JsonObject Plan(
        SelectionOptions options, AnnotatorKind annotator = AnnotatorKind.Golden, BackendKind device = BackendKind.Cpu) =>
        PlanFile.Create(Of(options) with { Annotator = annotator, Device = device }, Files);

    private static RunPlan Of(SelectionOptions options) => new(
        new DataFolder("a_b_c", "1", "2", "3", "4", null), [Strategy.Parse("random")], [1], 1, AnnotatorKind.Golden, BackendKind.Cpu,
        options);

    private static IEnumerable<string> Below(Type record, string prefix) => record.GetProperties()
        .SelectMany(property =>
            IsOptions(property.PropertyType) ? Below(property.PropertyType, $"{prefix}{property.Name}.") : [prefix + property.Name]);

    private static bool IsOptions(Type type) =>
        type.GetMethod("<Clone>$") is not null && type.GetConstructor([]) is not null && type != typeof(Strategy);

    // The record with another value of one property, however deep it is.
    private static object With(object record, string[] path)
    {
        object other = record.GetType().GetMethod("<Clone>$")!.Invoke(record, [])!;
        PropertyInfo property = record.GetType().GetProperty(path[0])!;
        object? value = property.GetValue(record);
        property.SetValue(other, path.Length > 1 ? With(value!, path[1..]) : Another(property.PropertyType, value));
        return other;
    }

    private static object Another(Type type, object? value)
    {
        Type bare = Nullable.GetUnderlyingType(type) ?? type;
        return bare == typeof(int) ? (int)(value ?? 2) + 1
            : bare == typeof(long) ? (long)(value ?? 2L) + 1
            : bare == typeof(double) ? (double)(value ?? 0.25) + 0.125
            : bare == typeof(bool) ? !(bool)(value ?? false)
            : bare == typeof(TimeSpan) ? TimeSpan.FromSeconds(7)
            : bare == typeof(string) ? "another"
            : bare == typeof(Strategy) ? Strategy.Parse("random")
            : bare == typeof(TargetRows) ? new TargetRows([new Pair(0, 1)])
            : bare.IsEnum ? Enum.GetValues(bare).Cast<object>().First(other => !other.Equals(value))
            : bare.IsGenericType && bare.IsAssignableTo(typeof(IEnumerable)) ? One(bare.GetGenericArguments()[0])
            : bare == typeof(float) ? 0.5f
            : bare == typeof(Pair) ? new Pair(0, 1)
            : Unknown(bare);
    }

    private static Array One(Type type)
    {
        var list = Array.CreateInstance(type, 1);
        list.SetValue(Another(type, null), 0);
        return list;
    }

    private static object Unknown(Type type) => throw new NotSupportedException($"Say here what another {type} is.");
}
