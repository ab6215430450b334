using NUnit.Framework;

namespace FisherKernels.Tests.StandIn;

/// <summary>What the lanes of a warp do together.</summary>
public class WarpWideTests
{
    [TestCase("shfl.sync.idx.b32 %r10, %r1, 5, 31, -1;", "5 5 5 5")]
    [TestCase("shfl.sync.up.b32 %r10, %r1, 2, 0, -1;", "0 1 0 1")]
    [TestCase("shfl.sync.down.b32 %r10, %r1, 1, 31, -1;", "1 2 3 4")]
    [TestCase("shfl.sync.bfly.b32 %r10, %r1, 1, 31, -1;", "1 0 3 2")]
    // segments of two lanes
    [TestCase("shfl.sync.down.b32 %r10, %r1, 1, 0x1e1f, -1;", "1 1 3 3")]
    [TestCase("shfl.sync.down.b32 %r10|%p1, %r1, 1, 0x1e1f, -1; selp.b32 %r10, 1, 0, %p1;", "1 0 1 0")]
    [TestCase("setp.gt.u32 %p1, %r1, 1; vote.sync.ballot.b32 %r10, %p1, -1;", "4294967292 4294967292 4294967292 4294967292")]
    [TestCase("setp.gt.u32 %p1, %r1, 1; vote.sync.any.pred %p2, %p1, -1; selp.b32 %r10, 1, 0, %p2;", "1 1 1 1")]
    [TestCase("setp.gt.u32 %p1, %r1, 1; vote.sync.all.pred %p2, %p1, -1; selp.b32 %r10, 1, 0, %p2;", "0 0 0 0")]
    [TestCase("setp.gt.u32 %p1, %r1, 1; vote.sync.all.pred %p2, !%p1, -1; selp.b32 %r10, 1, 0, %p2;", "0 0 0 0")]
    [TestCase("redux.sync.add.u32 %r10, %r1, -1;", "496 496 496 496")]
    [TestCase("redux.sync.max.s32 %r10, %r1, -1;", "31 31 31 31")]
    [TestCase("activemask.b32 %r10;", "4294967295 4294967295 4294967295 4294967295")]
    public void First_four_lanes(string body, string expected)
    {
        StandInDriver.Outcome outcome = StandInDriver.Open().Run(body + " st.u32 [%rd3], %r10;", new(Threads: 32), 32);
        Assert.That(outcome.Result, Is.Zero, outcome.Log);
        Assert.That(string.Join(' ', outcome.Words.Take(4)), Is.EqualTo(expected));
    }

    // Sums over a warp by halves, in lanes that come from two branches.
    [Test]
    public void Lanes_that_parted_shuffle_together()
    {
        uint[] words = StandInDriver.Open().Run("""
            and.b32 %r11, %r1, 1; setp.eq.u32 %p1, %r11, 0; mov.u32 %r10, %r1;
            @%p1 bra even; add.u32 %r10, %r10, 1000; even:
            shfl.sync.bfly.b32 %r12, %r10, 16, 31, -1; add.u32 %r10, %r10, %r12;
            shfl.sync.bfly.b32 %r12, %r10, 8, 31, -1; add.u32 %r10, %r10, %r12;
            shfl.sync.bfly.b32 %r12, %r10, 4, 31, -1; add.u32 %r10, %r10, %r12;
            shfl.sync.bfly.b32 %r12, %r10, 2, 31, -1; add.u32 %r10, %r10, %r12;
            shfl.sync.bfly.b32 %r12, %r10, 1, 31, -1; add.u32 %r10, %r10, %r12;
            st.u32 [%rd3], %r10;
            """, new(Threads: 32), 32).Words;
        Assert.That(words, Is.All.EqualTo(496 + 16 * 1000));
    }

    // D = A B + C in whole numbers, which tf32 holds exactly.
    [Test]
    public void A_product_of_matrices()
    {
        float[,] a = new float[16, 8], b = new float[8, 8], c = new float[16, 8];
        for (int i = 0; i < 16; i++)
        {
            for (int j = 0; j < 8; j++)
            {
                a[i, j] = i * 3 - j * 5 + 1;
                c[i, j] = 100 * i + j;
                b[i % 8, j] = i % 8 * 7 - j * j;
            }
        }

        uint[] input = [.. a.Cast<float>().Concat(b.Cast<float>()).Concat(c.Cast<float>()).Select(BitConverter.SingleToUInt32Bits)];
        // lane = 4 g + p: A (g, p), (g + 8, p), (g, p + 4), (g + 8, p + 4); B (p, g), (p + 4, g); C and D (g, 2p), (g, 2p + 1), (g + 8, …)
        StandInDriver.Outcome outcome = StandInDriver.Open().Run("""
            shr.u32 %r10, %r1, 2; and.b32 %r11, %r1, 3;
            mad.lo.u32 %r12, %r10, 8, %r11; mul.wide.u32 %rd4, %r12, 4; add.u64 %rd4, %rd2, %rd4;
            ld.b32 %r20, [%rd4]; ld.b32 %r21, [%rd4+256]; ld.b32 %r22, [%rd4+16]; ld.b32 %r23, [%rd4+272];
            mad.lo.u32 %r13, %r11, 8, %r10; mul.wide.u32 %rd5, %r13, 4; add.u64 %rd5, %rd2, %rd5;
            ld.b32 %r24, [%rd5+512]; ld.b32 %r25, [%rd5+640];
            mul.lo.u32 %r14, %r11, 2; mad.lo.u32 %r14, %r10, 8, %r14; mul.wide.u32 %rd6, %r14, 4;
            add.u64 %rd7, %rd2, %rd6; add.u64 %rd8, %rd1, %rd6;
            ld.v2.f32 {%f1, %f2}, [%rd7+768]; ld.v2.f32 {%f3, %f4}, [%rd7+1024];
            mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 {%f5, %f6, %f7, %f8},
              {%r20, %r21, %r22, %r23}, {%r24, %r25}, {%f1, %f2, %f3, %f4};
            st.v2.f32 [%rd8], {%f5, %f6}; st.v2.f32 [%rd8+256], {%f7, %f8};
            """, new(Threads: 32), 128, input);
        Assert.That(outcome.Result, Is.Zero, outcome.Log);
        float[] expected = [.. from i in Enumerable.Range(0, 16) from j in Enumerable.Range(0, 8)
            select c[i, j] + Enumerable.Range(0, 8).Sum(k => a[i, k] * b[k, j])];
        Assert.That(outcome.Words.Select(BitConverter.UInt32BitsToSingle), Is.EqualTo(expected));
    }

    // 1 + 2^-11 is read as 1: the hardware cuts off what tf32 does not hold.
    [Test]
    public void A_product_reads_ten_bits_of_fraction()
    {
        uint word = StandInDriver.Open().Run("""
            mov.f32 %f1, 0f00000000; mov.u32 %r20, 0x3f801000; mov.u32 %r21, 0x3f800000;
            mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 {%f5, %f6, %f7, %f8},
              {%r20, %r20, %r20, %r20}, {%r21, %r21}, {%f1, %f1, %f1, %f1};
            setp.eq.u32 %p1, %r1, 0; @%p1 st.f32 [%rd1], %f5;
            """, new(Threads: 32)).Words[0];
        Assert.That(BitConverter.UInt32BitsToSingle(word), Is.EqualTo(8f));
    }
}
