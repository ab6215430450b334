using FisherKernels.Learning;
using FisherKernels.Learning.Pools;
using NUnit.Framework;

namespace FisherKernels.Tests.Pools;

/// <summary>A file format that is not ours is one class against the public API: here numbers in a text, as a table of commas would
/// have them.</summary>
public class OtherSourceTests
{
    [Test]
    public void Embeddings_of_another_format_become_a_pool_that_is_read_scanned_and_disposed()
    {
        var text = new TextEmbeddings("1;2\n3;4\n5;6\n7;8", [2, 2]);
        using (EmbeddingPool pool = EmbeddingPool.From(text))
        {
            var rows = new float[4];
            pool.Read([3, 0], rows);

            Assert.That(rows, Is.EqualTo([7f, 8, 1, 2]));
            Assert.That((pool.Responses, pool.Dimension, pool.Prompts), Is.EqualTo((4, 2, 2)));
            Assert.That(pool.ResponsesOf(1).ToArray(), Is.EqualTo([2, 3]));
            Assert.That(pool.Scan().Mean, Is.EqualTo([4.0, 5.0]));
            Assert.That(pool.IsWide);
        }

        Assert.That(text.IsDisposed);
    }

    [Test]
    public void Prompts_may_be_given_beside_them()
    {
        using EmbeddingPool pool = EmbeddingPool.From(new TextEmbeddings("1;2\n3;4\n5;6", [3]), [9, 4, 9]);

        Assert.That(pool.ResponsesOf(0).ToArray(), Is.EqualTo([0, 2]));
        Assert.That(pool.PromptIdOf(1), Is.EqualTo(4));
    }

    [Test]
    public void A_number_that_is_not_finite_is_named_with_its_source()
    {
        using EmbeddingPool pool = EmbeddingPool.From(new TextEmbeddings("1;2\n3;NaN", [2]));

        Assert.That(() => pool.Read([1], new float[2]), Throws.TypeOf<InputException>().With.Message.StartsWith("text: row 1 "));
    }

    [TestCase(-1L)]
    [TestCase(1L << 40)]
    [TestCase(1L << 31, 1L << 31)]
    [TestCase(1L, 1L, 1L)]
    [TestCase]
    public void A_layout_that_is_none_is_refused(params long[] layout) => Assert.That(
        () => EmbeddingPool.From(new TextEmbeddings("1;2", layout)), Throws.ArgumentException.With.Property("ParamName").EqualTo("source"));

    [Test]
    public void Other_prompts_than_rows_are_refused() => Assert.That(
        () => EmbeddingPool.From(new TextEmbeddings("1;2", [1]), [1, 2]),
        Throws.ArgumentException.With.Property("ParamName").EqualTo("promptOfResponse"));

    private sealed class TextEmbeddings(string text, IReadOnlyList<long> layout) : IEmbeddingSource
    {
        private readonly double[][] _rows = [.. text.Split('\n').Select(line => line.Split(';').Select(double.Parse).ToArray())];

        public string Name => "text";

        public IReadOnlyList<long> Layout => layout;

        public int Dimension => 2;

        public EmbeddingPrecision Precision => EmbeddingPrecision.Float64;

        public bool IsDisposed { get; private set; }

        public void Read(int first, Span<float> rows)
        {
            for (int j = 0; j < rows.Length; j++)
            {
                rows[j] = (float)_rows[first + j / Dimension][j % Dimension];
            }
        }

        public void Read(int first, Span<double> rows)
        {
            for (int j = 0; j < rows.Length; j++)
            {
                rows[j] = _rows[first + j / Dimension][j % Dimension];
            }
        }

        public void Dispose() => IsDisposed = true;
    }
}
