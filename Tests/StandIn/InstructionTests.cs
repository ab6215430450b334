using NUnit.Framework;

namespace FisherKernels.Tests.StandIn;

/// <summary>Each kind of instruction, by hand: what it leaves in %r10, %rd10, %f10 or %fd10.</summary>
public class InstructionTests
{
    [TestCase("add.s32 %r10, 7, -9;", -2)]
    [TestCase("sub.u32 %r10, 3, 5;", -2)]
    [TestCase("mul.lo.s32 %r10, -3, 5;", -15)]
    [TestCase("mul.hi.u32 %r10, 0x80000000, 6;", 3)]
    [TestCase("mul.hi.s32 %r10, -2147483648, 6;", -3)]
    [TestCase("mad.lo.s32 %r10, -3, 5, 20;", 5)]
    [TestCase("div.s32 %r10, -7, 2;", -3)]
    [TestCase("div.u32 %r10, -8, 2;", 2147483644)]
    [TestCase("rem.s32 %r10, -7, 2;", -1)]
    [TestCase("min.s32 %r10, -7, 2;", -7)]
    [TestCase("min.u32 %r10, -7, 2;", 2)]
    [TestCase("max.s32 %r10, -7, 2;", 2)]
    [TestCase("abs.s32 %r10, -7;", 7)]
    [TestCase("neg.s32 %r10, 7;", -7)]
    [TestCase("and.b32 %r10, 12, 10;", 8)]
    [TestCase("or.b32 %r10, 12, 10;", 14)]
    [TestCase("xor.b32 %r10, 12, 10;", 6)]
    [TestCase("not.b32 %r10, 12;", -13)]
    [TestCase("shl.b32 %r10, 3, 4;", 48)]
    [TestCase("shr.u32 %r10, -1, 28;", 15)]
    [TestCase("shr.s32 %r10, -64, 4;", -4)]
    [TestCase("popc.b32 %r10, 0xf0f0;", 8)]
    [TestCase("clz.b32 %r10, 1;", 31)]
    [TestCase("brev.b32 %r10, 1;", int.MinValue)]
    [TestCase("bfe.u32 %r10, 0xabcd, 4, 8;", 0xbc)]
    [TestCase("bfe.s32 %r10, 0xabcd, 4, 8;", unchecked((int)0xffffffbc))]
    [TestCase("bfi.b32 %r10, 0x5, 0xffff, 4, 8;", 0xf05f)]
    [TestCase("prmt.b32 %r10, 0x44332211, 0x88776655, 0x7410;", unchecked((int)0x88552211))]
    [TestCase("shf.l.wrap.b32 %r10, 0x80000000, 1, 1;", 3)]
    [TestCase("shf.r.clamp.b32 %r10, 0, 1, 32;", 1)]
    [TestCase("setp.lt.s32 %p1, -1, 1; selp.b32 %r10, 5, 6, %p1;", 5)]
    [TestCase("setp.lo.u32 %p1, -1, 1; selp.b32 %r10, 5, 6, %p1;", 6)]
    [TestCase("setp.eq.s32 %p2, 1, 1; setp.lt.and.s32 %p1, 2, 1, %p2; selp.b32 %r10, 5, 6, %p1;", 6)]
    [TestCase("setp.eq.s32 %p1|%p2, 1, 2; selp.b32 %r10, 5, 6, %p2;", 5)]
    [TestCase("setp.eq.s32 %p1, 1, 1; not.pred %p2, %p1; or.pred %p3, %p1, %p2; and.pred %p4, %p3, %p2; selp.b32 %r10, 5, 6, %p4;", 6)]
    [TestCase("mov.b32 %r10, 1; setp.eq.s32 %p1, 1, 2; @%p1 mov.b32 %r10, 2; @!%p1 add.s32 %r10, %r10, 10;", 11)]
    [TestCase("mov.b64 %rd10, {3, 4}; mov.b64 {%r11, %r10}, %rd10;", 4)]
    [TestCase("cvt.rzi.s32.f32 %r10, 0fC0300000;", -2, TestName = "cvt.rzi of -2.75")]
    [TestCase("cvt.rni.s32.f32 %r10, 0f40200000;", 2, TestName = "cvt.rni of 2.5")]
    [TestCase("cvt.rmi.s32.f64 %r10, 0dC006000000000000;", -3, TestName = "cvt.rmi of -2.75")]
    [TestCase("cvt.rzi.u32.f32 %r10, 0fBF800000;", 0, TestName = "cvt to u32 of -1")]
    [TestCase("cvt.rzi.s32.f32 %r10, 0f7FC00000;", 0, TestName = "cvt of NaN")]
    [TestCase("cvt.rzi.s32.f32 %r10, 0f4F800000;", int.MaxValue, TestName = "cvt of 2^32")]
    [TestCase("mov.b32 %r11, 200; cvt.s32.s8 %r10, %r11;", -56)]
    [TestCase("mov.b64 %rd10, 0x100000005; cvt.u32.u64 %r10, %rd10;", 5)]
    [TestCase("cvt.rn.f32.s32 %f10, -3; mov.b32 %r10, %f10;", unchecked((int)0xc0400000))]
    [TestCase("cvt.rn.f32.f64 %f10, 0d3FF0000000000001; mov.b32 %r10, %f10;", 0x3f800000)]
    // 1 + 2^-11 lies between two tf32: half away from zero
    [TestCase("cvt.rna.tf32.f32 %r10, 0f3F801000;", 0x3f802000)]
    [TestCase("testp.notanumber.f32 %p1, 0f7FC00000; selp.b32 %r10, 1, 0, %p1;", 1)]
    [TestCase("testp.infinite.f32 %p1, 0f7FC00000; selp.b32 %r10, 1, 0, %p1;", 0)]
    public void Whole_numbers(string body, int expected) => Gives(body + " st.u32 [%rd1], %r10;", unchecked((uint)expected));

