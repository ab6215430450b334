// Arithmetic, comparisons, bits and selections.
#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

#include "lanes.h"

namespace {

// One operation of one type: T(T), T(T, T), T(T, T, T) for every lane. G++ keeps products and sums apart (-ffp-contract=off).
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

struct CountOf {
    template <class T>
    static uint32_t ones(T a) { return __builtin_popcountll(a); }
    template <class T>
    static uint32_t leadingZeros(T a) { return a == 0 ? 8 * sizeof(T) : __builtin_clzll(a) - (64 - 8 * sizeof(T)); }
};

template <class T, bool Ones>
void count(Warp& w, const Instruction& in) {
    const T* a = w.at<T>(in.s[0]);
    eachLane(w.active, w.at<uint32_t>(in.d[0]), [&](int l) { return Ones ? CountOf::ones(a[l]) : CountOf::leadingZeros(a[l]); });
}

void reverseBits(Warp& w, const Instruction& in) {
    const uint32_t* a = w.at<uint32_t>(in.s[0]);
    eachLane(w.active, w.at<uint32_t>(in.d[0]), [&](int l) {
        uint32_t out = 0;
        for (int i = 0; i < 32; i++) out |= (a[l] >> i & 1) << (31 - i);
        return out;
    });
}

// A shift by the width or more is defined in PTX, but not in C#: whoever wrote it meant something else.
template <class T, bool Left>
void shift(Warp& w, const Instruction& in) {
    const Slot<T>* a = w.at<Slot<T>>(in.s[0]);
    const uint32_t* by = w.at<uint32_t>(in.s[1]);
    constexpr uint32_t bits = 8 * sizeof(T);
    uint32_t tooFar = w.active & eachBit([&](int l) { return by[l] >= bits; });
    if (tooFar) w.found("SHIFT by the width or more", __builtin_ctz(tooFar), in);
    eachLane(w.active, w.at<Slot<T>>(in.d[0]), [&](int l) {
        T value = static_cast<T>(a[l]);
        if (Left) return static_cast<Slot<T>>(by[l] >= bits ? T(0) : static_cast<T>(value << by[l]));
        return static_cast<Slot<T>>(by[l] >= bits ? (value < T(0) ? static_cast<T>(-1) : T(0)) : static_cast<T>(value >> by[l]));
    });
}

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

enum Compare : uint8_t { Eq, Ne, Lt, Le, Gt, Ge, Equ, Neu, Ltu, Leu, Gtu, Geu, Num, Nan };

template <class T>
uint32_t compare(Compare how, const Slot<T>* a, const Slot<T>* b) {
    auto x = [a](int l) { return static_cast<T>(a[l]); };
    auto y = [b](int l) { return static_cast<T>(b[l]); };
    auto unordered = [&](int l) { return x(l) != x(l) || y(l) != y(l); };
    switch (how) {
        case Eq: return eachBit([&](int l) { return x(l) == y(l); });
        case Ne: return eachBit([&](int l) { return x(l) < y(l) || x(l) > y(l); });
        case Lt: return eachBit([&](int l) { return x(l) < y(l); });
        case Le: return eachBit([&](int l) { return x(l) <= y(l); });
        case Gt: return eachBit([&](int l) { return x(l) > y(l); });
        case Ge: return eachBit([&](int l) { return x(l) >= y(l); });
        case Equ: return eachBit([&](int l) { return !(x(l) < y(l) || x(l) > y(l)); });
        case Neu: return eachBit([&](int l) { return x(l) != y(l); });
        case Ltu: return eachBit([&](int l) { return !(x(l) >= y(l)); });
        case Leu: return eachBit([&](int l) { return !(x(l) > y(l)); });
        case Gtu: return eachBit([&](int l) { return !(x(l) <= y(l)); });
        case Geu: return eachBit([&](int l) { return !(x(l) < y(l)); });
        case Num: return ~eachBit(unordered);
        default: return eachBit(unordered);
    }
}

// s[2]: a predicate to combine with; offset: 1 and, 2 or, 3 xor.
template <class T>
void setp(Warp& w, const Instruction& in) {
    uint32_t bits = compare<T>(static_cast<Compare>(in.detail), w.at<Slot<T>>(in.s[0]), w.at<Slot<T>>(in.s[1])), no = ~bits;
    if (in.s[2] != NoOperand) {
        uint32_t other = *w.at<uint32_t>(in.s[2]);
        bits = in.offset == 1 ? bits & other : in.offset == 2 ? bits | other : bits ^ other;
        no = in.offset == 1 ? no & other : in.offset == 2 ? no | other : no ^ other;
    }
    putBits(w, in.d[0], bits);
    if (in.d[1] != NoOperand) putBits(w, in.d[1], no);
}

template <class T>
void select(Warp& w, const Instruction& in) {
    const T *a = w.at<T>(in.s[0]), *b = w.at<T>(in.s[1]);
    const uint32_t which = *w.at<uint32_t>(in.s[2]);
    eachLane(w.active, w.at<T>(in.d[0]), [&](int l) { return which >> l & 1 ? a[l] : b[l]; });
}

template <class T>
void testp(Warp& w, const Instruction& in) {
    const T* a = w.at<T>(in.s[0]);
    uint32_t bits = in.detail == 'n' ? eachBit([&](int l) { return std::isnan(a[l]); })
        : in.detail == 'i' ? eachBit([&](int l) { return std::isinf(a[l]); })
        : in.detail == 'f' ? eachBit([&](int l) { return std::isfinite(a[l]); })
        : eachBit([&](int l) { return !std::isnan(a[l]); });
    putBits(w, in.d[0], bits);
}

template <class T>
void move(Warp& w, const Instruction& in) {
    const T* a = w.at<T>(in.s[0]);
    eachLane(w.active, w.at<T>(in.d[0]), [&](int l) { return a[l]; });
}

// mov.b64 {low, high}, wide and back
void unpack(Warp& w, const Instruction& in) {
    const uint64_t* a = w.at<uint64_t>(in.s[0]);
    uint64_t value[WarpSize];
    std::copy(a, a + WarpSize, value);
    eachLane(w.active, w.at<uint32_t>(in.d[0]), [&](int l) { return static_cast<uint32_t>(value[l]); });
    eachLane(w.active, w.at<uint32_t>(in.d[1]), [&](int l) { return static_cast<uint32_t>(value[l] >> 32); });
}

void pack(Warp& w, const Instruction& in) {
    const uint32_t *low = w.at<uint32_t>(in.s[0]), *high = w.at<uint32_t>(in.s[1]);
    eachLane(w.active, w.at<uint64_t>(in.d[0]), [&](int l) { return low[l] | static_cast<uint64_t>(high[l]) << 32; });
}

// detail: m move, n not, & and, | or, ^ xor
void predicates(Warp& w, const Instruction& in) {
    uint32_t a = *w.at<uint32_t>(in.s[0]), b = in.s[1] == NoOperand ? 0 : *w.at<uint32_t>(in.s[1]);
    putBits(w, in.d[0], in.detail == 'm' ? a : in.detail == 'n' ? ~a : in.detail == '&' ? a & b : in.detail == '|' ? a | b : a ^ b);
}

template <class T>
void extractBits(Warp& w, const Instruction& in) {
    const T* a = w.at<T>(in.s[0]);
    const uint32_t *from = w.at<uint32_t>(in.s[1]), *length = w.at<uint32_t>(in.s[2]);
    eachLane(w.active, w.at<T>(in.d[0]), [&](int l) {
        const int bits = 8 * sizeof(T), p = from[l] & 255, n = length[l] & 255;
        if (n == 0) return T(0);
        bool negative = std::is_signed_v<T> && (a[l] >> std::min(p + n - 1, bits - 1) & 1);
        T out = 0;
        for (int i = 0; i < bits; i++) out |= static_cast<T>(i < n && p + i < bits ? a[l] >> (p + i) & 1 : T(negative)) << i;
        return out;
    });
}

template <class T>
void insertBits(Warp& w, const Instruction& in) {
    const T *a = w.at<T>(in.s[0]), *b = w.at<T>(in.s[1]);
    const uint32_t *to = w.at<uint32_t>(in.s[2]), *length = w.at<uint32_t>(in.s[3]);
    eachLane(w.active, w.at<T>(in.d[0]), [&](int l) {
        T out = b[l];
        for (unsigned i = 0, p = to[l] & 255; i < (length[l] & 255) && p + i < 8 * sizeof(T); i++)
            out = (out & ~(T(1) << (p + i))) | ((a[l] >> i & T(1)) << (p + i));
        return out;
    });
}

void permuteBytes(Warp& w, const Instruction& in) {
    const uint32_t *a = w.at<uint32_t>(in.s[0]), *b = w.at<uint32_t>(in.s[1]), *which = w.at<uint32_t>(in.s[2]);
    eachLane(w.active, w.at<uint32_t>(in.d[0]), [&](int l) {
        uint64_t all = a[l] | static_cast<uint64_t>(b[l]) << 32;
        uint32_t out = 0;
        for (int i = 0; i < 4; i++) {
            uint32_t selector = which[l] >> 4 * i & 15, byte = all >> 8 * (selector & 7) & 255;
            out |= (selector & 8 ? (byte >> 7 ? 255u : 0u) : byte) << 8 * i;
        }
        return out;
    });
}

// detail: l left, r right; offset: 1 wrap, 0 clamp
void funnelShift(Warp& w, const Instruction& in) {
    const uint32_t *low = w.at<uint32_t>(in.s[0]), *high = w.at<uint32_t>(in.s[1]), *by = w.at<uint32_t>(in.s[2]);
    eachLane(w.active, w.at<uint32_t>(in.d[0]), [&](int l) {
        uint64_t both = low[l] | static_cast<uint64_t>(high[l]) << 32;
        uint32_t n = in.offset ? by[l] & 31 : std::min(by[l], 32u);
        return static_cast<uint32_t>(in.detail == 'l' ? both >> (32 - n) : both >> n);
    });
}

// ---- which of them an instruction is

template <class Operation> struct Unary { template <class T> static constexpr Handler of = unary<T, Operation>; };
template <class Operation> struct Binary { template <class T> static constexpr Handler of = binary<T, Operation>; };
template <class Operation> struct Ternary { template <class T> static constexpr Handler of = ternary<T, Operation>; };
template <bool Left> struct Shift { template <class T> static constexpr Handler of = shift<T, Left>; };
template <bool Quotient> struct Divide { template <class T> static constexpr Handler of = divide<T, Quotient>; };
struct Setp { template <class T> static constexpr Handler of = setp<T>; };

template <class Form>
Handler ofInteger(Type type) {
    switch (type) {
        case Type::B16: case Type::U16: return Form::template of<uint16_t>;
        case Type::S16: return Form::template of<int16_t>;
        case Type::B32: case Type::U32: return Form::template of<uint32_t>;
        case Type::S32: return Form::template of<int32_t>;
        case Type::B64: case Type::U64: return Form::template of<uint64_t>;
        case Type::S64: return Form::template of<int64_t>;
        default: return nullptr;
    }
}

template <class Form>
Handler ofFloat(Type type) {
    return type == Type::F32 ? Form::template of<float> : type == Type::F64 ? Form::template of<double> : nullptr;
}

template <class Whole, class Fraction>
Handler ofBoth(Type type) { return isFloat(type) ? ofFloat<Fraction>(type) : ofInteger<Whole>(type); }

bool wantsOnly(const Statement& s, std::initializer_list<const char*> allowed) {
    for (size_t i = 1; i < s.opcode.size(); i++)
        if (typeNamed(s.opcode[i]) == Type::None && std::none_of(allowed.begin(), allowed.end(), [&](const char* a) { return s.opcode[i] == a; })) return false;
    return true;
}

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
    if (!wantsOnly(s, {"rn", "lo", "hi", "full", "approx", "minus", "from"})) return nullptr;
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

bool decodeSetp(Decoder& decoder, const Statement& s, Instruction& out) {
    static const std::map<std::string, Compare> names = {{"eq", Eq}, {"ne", Ne}, {"lt", Lt}, {"le", Le}, {"gt", Gt}, {"ge", Ge}, {"lo", Lt},
        {"ls", Le}, {"hi", Gt}, {"hs", Ge}, {"equ", Equ}, {"neu", Neu}, {"ltu", Ltu}, {"leu", Leu}, {"gtu", Gtu}, {"geu", Geu}, {"num", Num}, {"nan", Nan}};
    auto name = names.find(s.opcode.size() > 1 ? s.opcode[1] : "");
    if (name == names.end()) return false;
    const Type type = s.type();
    out.detail = name->second;
    // lo, ls, hi and hs are for numbers without a sign.
    if (isSigned(type) && (s.has("lo") || s.has("ls") || s.has("hi") || s.has("hs"))) return false;
    out.run = ofBoth<Setp, Setp>(type);
    size_t bar = s.operands[0].find('|');
    out.d[0] = decoder.predicate(s, s.operands[0].substr(0, bar));
    if (bar != std::string::npos) out.d[1] = decoder.predicate(s, s.operands[0].substr(bar + 1));
    out.s[0] = decoder.source(s, 1, type);
    out.s[1] = decoder.source(s, 2, type);
    if (s.operands.size() > 3) {
        out.offset = s.has("and") ? 1 : s.has("or") ? 2 : s.has("xor") ? 3 : 0;
        out.s[2] = decoder.predicate(s, s.operands[3]);
        if (out.offset == 0) return false;
    }
    return out.run != nullptr;
}

bool decodeMov(Decoder& decoder, const Statement& s, Instruction& out) {
    const Type type = s.type();
    if (s.operands.size() != 2) return false;
    if (s.operands[0][0] == '{' || s.operands[1][0] == '{') {
        bool isPack = s.operands[1][0] == '{';
        std::vector<std::string> halves = Decoder::vectorOf(s.operands[isPack ? 1 : 0]);
        if (halves.size() != 2 || widthOf(type) != 8) return false;
        int bytes;
        for (int i = 0; i < 2; i++) {
            (isPack ? out.s : out.d)[i] = isPack ? decoder.looseSource(s, halves[i], Type::B32, bytes) : decoder.looseResult(s, halves[i], Type::B32, bytes);
            if (bytes != 4) return false;
        }
        (isPack ? out.d : out.s)[0] = isPack ? decoder.result(s, 0, type) : decoder.source(s, 1, type);
        out.run = isPack ? pack : unpack;
        return true;
    }
    out.d[0] = decoder.result(s, 0, type);
    out.s[0] = decoder.source(s, 1, type);
    out.run = widthOf(type) == 8 ? move<uint64_t> : move<uint32_t>;
    return widthOf(type) >= 2;
}

bool decodePredicates(Decoder& decoder, const Statement& s, Instruction& out) {
    const std::string& op = s.opcode[0];
    out.detail = op == "mov" ? 'm' : op == "not" ? 'n' : op == "and" ? '&' : op == "or" ? '|' : op == "xor" ? '^' : 0;
    if (!out.detail) return false;
    out.d[0] = decoder.predicate(s, s.operands.at(0));
    out.s[0] = decoder.predicate(s, s.operands.at(1));
    if (s.operands.size() > 2) out.s[1] = decoder.predicate(s, s.operands[2]);
    out.run = predicates;
    return true;
}

bool decodeBits(Decoder& decoder, const Statement& s, Instruction& out) {
    const std::string& op = s.opcode[0];
    const Type type = s.type();
    const bool wide = widthOf(type) == 8;
    auto sources = [&](std::initializer_list<Type> types) {
        int i = 0;
        for (Type t : types) {
            out.s[i] = decoder.source(s, i + 1, t);
            i++;
        }
        return static_cast<int>(s.operands.size()) == i + 1;
    };
    out.d[0] = decoder.result(s, 0, op == "popc" || op == "clz" ? Type::U32 : type);
    if (op == "shl" || op == "shr") {
        out.run = op == "shl" ? ofInteger<Shift<true>>(type) : ofInteger<Shift<false>>(type);
        return sources({type, Type::U32}) && out.run;
    }
    if (op == "popc" || op == "clz") {
        out.run = op == "popc" ? (wide ? count<uint64_t, true> : count<uint32_t, true>) : (wide ? count<uint64_t, false> : count<uint32_t, false>);
        return sources({type}) && widthOf(type) >= 4;
    }
    if (op == "brev") {
        out.run = reverseBits;
        return sources({type}) && widthOf(type) == 4;
    }
    if (op == "bfe") {
        out.run = type == Type::U32 ? extractBits<uint32_t> : type == Type::S32 ? extractBits<int32_t> : type == Type::U64 ? extractBits<uint64_t>
            : type == Type::S64 ? extractBits<int64_t> : nullptr;
        return sources({type, Type::U32, Type::U32}) && out.run;
    }
    if (op == "bfi") {
        out.run = wide ? insertBits<uint64_t> : insertBits<uint32_t>;
        return sources({type, type, Type::U32, Type::U32});
    }
    if (op == "prmt") {
        out.run = permuteBytes;
        return sources({type, type, Type::U32}) && s.opcode.size() == 2;
    }
    if (op == "shf") {
        out.run = funnelShift;
        out.detail = s.has("l") ? 'l' : 'r';
        out.offset = s.has("wrap");
        return sources({type, type, Type::U32});
    }
    return false;
}

}  // namespace

