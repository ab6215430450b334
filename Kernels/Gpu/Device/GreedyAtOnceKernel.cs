using FisherKernels.Kernels;
using ILGPU;

namespace FisherKernels.Gpu.Device;

/// <summary>All steps of a greedy batch in one launch: a group of threads lowers the gains of its own pairs, and all hear of each
/// other's best.</summary>
/// <remarks>
/// <code>
/// step:  j = arg max_i key_i over allowed pairs          key_i = g_i, or log(1 + g_i)/cost_i, the lower number of equal ones; MATH.md §5
///        u = M⁻¹δ_j,  q = δ_jᵀu,  gain = v_j q,  weight = v_j/(1 + v_j q)
///        g_i ← max(g_i − weight · v_i (δ_iᵀu)², 0)       before the next key;  δ_i = φ_a − φ_b of pair i
///        M⁻¹ ← M⁻¹ − weight · uuᵀ                        while the others' keys are on their way
///
/// pairs_n     [n]       Pair     row numbers into φ
/// phi_Rd      [R,d]     float    features, d ≤ 64
/// v_n         [n]       float    weights, ≥ 0
/// inverse_dd  [d,d]     double   M⁻¹ before the first pair; stays as it is
/// groups_nk   [n,k]     int      groups of each pair, −1 for none; k may be 0
/// left_BG     [B+1,G]   int      how many more of each group: first what is to be met, then each group's copy
/// cost_n      [n]       double   or empty
/// money_B     [B+1]     double   what is left of the budget, likewise
/// g_n         [n]       double   in and out; negative where the pair is not to be chosen, and left so
/// delta_BkP   [B,k,P]   double   δ of the P = ⌈n/B⌉ pairs of each group, column after column: neighbouring threads read
///                                neighbouring numbers; k = d, rounded up to 16s with zeros
/// said_cB2    [c,B,2]   ulong    the best key and its number, of each step and group; all bits set before
/// chosen_c    [c]       int      out: the pairs, then −1 where no further one is allowed
/// gain_c      [c]       double   out
/// </code>
/// Launch: B ≤ 256 groups of 512 threads, all of them running at a time, as each waits for all the others in every step: by
/// cuLaunchCooperativeKernel,
/// which sees to it. 44 KB shared memory.
/// Cost: a step reads 8d bytes a pair, which a multiprocessor's own cache can hold where P is small, and one number crosses the
/// device and comes back.
/// All groups find the same pair from the same numbers, whatever B: sums are over columns, and the order of keys knows no ties.
/// </remarks>
internal static class GreedyAtOnceKernel
{
    public const int Threads = GreedyInverse.Threads, MostGroups = ArgMax.Wide, MostColumns = GreedyInverse.Side;

    // Two threads a pair, which sum half of the columns each, eight at a time.
    // ILGPU unrolls nothing, and a loop that loads one number waits for each: so they are written out, over columns that are filled
    // up with zeros.
    private const int Half = Threads / 2, Together = 8;

    /// <summary>Columns that δ is kept in.</summary>
    public static int Width(int d) => (d + 2 * Together - 1) / (2 * Together) * (2 * Together);

    public static void Run(
        ArrayView<Pair> pairs_n, ArrayView<float> phi_Rd, ArrayView<float> v_n, ArrayView<double> inverse_dd,
        ArrayView<int> groups_nk, ArrayView<int> left_BG, ArrayView<double> cost_n, ArrayView<double> money_B,
        ArrayView<double> g_n, ArrayView<double> delta_BkP, ArrayView<ulong> said_cB2, ArrayView<int> chosen_c, ArrayView<double> gain_c,
        int d)
    {
        ArrayView<double> here_dd = SharedMemory.Allocate<double>(MostColumns * MostColumns),
        part_t = SharedMemory.Allocate<double>(Threads);
        ArrayView<double> u_d = SharedMemory.Allocate<double>(MostColumns), delta_d = SharedMemory.Allocate<double>(MostColumns);
        // Twice: while a thread still looks at the best of its group, another may put down what it heard.
        ArrayView<double> key_t = SharedMemory.Allocate<double>(ArgMax.Wide), heardKey_t = SharedMemory.Allocate<double>(ArgMax.Wide);
        ArrayView<int> number_t = SharedMemory.Allocate<int>(ArgMax.Wide), heardNumber_t = SharedMemory.Allocate<int>(ArgMax.Wide);
        ArrayView<double> weight = SharedMemory.Allocate<double>(1);
        int t = Group.IdxX, n = pairs_n.IntLength, each = (n + Grid.DimX - 1) / Grid.DimX;
        int first = Grid.IdxX * each, own = Math.Max(0, Math.Min(each, n - first)), width = Width(d);
        ArrayView<double> delta_kP = delta_BkP.SubView(Grid.IdxX * each * width, each * width);
        GreedyLimits limits = Limits(groups_nk, left_BG, cost_n, money_B, n);
        for (int i = t; i < own * width; i += Threads)
        {
            int p = i / width, k = i % width;
            Pair pair = pairs_n[first + p];
            delta_kP[k * each + p] = k < d ? (double)phi_Rd[pair.First * d + k] - phi_Rd[pair.Second * d + k] : 0;
        }

        GreedyInverse.Load(here_dd, inverse_dd, d);
        if (t < MostColumns)
        {
            u_d[t] = 0;
            delta_d[t] = 0;
        }

        if (t == 0)
        {
            weight[0] = 0;
        }

        Group.Barrier();
        for (int step = 0; step < chosen_c.IntLength; step++)
        {
            // No pair was there before the first.
            Keyed best = Lower(g_n.SubView(first, own), v_n, delta_kP, u_d, weight, part_t, limits, first, each, step == 0 ? 0 : width);
            best = ArgMax.OfWide(key_t, number_t, best);
            ArrayView<ulong> said_B2 = said_cB2.SubView(step * Grid.DimX * 2, Grid.DimX * 2);
            if (t == 0)
            {
                Exchange.Write(ref said_B2[Grid.IdxX * 2], Interop.FloatAsInt(best.Key));
                Exchange.Write(ref said_B2[Grid.IdxX * 2 + 1], (ulong)(best.Number + 1));
            }

            GreedyInverse.Update(here_dd, u_d, weight[0], step == 0 ? 0 : d);
            int chosen = ArgMax.OfWide(heardKey_t, heardNumber_t, Hear(said_B2)).Number;
            if (Grid.IdxX == 0 && t == 0)
            {
                chosen_c[step] = chosen;
            }

            if (chosen < 0)
            {
                break;
            }

            Take(g_n, limits, chosen, first, own);
            Pair pair = pairs_n[chosen];
            if (t < d)
            {
                delta_d[t] = (double)phi_Rd[pair.First * d + t] - phi_Rd[pair.Second * d + t];
            }

            Group.Barrier();
            GreedyInverse.Direction(here_dd, delta_d, part_t, u_d, d);
            if (t == Threads - 1)
            {
                // A thread without a pair where there are few, while the others sum; the next barrier is theirs.
                double v = v_n[chosen], gain = v * GreedyInverse.Dot(delta_d, u_d, d);
                weight[0] = v / (1 + gain);
                if (Grid.IdxX == 0)
                {
                    gain_c[step] = gain;
                }
            }
        }
    }