    [TestCase("mul.wide.s32 %rd10, -3, 5;", -15)]
    [TestCase("mul.wide.u32 %rd10, -1, 2;", 8589934590)]
    [TestCase("mad.wide.u32 %rd10, -1, 2, 10;", 8589934600)]
    [TestCase("add.s64 %rd10, 0x100000000, -1;", 4294967295)]
    [TestCase("mul.lo.u64 %rd10, 0x100000000, 3;", 12884901888)]
    [TestCase("mul.hi.u64 %rd10, 0x8000000000000000, 6;", 3)]
    [TestCase("shl.b64 %rd10, 1, 40;", 1099511627776)]
    [TestCase("shr.s64 %rd10, -256, 4;", -16)]
    [TestCase("cvt.s64.s32 %rd10, -7;", -7)]
    [TestCase("cvt.u64.u32 %rd10, -7;", 4294967289)]
    [TestCase("cvt.rzi.s64.f64 %rd10, 0dC1E0000000200000;", -2147483649)]
    [TestCase("selp.b64 %rd10, 1, 2, 0;", 2)]
    [TestCase("popc.b64 %r11, -1; cvt.u64.u32 %rd10, %r11;", 64)]
    [TestCase("clz.b64 %r11, 1; cvt.u64.u32 %rd10, %r11;", 63)]
    [TestCase("bfe.u64 %rd10, 0xabcd0000, 16, 8;", 0xcd)]
    public void Wide_numbers(string body, long expected) =>
        Gives(body + " st.u64 [%rd1], %rd10;", unchecked((uint)expected), unchecked((uint)(expected >> 32)));

