namespace FisherKernels.Learning.Batches;

/// <summary>Costs and a budget in a unit in which sums are exact: three times 0.1 may be paid from 0.3.</summary>
/// <remarks>
/// Decimals such as 0.1 are no binary fractions, and their sums miss a limit by a rounding error. As whole indices of a thousandth, say,
/// they are exact in float64 up to 2⁵³. Where the indices are no such decimals they stay as they are.
/// </remarks>
internal sealed class Payment
{
    private const int MostDecimals = 12;

    // Of 1e6 pairs, still below 2⁵³.
    private const decimal Largest = 4_000_000_000m;

    private readonly double[] _costs;
    private readonly double _unit;

    private Payment(double[] costs, double budget, double unit) => (_costs, Budget, _unit) = (costs, budget, unit);

    /// <summary>In this unit.</summary>
    public double Budget { get; }

    /// <summary>In the smallest unit that makes all of them whole.</summary>
    /// <param name="costs">[R], finite and above 0.</param>
    /// <param name="budget">Above 0.</param>
    public static Payment For(IReadOnlyList<double> costs, double budget)
    {
        decimal unit = 1;
        for (int decimals = 0; decimals <= MostDecimals; decimals++, unit *= 10)
        {
            if (costs.All(cost => Multiple(cost, unit) is { } whole && whole <= Largest) && Multiple(budget, unit) is { } limit)
            {
                return new Payment([.. costs.Select(cost => (double)Multiple(cost, unit)!.Value)], (double)limit, (double)unit);
            }
        }

        return new Payment([.. costs], budget, 1);
    }

    /// <summary>What reading a response costs, in this unit.</summary>
    public double Of(int response) => _costs[response];

    /// <summary>In the unit in which it was given.</summary>
    public double InOwnUnit(double amount) => amount / _unit;

    // A double becomes the decimal of 15 digits that it stands for.
    private static decimal? Multiple(double value, decimal unit)
    {
        if (!(value > 0 && value < 1e15))
        {
            return null;
        }

        decimal scaled = (decimal)value * unit;
        return scaled > 0 && scaled == decimal.Truncate(scaled) ? scaled : null;
    }
}
