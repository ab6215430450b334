// Arithmetic and logic of numbers: one operation of one type for every lane.
#include <algorithm>
#include <cmath>
#include <cstring>

#include "forms.h"

namespace {

// T(T), T(T, T) and T(T, T, T). G++ keeps products and sums apart (-ffp-contract=off).
template <class T, class Operation>
void unary(Warp& w, const Instruction& in) {
    const Slot<T>* a = w.at<Slot<T>>(in.s[0]);
    eachLane(w.active, w.at<Slot<T>>(in.d[0]), [&](int l) { return static_cast<Slot<T>>(Operation::of(static_cast<T>(a[l]))); });
}

template <class T, class Operation>
void binary(Warp& w, const Instruction& in) {
    const Slot<T>*a = w.at<Slot<T>>(in.s[0]), *b = w.at<Slot<T>>(in.s[1]);
    eachLane(w.active, w.at<Slot<T>>(in.d[0]), [&](int l) { return static_cast<Slot<T>>(Operation::of(static_cast<T>(a[l]), static_cast<T>(b[l]))); });
}

template <class T, class Operation>
void ternary(Warp& w, const Instruction& in) {
    const Slot<T>*a = w.at<Slot<T>>(in.s[0]), *b = w.at<Slot<T>>(in.s[1]), *c = w.at<Slot<T>>(in.s[2]);
    eachLane(w.active, w.at<Slot<T>>(in.d[0]), [&](int l) {
        return static_cast<Slot<T>>(Operation::of(static_cast<T>(a[l]), static_cast<T>(b[l]), static_cast<T>(c[l])));
    });
}

// T × T → the type twice as wide, and for mad.wide a sum of that type.
template <class T, class Wide, bool Sum>
void wide(Warp& w, const Instruction& in) {
    const Slot<T>*a = w.at<Slot<T>>(in.s[0]), *b = w.at<Slot<T>>(in.s[1]);
    const Wide* c = Sum ? w.at<Wide>(in.s[2]) : nullptr;
    eachLane(w.active, w.at<Wide>(in.d[0]), [&](int l) {
        Wide product = static_cast<Wide>(static_cast<T>(a[l])) * static_cast<Wide>(static_cast<T>(b[l]));
        return static_cast<Wide>(Sum ? product + c[l] : product);
    });
}

#define OPERATION(Name, Expression, ...)                          \
    struct Name {                                                 \
        template <class T>                                        \
        static T of(__VA_ARGS__) { return static_cast<T>(Expression); } \
    }

OPERATION(AddOf, a + b, T a, T b);
OPERATION(SubOf, a - b, T a, T b);
OPERATION(MulOf, a * b, T a, T b);
OPERATION(MadOf, a * b + c, T a, T b, T c);
OPERATION(AndOf, a & b, T a, T b);
OPERATION(OrOf, a | b, T a, T b);
OPERATION(XorOf, a ^ b, T a, T b);
OPERATION(NotOf, ~a, T a);
OPERATION(FmaOf, std::fma(a, b, c), T a, T b, T c);
OPERATION(FmaMinusOf, std::fma(a, b, -c), T a, T b, T c);       // a b − c
OPERATION(FmaFromOf, std::fma(-a, b, c), T a, T b, T c);        // c − a b
OPERATION(NegOf, -a, T a);
OPERATION(AbsOf, a < 0 ? -a : a, T a);
OPERATION(FloatAbsOf, std::fabs(a), T a);
OPERATION(FloatDivOf, a / b, T a, T b);
OPERATION(SqrtOf, std::sqrt(a), T a);
OPERATION(RcpOf, T(1) / a, T a);
OPERATION(RsqrtOf, 1 / std::sqrt(static_cast<double>(a)), T a);
OPERATION(Log2Of, std::log2(static_cast<double>(a)), T a);
OPERATION(SinOf, std::sin(static_cast<double>(a)), T a);
OPERATION(CosOf, std::cos(static_cast<double>(a)), T a);
OPERATION(TanhOf, std::tanh(static_cast<double>(a)), T a);
OPERATION(MinOf, b < a ? b : a, T a, T b);
OPERATION(MaxOf, a < b ? b : a, T a, T b);
// A NaN gives way to a number, and −0 is less than +0.
OPERATION(FloatMinOf, std::isnan(a) ? b : std::isnan(b) ? a : a < b || (a == b && std::signbit(a)) ? a : b, T a, T b);
OPERATION(FloatMaxOf, std::isnan(a) ? b : std::isnan(b) ? a : a > b || (a == b && !std::signbit(a)) ? a : b, T a, T b);
OPERATION(CopySignOf, std::copysign(b, a), T a, T b);

struct MulHiOf {
    template <class T>
    static T of(T a, T b) {
        using Wide = std::conditional_t<std::is_signed_v<T>, __int128, unsigned __int128>;
        return static_cast<T>((static_cast<Wide>(a) * static_cast<Wide>(b)) >> (8 * sizeof(T)));
    }
};

// The hardware's ex2.approx is within 2^-22.5 of the truth: a number that is not whole gets the worst of that.
struct Exp2Of {
    static float of(float a) {
        float f = static_cast<float>(std::exp2(static_cast<double>(a)));
        if (settings().exactExp2 || !(f > 1e-37f && f < 1e37f) || a == std::floor(a)) return f;
        uint32_t bits;
        memcpy(&bits, &f, 4);
        bits += bits * 2654435761u >> 31 ? 1 : -1;
        memcpy(&f, &bits, 4);
        return f;
    }
};

template <class T, bool Quotient>
void divide(Warp& w, const Instruction& in) {
    const Slot<T>*a = w.at<Slot<T>>(in.s[0]), *b = w.at<Slot<T>>(in.s[1]);
    Slot<T>* to = w.at<Slot<T>>(in.d[0]);
    for (int l = 0; l < WarpSize; l++) {
        if (!(w.active >> l & 1)) continue;
        T x = static_cast<T>(a[l]), y = static_cast<T>(b[l]);
        if (y == 0) {
            w.found("DIVISION BY ZERO", l, in);
            to[l] = static_cast<Slot<T>>(-1);
        } else if (std::is_signed_v<T> && y == static_cast<T>(-1)) to[l] = static_cast<Slot<T>>(Quotient ? static_cast<T>(0 - x) : T(0));
        else to[l] = static_cast<Slot<T>>(Quotient ? x / y : x % y);
    }
}

// ---- which of them an instruction is

template <class Operation> struct Unary { template <class T> static constexpr Handler of = unary<T, Operation>; };
template <class Operation> struct Binary { template <class T> static constexpr Handler of = binary<T, Operation>; };
template <class Operation> struct Ternary { template <class T> static constexpr Handler of = ternary<T, Operation>; };
template <bool Quotient> struct Divide { template <class T> static constexpr Handler of = divide<T, Quotient>; };

Handler wideHandler(Type type, bool sum) {
    switch (type) {
        case Type::U16: return sum ? wide<uint16_t, uint32_t, true> : wide<uint16_t, uint32_t, false>;
        case Type::S16: return sum ? wide<int16_t, int32_t, true> : wide<int16_t, int32_t, false>;
        case Type::U32: return sum ? wide<uint32_t, uint64_t, true> : wide<uint32_t, uint64_t, false>;
        case Type::S32: return sum ? wide<int32_t, int64_t, true> : wide<int32_t, int64_t, false>;
        default: return nullptr;
    }
}

Type twice(Type type) { return widthOf(type) == 2 ? Type::B32 : Type::B64; }

// Operations whose operands all have the instruction's type.
Handler simple(const Statement& s, int& operands) {
    const std::string& op = s.opcode[0];
    const Type type = s.type();
    // Rounding to nearest is the only one there is here; .full and .approx may round worse, which is allowed to be nearest.
    if (!s.hasOnly({"rn", "lo", "hi", "full", "approx", "minus", "from"})) return nullptr;
    operands = 2;
    if (op == "add") return ofBoth<Binary<AddOf>, Binary<AddOf>>(type);
    if (op == "sub") return ofBoth<Binary<SubOf>, Binary<SubOf>>(type);
    if (op == "mul" && s.has("hi")) return ofInteger<Binary<MulHiOf>>(type);
    if (op == "mul") return ofBoth<Binary<MulOf>, Binary<MulOf>>(type);
    if (op == "div") return ofBoth<Divide<true>, Binary<FloatDivOf>>(type);
    if (op == "rem") return ofInteger<Divide<false>>(type);
    if (op == "min") return ofBoth<Binary<MinOf>, Binary<FloatMinOf>>(type);
    if (op == "max") return ofBoth<Binary<MaxOf>, Binary<FloatMaxOf>>(type);
    if (op == "and") return ofInteger<Binary<AndOf>>(type);
    if (op == "or") return ofInteger<Binary<OrOf>>(type);
    if (op == "xor") return ofInteger<Binary<XorOf>>(type);
    if (op == "copysign") return ofFloat<Binary<CopySignOf>>(type);
    operands = 3;
    if (op == "mad" && !isFloat(type) && !s.has("hi")) return ofInteger<Ternary<MadOf>>(type);
    if (op == "fma" && s.has("minus")) return ofFloat<Ternary<FmaMinusOf>>(type);
    if (op == "fma" && s.has("from")) return ofFloat<Ternary<FmaFromOf>>(type);
    if (op == "fma" || op == "mad") return ofFloat<Ternary<FmaOf>>(type);
    operands = 1;
    if (op == "neg") return ofBoth<Unary<NegOf>, Unary<NegOf>>(type);
    if (op == "abs") return ofBoth<Unary<AbsOf>, Unary<FloatAbsOf>>(type);
    if (op == "not") return ofInteger<Unary<NotOf>>(type);
    if (op == "sqrt") return ofFloat<Unary<SqrtOf>>(type);
    if (op == "rcp") return ofFloat<Unary<RcpOf>>(type);
    if (op == "rsqrt") return ofFloat<Unary<RsqrtOf>>(type);
    if (type != Type::F32) return nullptr;
    if (op == "ex2") return unary<float, Exp2Of>;
    if (op == "lg2") return unary<float, Log2Of>;
    if (op == "sin") return unary<float, SinOf>;
    if (op == "cos") return unary<float, CosOf>;
    if (op == "tanh") return unary<float, TanhOf>;
    return nullptr;
}

}  // namespace

