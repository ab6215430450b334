using FisherKernels.Learning.Models;
using FisherKernels.Learning.Pools;
using FisherKernels.Storage;
using NUnit.Framework;

namespace FisherKernels.Tests.Learning;

public class StandardisationTests
{
    [Test]
    public void Columns_get_mean_0_and_deviation_1_and_constant_ones_say_nothing()
    {
        // Columns: 1 2 3 4; always 5 but for its last bit; ±1e-8, which is as good a column as any; −1 −1 1 1 about a large mean.
        float[] rows =
        [
            1, 5, 1e-8f, 999,
            2, 5.0000005f, -1e-8f, 999,
            3, 5, 1e-8f, 1001,
            4, 5, -1e-8f, 1001,
        ];
        using var pool = EmbeddingPool.FromArray(rows, 4);
        var found = Standardisation.FromPool(pool);
        float[] x = [.. rows];
        found.Apply(x);

        Assert.That(found.ConstantColumns, Is.EqualTo(1));
        Assert.That(Column(x, 0), Is.EqualTo((double[])[-1.3416407, -0.4472136, 0.4472136, 1.3416407]).Within(1e-6));
        Assert.That(Column(x, 1), Is.All.Zero);
        Assert.That(Column(x, 2), Is.EqualTo((double[])[1, -1, 1, -1]).Within(1e-6));
        Assert.That(Column(x, 3), Is.EqualTo((double[])[-1, -1, 1, 1]).Within(1e-6));
    }

    [Test]
    public void The_model_file_keeps_it_bit_for_bit()
    {
        string path = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.safetensors");
        try
        {
            var standardisation = new Standardisation([0.1f, -3e-20f, MathF.PI], [1, 0, 1e20f]);
            BradleyTerryMlp model =
                BradleyTerryMlp.Untrained(new MlpShape(3, [5, 2], FisherKernels.Kernels.Activation.Relu), standardisation, 7);

            ModelFile.Save(path, model);
            BradleyTerryMlp back = ModelFile.Load(path);

            Assert.That(back.Parameters, Is.EqualTo(model.Parameters));
            Assert.That(back.Shape.Activation, Is.EqualTo(FisherKernels.Kernels.Activation.Relu));
            Assert.That(back.Standardisation!.Mean, Is.EqualTo(standardisation.Mean));
            Assert.That(back.Standardisation.Scale, Is.EqualTo(standardisation.Scale));
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static float[] Column(float[] rows, int column) => [.. Enumerable.Range(0, 4).Select(row => rows[4 * row + column])];
}