bool decodeArithmetic(Decoder& decoder, const Statement& s, Instruction& out) {
    const std::string& op = s.opcode[0];
    const Type type = s.type();
    out.type = type;
    static const char* const floating[] = {"add", "sub", "mul", "fma", "mad", "div", "sqrt", "rcp", "min", "max"};
    if (std::any_of(std::begin(floating), std::end(floating), [&](const char* f) { return op == f; }))
        out.counted = type == Type::F32 ? Class::Fp32 : type == Type::F64 ? Class::Fp64 : Class::Other;
    if (type == Type::Pred) return decodePredicates(decoder, s, out);
    if (op == "setp") return decodeSetp(decoder, s, out);
    if (op == "mov") return decodeMov(decoder, s, out);
    if (op == "selp") {
        out.d[0] = decoder.result(s, 0, type);
        out.s[0] = decoder.source(s, 1, type);
        out.s[1] = decoder.source(s, 2, type);
        out.s[2] = decoder.predicate(s, s.operands.at(3));
        out.run = widthOf(type) == 8 ? select<uint64_t> : select<uint32_t>;
        return true;
    }
    if (op == "testp") {
        out.detail = s.has("notanumber") ? 'n' : s.has("infinite") ? 'i' : s.has("finite") ? 'f' : s.has("number") ? 'u' : 0;
        out.d[0] = decoder.predicate(s, s.operands.at(0));
        out.s[0] = decoder.source(s, 1, type);
        out.run = type == Type::F32 ? testp<float> : testp<double>;
        return out.detail && isFloat(type);
    }
    if ((op == "mul" || op == "mad") && s.has("wide")) {
        out.d[0] = decoder.result(s, 0, twice(type));
        out.s[0] = decoder.source(s, 1, type);
        out.s[1] = decoder.source(s, 2, type);
        if (op == "mad") out.s[2] = decoder.source(s, 3, twice(type));
        out.run = wideHandler(type, op == "mad");
        return out.run != nullptr;
    }
    static const char* const bits[] = {"shl", "shr", "popc", "clz", "brev", "bfe", "bfi", "prmt", "shf"};
    if (std::any_of(std::begin(bits), std::end(bits), [&](const char* b) { return op == b; })) return decodeBits(decoder, s, out);
    int operands = 0;
    out.run = simple(s, operands);
    if (!out.run || static_cast<int>(s.operands.size()) != operands + 1) return false;
    out.d[0] = decoder.result(s, 0, type);
    for (int i = 0; i < operands; i++) out.s[i] = decoder.source(s, i + 1, type);
    return true;
}
