using FisherKernels.Kernels;
using FisherKernels.Kernels.Numerics;
using ILGPU;

namespace FisherKernels.Gpu.Device;

/// <summary>What is left of the limits of a batch, on a device: <see cref="PairQuota"/> for kernels.</summary>
/// <remarks>
/// <code>
/// groups_nk  [n,k]   int      groups of each pair, −1 for none; k may be 0
/// left_G     [G]     int      how many more of each; changed by Take
/// cost_n     [n]     double   not read without costs
/// money      [1]     double   what is left of the budget; changed by Take
/// </code>
/// </remarks>
internal readonly struct GreedyLimits(
    ArrayView<int> groups_nk, ArrayView<int> left_G, ArrayView<double> cost_n, ArrayView<double> money, int groupsOfPair, int hasCosts)
{
    private readonly ArrayView<int> _groups_nk = groups_nk, _left_G = left_G;
    private readonly ArrayView<double> _cost_n = cost_n;
    private readonly ArrayView<double> _money = money;
    private readonly int _k = groupsOfPair, _hasCosts = hasCosts;

    /// <summary>These limits with a copy of what is left, for a group of threads that takes on its own; by all of them, and a
    /// barrier has to follow.</summary>
    /// <param name="left_G">[G], out.</param>
    /// <param name="money">[1], out.</param>
    public GreedyLimits Copy(ArrayView<int> left_G, ArrayView<double> money)
    {
        for (int j = Group.IdxX; j < _left_G.IntLength; j += Group.DimX)
        {
            left_G[j] = _left_G[j];
        }

        if (Group.IdxX == 0)
        {
            money[0] = _money[0];
        }

        return new(_groups_nk, left_G, _cost_n, money, _k, _hasCosts);
    }

    public bool Allow(int pair)
    {
        bool allowed = _hasCosts == 0 || _cost_n[pair] <= _money[0];
        for (int j = 0; allowed && j < _k; j++)
        {
            int group = _groups_nk[pair * _k + j];
            allowed = group < 0 || _left_G[group] > 0;
        }

        return allowed;
    }

    /// <summary>Orders as the gain log(1 + g) does, or as the gain per cost.</summary>
    public double Key(int pair, double g) => _hasCosts == 0 ? g : Logarithm.OnePlus(g) / _cost_n[pair];

    /// <summary>By one thread alone.</summary>
    public void Take(int pair)
    {
        for (int j = 0; j < _k; j++)
        {
            int group = _groups_nk[pair * _k + j];
            if (group >= 0)
            {
                _left_G[group]--;
            }
        }

        if (_hasCosts != 0)
        {
            _money[0] -= _cost_n[pair];
        }
    }
}