    [TestCase("add.f32 %f10, 0f3F800000, 0f40000000;", 3f)]
    [TestCase("sub.rn.f32 %f10, 0f3F800000, 0f40000000;", -1f)]
    [TestCase("mul.f32 %f10, 0f40400000, 0f40000000;", 6f)]
    [TestCase("div.rn.f32 %f10, 0f3F800000, 0f40400000;", 1f / 3f)]
    [TestCase("fma.rn.f32 %f10, 0f40400000, 0f40000000, 0f3F800000;", 7f)]
    [TestCase("sqrt.rn.f32 %f10, 0f40000000;", 1.41421354f)]
    [TestCase("rcp.rn.f32 %f10, 0f40800000;", 0.25f)]
    [TestCase("rsqrt.approx.f32 %f10, 0f40800000;", 0.5f)]
    [TestCase("ex2.approx.f32 %f10, 0f40400000;", 8f)]
    [TestCase("lg2.approx.f32 %f10, 0f41000000;", 3f)]
    [TestCase("sin.approx.f32 %f10, 0f00000000;", 0f)]
    [TestCase("cos.approx.f32 %f10, 0f00000000;", 1f)]
    [TestCase("min.f32 %f10, 0f3F800000, 0f7FC00000;", 1f)]
    [TestCase("max.f32 %f10, 0f3F800000, 0f40000000;", 2f)]
    [TestCase("abs.f32 %f10, 0fC0000000;", 2f)]
    [TestCase("neg.f32 %f10, 0f40000000;", -2f)]
    [TestCase("copysign.f32 %f10, 0fBF800000, 0f40000000;", -2f)]
    [TestCase("mov.f64 %fd1, 0d3FD5555555555555; cvt.rn.f32.f64 %f10, %fd1;", 0.333333343f)]
    [TestCase("mov.f32 %f1, 0f40200000; cvt.rmi.f32.f32 %f10, %f1;", 2f)]
    public void Floats(string body, float expected) => Gives(body + " st.f32 [%rd1], %f10;", BitConverter.SingleToUInt32Bits(expected));

    [TestCase("add.f64 %fd10, 0d3FF0000000000000, 0d4000000000000000;", 3)]
    [TestCase("div.rn.f64 %fd10, 0d3FF0000000000000, 0d4008000000000000;", 1.0 / 3)]
    [TestCase("fma.rn.f64 %fd10, 0d4008000000000000, 0d4000000000000000, 0d3FF0000000000000;", 7)]
    [TestCase("sqrt.rn.f64 %fd10, 0d4000000000000000;", 1.4142135623730951)]
    [TestCase("max.f64 %fd10, 0dBFF0000000000000, 0d7FF8000000000000;", -1)]
    [TestCase("cvt.f64.f32 %fd10, 0f3FC00000;", 1.5)]
    [TestCase("cvt.rn.f64.s32 %fd10, -3;", -3)]
    [TestCase("cvt.rn.f64.u64 %fd10, 0x100000000;", 4294967296)]
    public void Doubles(string body, double expected)
    {
        ulong bits = BitConverter.DoubleToUInt64Bits(expected);
        Gives(body + " st.f64 [%rd1], %fd10;", (uint)bits, (uint)(bits >> 32));
    }

    [Test]
    public void Comparisons_with_nan(
        [Values("eq", "ne", "lt", "le", "gt", "ge", "equ", "neu", "ltu", "leu", "gtu", "geu", "num", "nan")] string how)
    {
        bool expected = how.EndsWith('u') || how == "nan";
        Gives($"setp.{how}.f32 %p1, 0f3F800000, 0f7FC00000; selp.u32 %r10, 1, 0, %p1; st.u32 [%rd1], %r10;", expected ? 1u : 0u);
    }

    // The square of 1 + 2^-12 is 1 + 2^-11 + 2^-24: rounded to float it loses what an fma keeps.
    [TestCase("mul.f32 %f2, %f1, %f1; sub.f32 %f10, %f2, %f3;", 0x33800000u, TestName = "a product and a sum are joined")]
    [TestCase("mul.rn.f32 %f2, %f1, %f1; sub.f32 %f10, %f2, %f3;", 0u, TestName = "mul.rn is left alone")]
    [TestCase("mul.f32 %f2, %f1, %f1; sub.f32 %f10, %f2, %f3; add.f32 %f11, %f2, %f3;", 0u,
        TestName = "a product used twice is left alone")]
    [TestCase("mul.f32 %f2, %f1, %f1; mov.f32 %f1, 0f00000000; sub.f32 %f10, %f3, %f2;", 0xb3800000u,
        TestName = "a factor that changes is kept")]
    [TestCase("mul.f32 %f2, %f1, %f1; bra L1; L1: sub.f32 %f10, %f2, %f3;", 0u, TestName = "blocks are not joined")]
    public void Contraction(string body, uint expected) =>
        Gives($"ld.f32 %f1, [%rd2]; ld.f32 %f3, [%rd2+4]; {body} st.f32 [%rd1], %f10;", [0x3f800800, 0x3f801000], expected);