bool decodeArithmetic(Decoder& decoder, const Statement& s, Instruction& out) {
    const std::string& op = s.opcode[0];
    const Type type = s.type();
    out.type = type;
    static const char* const floating[] = {"add", "sub", "mul", "fma", "mad", "div", "sqrt", "rcp", "min", "max"};
    if (std::any_of(std::begin(floating), std::end(floating), [&](const char* f) { return op == f; }))
        out.counted = type == Type::F32 ? Class::Fp32 : type == Type::F64 ? Class::Fp64 : Class::Other;
    if ((op == "mul" || op == "mad") && s.has("wide") && s.hasOnly({"wide"})) {
        out.d[0] = decoder.result(s, 0, twice(type));
        out.s[0] = decoder.source(s, 1, type);
        out.s[1] = decoder.source(s, 2, type);
        if (op == "mad") out.s[2] = decoder.source(s, 3, twice(type));
        out.run = wideHandler(type, op == "mad");
        return out.run != nullptr;
    }
    int operands = 0;
    out.run = simple(s, operands);
    if (!out.run || static_cast<int>(s.operands.size()) != operands + 1) return false;
    out.d[0] = decoder.result(s, 0, type);
    for (int i = 0; i < operands; i++) out.s[i] = decoder.source(s, i + 1, type);
    return true;
}