    private static GreedyLimits Limits(
        ArrayView<int> groups_nk, ArrayView<int> left_BG, ArrayView<double> cost_n, ArrayView<double> money_B, int n)
    {
        int groups = left_BG.IntLength / (Grid.DimX + 1);
        var all = new GreedyLimits(
            groups_nk, left_BG.SubView(0, groups), cost_n, money_B, groups_nk.IntLength / n, cost_n.Length > 0 ? 1 : 0);
        return all.Copy(left_BG.SubView((Grid.IdxX + 1) * groups, groups), money_B.SubView(Grid.IdxX + 1, 1));
    }

    // The gains of a group's own pairs after the pair before, and the best allowed of those a thread looked at.
    private static Keyed Lower(
        ArrayView<double> g_P, ArrayView<float> v_n, ArrayView<double> delta_kP, ArrayView<double> u_d, ArrayView<double> weight,
        ArrayView<double> part_t,
        GreedyLimits limits, int first, int each, int columns)
    {
        double best = ArgMax.NoKey;
        int number = ArgMax.NoNumber, own = g_P.IntLength;
        for (int start = 0; start < own; start += Half)
        {
            int p = start + Group.IdxX % Half;
            bool second = Group.IdxX >= Half;
            double g = GreedyStartKernel.NotToBeChosen, sum = 0;
            float v = 0;
            if (p < own)
            {
                g = g_P[p];
                v = v_n[first + p];
                int end = second ? columns : columns / 2;
                for (int k = second ? columns / 2 : 0; k < end; k += Together)
                {
                    sum = Add(sum, delta_kP.SubView(k * each + p, (Together - 1) * each + 1), each, u_d.SubView(k, Together));
                }
            }

            if (second)
            {
                part_t[p - start] = sum;
            }

            Group.Barrier();
            if (!second && g >= 0)
            {
                double change = sum + part_t[p - start];
                g -= weight[0] * v * (change * change);
                g = g > 0 ? g : 0;
                g_P[p] = g;
                double key = limits.Key(first + p, g);
                // Numbers ascend: of equal keys the first stays.
                if (key > best && limits.Allow(first + p))
                {
                    best = key;
                    number = first + p;
                }
            }

            Group.Barrier();
        }

        return new(best, number);
    }

    // The next eight columns. Distances from where a view begins, and not from its array's beginning, are parts of a load.
    private static double Add(double sum, ArrayView<double> delta, int each, ArrayView<double> u)
    {
        double delta0 = delta[0], delta1 = delta[each], delta2 = delta[2 * each], delta3 = delta[3 * each];
        double delta4 = delta[4 * each], delta5 = delta[5 * each], delta6 = delta[6 * each], delta7 = delta[7 * each];
        sum += delta0 * u[0];
        sum += delta1 * u[1];
        sum += delta2 * u[2];
        sum += delta3 * u[3];
        sum += delta4 * u[4];
        sum += delta5 * u[5];
        sum += delta6 * u[6];
        sum += delta7 * u[7];
        return sum;
    }

    // What the group of the thread's number found, as soon as it says so.
    private static Keyed Hear(ArrayView<ulong> said_B2)
    {
        double key = ArgMax.NoKey;
        int number = ArgMax.NoNumber;
        if (Group.IdxX < Grid.DimX)
        {
            ulong bits, next;
            do
            {
                bits = Exchange.Read(ref said_B2[Group.IdxX * 2]);
                next = Exchange.Read(ref said_B2[Group.IdxX * 2 + 1]);
            }
            while (bits == Exchange.Nothing || next == Exchange.Nothing);

            key = Interop.IntAsFloat(bits);
            number = (int)next - 1;
        }

        return new(key, number);
    }

    // By one thread, and a barrier has to follow.
    private static void Take(ArrayView<double> g_n, GreedyLimits limits, int chosen, int first, int own)
    {
        if (Group.IdxX == 0)
        {
            limits.Take(chosen);
            if (chosen >= first && chosen < first + own)
            {
                g_n[chosen] = GreedyStartKernel.NotToBeChosen;
            }
        }
    }
}