    // 2^0.5, rounded to nearest, is 0x3FB504F3: the worst the hardware may return is its neighbour.
    [Test]
    public void Ex2_is_as_inexact_as_allowed()
    {
        uint bits = StandInDriver.Open().Run("ex2.approx.f32 %f10, 0f3F000000; st.f32 [%rd1], %f10;").Words[0];
        Assert.That(Math.Abs((int)bits - 0x3fb504f3), Is.EqualTo(1));
    }

    [TestCase("ld.global.v4.u32 {%r10, %r11, %r12, %r13}, [%rd2]; st.global.v4.u32 [%rd1], {%r13, %r12, %r11, %r10};")]
    [TestCase("ld.global.nc.v2.u32 {%r10, %r11}, [%rd2]; ld.global.ca.v2.b32 {%r12, %r13}, [%rd2+8]; st.v2.u32 [%rd1], {%r13, %r12}; "
        + "st.global.cg.v2.u32 [%rd1+8], {%r11, %r10};")]
    [TestCase("ld.v2.b64 {%rd4, %rd5}, [%rd2]; mov.b64 {%r10, %r11}, %rd4; mov.b64 {%r12, %r13}, %rd5; st.volatile.global.u32 [%rd1], "
        + "%r13; st.relaxed.gpu.global.u32 [%rd1+4], %r12; st.release.gpu.global.u32 [%rd1+8], %r11; st.u32 [%rd1+12], %r10;")]
    [TestCase("ld.volatile.u32 %r10, [%rd2]; ld.relaxed.gpu.u32 %r11, [%rd2+4]; ld.acquire.gpu.u32 %r12, [%rd2+8]; ld.global.cg.u32 "
        + "%r13, [%rd2+12]; st.v4.b32 [%rd1], {%r13, %r12, %r11, %r10};")]
    [TestCase("ld.v4.f32 {%f1, %f2, %f3, %f4}, [%rd2]; mov.b64 %rd5, tile; st.shared.v4.f32 [%rd5], {%f1, %f2, %f3, %f4}; "
        + "ld.shared.v2.f32 {%f5, %f6}, [tile+8]; ld.shared.v2.u32 {%r10, %r11}, [%rd5]; st.v2.f32 [%rd1], {%f6, %f5}; st.v2.u32 "
        + "[%rd1+8], {%r11, %r10};")]
    [TestCase("mov.u32 %r20, tile; cp.async.cg.shared.global [%r20], [%rd2], 16; cp.async.commit_group; cp.async.wait_group 0; "
        + "ld.shared.v4.u32 {%r10, %r11, %r12, %r13}, [%r20]; st.v4.u32 [%rd1], {%r13, %r12, %r11, %r10};")]
    [TestCase("mov.b64 %rd4, tile; cvta.shared.u64 %rd5, %rd4; ld.v4.u32 {%r10, %r11, %r12, %r13}, [%rd2]; st.v4.u32 [%rd5], {%r13, "
        + "%r12, %r11, %r10}; cvta.to.shared.u64 %rd6, %rd5; ld.shared.v4.u32 {%r10, %r11, %r12, %r13}, [%rd6]; cvta.to.global.u64 "
        + "%rd7, %rd1; st.global.v4.u32 [%rd7], {%r10, %r11, %r12, %r13};")]
    public void Loads_and_stores_turn_four_words_round(string body) => Gives(body, [1, 2, 3, 4], 4, 3, 2, 1);

    [Test]
    public void Narrow_loads_keep_their_sign() =>
        Gives("ld.s8 %r10, [%rd2]; ld.u8 %r11, [%rd2]; ld.s16 %r12, [%rd2]; ld.u16 %h1, [%rd2+2]; cvt.u32.u16 %r13, %h1; st.v4.u32 "
            + "[%rd1], {%r10, %r11, %r12, %r13};",
            [0x123480f0], 0xfffffff0, 0xf0, 0xffff80f0, 0x1234);

