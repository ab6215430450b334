using FisherKernels.Learning.Pools;
using FisherKernels.Storage;
using NUnit.Framework;

namespace FisherKernels.Tests.Files;

/// <summary>The data set that comes with the tool: there, whole, and with its licence.</summary>
public class BundledData
{
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "Data", "caption_contest");

    [Test]
    public void Is_whole()
    {
        DataFolder data = DataFolder.Open(Folder);
        Assert.That(data.Name, Is.EqualTo("Readers_LSA256_NewYorker"));
        Check(data.TrainEmbeddings, data.TrainRewards, 200, 15);
        Check(data.TestEmbeddings, data.TestRewards, 4, 500);
    }

    [Test]
    public void Names_its_source_and_licence()
    {
        string words = File.ReadAllText(Path.Combine(Folder, "README.md"));
        Assert.That(words, Does.Contain("CC BY 4.0").And.Contain("The New Yorker").And.Contain("NEXT").And.Contain(
            "github.com/nextml/caption-contest-data-api").And.Contain("float16"));
    }

    private static void Check(string embeddings, string rewards, int prompts, int each)
    {
        using EmbeddingPool pool = PoolFile.Load(embeddings);
        Assert.That(pool.Prompts, Is.EqualTo(prompts));
        Assert.That(pool.Responses, Is.EqualTo(prompts * each));
        Assert.That(pool.Dimension, Is.EqualTo(256));

        // Its makers name the constant columns of all captions; in the shorter lists there may be more.
        double[] deviations = pool.Scan().StandardDeviation;
        Assert.That(Enumerable.Range(0, 256)
            .Where(column => deviations[column] == 0), Is.SupersetOf(new[] { 219, 224, 225, 226, 227, 228, 242, 243, 244, 253, 255 }));
        Assert.That(RewardTable.Read(rewards, pool).Distinct().Count(), Is.GreaterThan(100));
    }
}
