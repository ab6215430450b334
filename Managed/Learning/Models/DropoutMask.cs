namespace FisherKernels.Learning.Models;

/// <summary>
/// Inverted dropout with one mask held over all rows: h ∘ m/(1 − p) after every hidden layer (Srivastava et al. 2014; Gal and Ghahramani
/// 2016).
/// </summary>
/// <remarks>
/// A mask that all rows share is a property of the weights: (h ∘ m)θᵀ = h (θ diag m)ᵀ, so scaling the columns of the next
/// layer's weight is exactly dropout, and no backend needs an operation for it. The price is that a training step sees one
/// thinned network instead of one for each row: the gradient has the same mean and a larger variance.
/// </remarks>
internal sealed class DropoutMask
{
    private DropoutMask(float[][] factors) => Factors = factors;

    /// <summary>A layer's factors, each 0 or 1/(1 − p).</summary>
    public float[][] Factors { get; }

    public static DropoutMask Draw(MlpShape shape, double dropout, SeededRandom random)
    {
        float kept = (float)(1 / (1 - dropout));
        return new DropoutMask([.. shape.Hidden.Select(width =>
        {
            var factors = new float[width];
            for (int j = 0; j < width; j++)
            {
                factors[j] = random.NextUniform() < dropout ? 0 : kept;
            }

            return factors;
        })]);
    }

    /// <summary>Scales the columns of the weight [outputs, inputs] that follows hidden layer <paramref name="layer"/>.</summary>
    public float[] Scale(float[] weight, int layer)
    {
        float[] factors = Factors[layer], scaled = new float[weight.Length];
        for (int j = 0; j < weight.Length; j++)
        {
            scaled[j] = weight[j] * factors[j % factors.Length];
        }

        return scaled;
    }
}