    [TestCase("atom.add.u32 %r10, [%rd1], 5;", 0u, 5u)]
    [TestCase("atom.global.exch.b32 %r10, [%rd1], 9;", 0u, 9u)]
    [TestCase("atom.cas.b32 %r10, [%rd1], 0, 8;", 0u, 8u)]
    [TestCase("atom.cas.b32 %r10, [%rd1], 1, 8;", 0u, 0u)]
    [TestCase("red.max.s32 [%rd1], 4; atom.min.s32 %r10, [%rd1], -4;", 4u, 0xfffffffcu)]
    [TestCase("red.or.b32 [%rd1], 12; red.and.b32 [%rd1], 10; atom.xor.b32 %r10, [%rd1], 1;", 8u, 9u)]
    [TestCase("red.add.f32 [%rd1], 0f3F800000; atom.add.f32 %f10, [%rd1], 0f3F800000; mov.b32 %r10, %f10;", 0x3f800000u, 0x40000000u)]
    [TestCase("atom.acq_rel.gpu.global.inc.u32 %r10, [%rd1], 7;", 0u, 1u)]
    public void Atomics(string body, uint before, uint after) => Gives($"{body} st.u32 [%rd1+4], %r10;", after, before);

    [Test]
    public void Threads_know_their_numbers()
    {
        uint[] words = StandInDriver.Open().Run(
            "mov.u32 %r10, %ntid.x; mad.lo.u32 %r11, %r2, %r10, %r1; mov.u32 %r12, %laneid; mad.lo.u32 %r11, %r12, 1000, %r11; mov.u32 "
                + "%r13, %warpid; mad.lo.u32 %r11, %r13, 100000, %r11; st.u32 [%rd3], %r11;",
            new(Groups: 2, Threads: 40), 80).Words;
        Assert.That(words[79], Is.EqualTo(79 + 7 * 1000 + 1 * 100000));
        Assert.That(words[5], Is.EqualTo(5 + 5 * 1000));
    }

    // Each thread walks a loop of its own length, and every second one another way through it.
    [Test]
    public void Lanes_part_and_meet_again()
    {
        uint[] words = StandInDriver.Open().Run("""
            mov.u32 %r10, 0; mov.u32 %r11, 0;
            and.b32 %r12, %r1, 1; setp.eq.u32 %p1, %r12, 0;
            again: setp.gt.u32 %p2, %r11, %r1; @%p2 bra done;
            @%p1 bra even;
            add.u32 %r10, %r10, 100; bra.uni next;
            even: add.u32 %r10, %r10, 1;
            next: add.u32 %r11, %r11, 1; bra again;
            done: st.u32 [%rd3], %r10;
            """, new(Threads: 64), 64).Words;
        Assert.That(words, Is.EqualTo(Enumerable.Range(0, 64).Select(t => (uint)(t + 1) * (t % 2 == 0 ? 1u : 100u))));
    }

    [Test]
    public void A_table_of_branches()
    {
        uint[] words = StandInDriver.Open().Run("""
            ts: .branchtargets A, B, C;
            brx.idx %r1, ts;
            A: mov.u32 %r10, 7; bra end;
            B: mov.u32 %r10, 8; bra end;
            C: mov.u32 %r10, 9;
            end: st.u32 [%rd3], %r10;
            """, new(Threads: 3), 3).Words;
        Assert.That(words, Is.EqualTo(new uint[] { 7, 8, 9 }));
    }

    private static void Gives(string body, params uint[] expected) => Gives(body, [], expected);

    private static void Gives(string body, ReadOnlySpan<uint> input, params uint[] expected)
    {
        StandInDriver.Outcome outcome = StandInDriver.Open().Run(body, words: expected.Length, input: input);
        Assert.That(outcome.Result, Is.Zero, outcome.Log);
        Assert.That(outcome.Words, Is.EqualTo(expected));
    }
}
