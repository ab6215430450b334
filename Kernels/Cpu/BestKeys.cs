namespace FisherKernels.Kernels.Cpu;

/// <summary>The k largest of the keys that were offered, whatever their order.</summary>
/// <remarks>Whenever 2k have been kept, the better half of them stays: O(n log k) at worst.</remarks>
internal sealed class BestKeys(int k, long offers)
{
    // Complemented, so that the plain ascending sort puts the best first.
    private readonly ulong[] _kept = new ulong[Math.Min(Math.Max(2L * k, 1024), Math.Max(offers, 1))];
    private int _count;
    private ulong _last = ulong.MaxValue;

    /// <summary>No key below it can be among the k best; 0 as long as all may be.</summary>
    public ulong Threshold => ~_last;

    /// <summary>The k best, or all where they are fewer, in descending order.</summary>
    public IEnumerable<ulong> Best
    {
        get
        {
            Array.Sort(_kept, 0, _count);
            return _kept.Take(Math.Min(k, _count)).Select(key => ~key);
        }
    }

    /// <summary>Offers one.</summary>
    public void Add(ulong key)
    {
        if (~key > _last)
        {
            return;
        }

        if (_count == _kept.Length)
        {
            Array.Sort(_kept, 0, _count);
            _count = k;
            _last = _kept[k - 1];
            if (~key > _last)
            {
                return;
            }
        }

        _kept[_count++] = ~key;
    }
}
