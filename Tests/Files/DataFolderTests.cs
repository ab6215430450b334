using FisherKernels.Learning;
using FisherKernels.Learning.Pools;
using FisherKernels.Storage;
using NUnit.Framework;

namespace FisherKernels.Tests.Files;

/// <summary>A data set is found by its names, and its rewards belong to its responses.</summary>
public class DataFolderTests : InFolder
{
    private static readonly string[] Needed =
        ["embd_G_E_T_train.npy", "reward_G_E_T_train.npy", "embd_G_E_T_test.npy", "reward_G_E_T_test.npy"];

    [Test]
    public void The_only_data_set_is_found()
    {
        Make(Needed);
        DataFolder found = DataFolder.Open(Folder);
        Assert.That(found,
            Is.EqualTo(new DataFolder("G_E_T", PathOf(Needed[0]), PathOf(Needed[1]), PathOf(Needed[2]), PathOf(Needed[3]), null)));
    }

    [Test]
    public void Labels_and_texts_are_found_where_they_are()
    {
        Make([.. Needed, "label_G_E_T_train.npy", "text_G_E_T_train.jsonl.gz", "text_G_E_T_test.jsonl.gz"]);
        DataFolder found = DataFolder.Open(Folder);
        Assert.That(found.TrainLabels, Is.EqualTo(PathOf("label_G_E_T_train.npy")));
        Assert.That(found.TrainTexts, Is.EqualTo(PathOf("text_G_E_T_train.jsonl.gz")));
        Assert.That(found.TestTexts, Is.EqualTo(PathOf("text_G_E_T_test.jsonl.gz")));
    }

    [Test]
    public void Of_several_one_is_named()
    {
        Make(Needed);
        Make([.. Needed.Select(name => name.Replace("_T_", "_U_", StringComparison.Ordinal))]);
        Assert.That(() =>
            DataFolder.Open(Folder), Throws.TypeOf<InputException>().With.Message.EndsWith("several data sets; say which: G_E_T, G_E_U."));
        Assert.That(() =>
            DataFolder.Open(Folder, "G"), Throws.TypeOf<InputException>().With.Message.EndsWith("no data set G; there are G_E_T, G_E_U."));
        Assert.That(DataFolder.Open(Folder, "G_E_U").TestEmbeddings, Is.EqualTo(PathOf("embd_G_E_U_test.npy")));
    }

    [Test]
    public void A_missing_file_is_named([Values(1, 2, 3)] int missing)
    {
        Make([.. Needed.Where((_, file) => file != missing)]);
        Assert.That(() => DataFolder.Open(Folder),
            Throws.TypeOf<InputException>().With.Message.EqualTo($"{PathOf(Needed[missing])} is not there; the data set G_E_T needs it."));
    }

    [Test]
    public void No_data_set_and_no_folder()
    {
        Assert.That(() =>
            DataFolder.Open(Folder), Throws.TypeOf<InputException>().With.Message.Contains("has no embd_GEN_EMBED_TASK_train.npy"));
        Assert.That(() => DataFolder.Open(PathOf("none")), Throws.TypeOf<InputException>().With.Message.Contains("There is no folder"));
    }

    [Test]
    public void Rewards_of_every_shape_that_fits([Values("2,3,1", "2,3", "6", "6,1")] string shape)
    {
        using EmbeddingPool pool = Pool();
        Npy.Write<double>(PathOf("r.npy"), [0, 1, 2, 3, 4, 5], [.. shape.Split(',').Select(long.Parse)]);
        Assert.That(RewardTable.Read(PathOf("r.npy"), pool), Is.EqualTo([0.0, 1, 2, 3, 4, 5]));
    }

    [TestCase("3,2,1", TestName = "Transposed_rewards_are_refused")]
    [TestCase("3,2", TestName = "Transposed_rewards_without_a_last_axis_are_refused")]
    [TestCase("5", TestName = "Too_few_rewards_are_refused")]
    [TestCase("2,4", TestName = "Too_many_rewards_are_refused")]
    public void Rewards_that_do_not_fit(string shape)
    {
        using EmbeddingPool pool = Pool();
        long[] axes = [.. shape.Split(',').Select(long.Parse)];
        Npy.Write<float>(PathOf("r.npy"), new float[axes.Aggregate((product, axis) => product * axis)], axes);
        Assert.That(() => RewardTable.Read(PathOf("r.npy"), pool),
            Throws.TypeOf<InputException>().With.Message.StartsWith(PathOf("r.npy")).And.Message.Contains("6 responses, (2, 3)"));
    }

    [Test]
    public void A_reward_that_is_no_number_is_named([Values(float.NaN, float.PositiveInfinity)] float reward)
    {
        using EmbeddingPool pool = Pool();
        Npy.Write<float>(PathOf("r.npy"), [0, 1, 2, 3, reward, 5], [2, 3, 1]);
        Assert.That(() => RewardTable.Read(PathOf("r.npy"), pool),
            Throws.TypeOf<InputException>().With.Message.Contains("the reward of row 4 (prompt 1, response 1) is"));
    }

    private void Make(string[] names)
    {
        foreach (string name in names)
        {
            Put(name);
        }
    }

    private EmbeddingPool Pool()
    {
        Npy.Write<float>(PathOf("e.npy"), new float[12], [2, 3, 2]);
        return PoolFile.Load(PathOf("e.npy"));
    }
}
