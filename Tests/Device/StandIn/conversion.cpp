// cvt between whole numbers and floats.
#include <cmath>
#include <cstring>
#include <limits>

#include "lanes.h"

namespace {

enum Rounding : uint8_t { Nearest, Zero, Down, Up };

template <class F>
F rounded(F x, Rounding how) {
    return how == Down ? std::floor(x) : how == Up ? std::ceil(x) : how == Zero ? std::trunc(x) : std::nearbyint(x);
}

// A float outside of the range becomes the nearest end of it, NaN becomes 0.
template <class D, class S>
D clamped(S x) {
    if (std::isnan(x)) return 0;
    const S below = static_cast<S>(std::numeric_limits<D>::min()), above = std::ldexp(S(1), std::numeric_limits<D>::digits);
    return x < below ? std::numeric_limits<D>::min() : x >= above ? std::numeric_limits<D>::max() : static_cast<D>(x);
}

template <class D, class S>
D converted(S x, Rounding how, bool whole) {
    if constexpr (std::is_floating_point_v<S> && std::is_integral_v<D>) return clamped<D>(rounded(x, how));
    else if constexpr (std::is_floating_point_v<S> && std::is_floating_point_v<D>) return static_cast<D>(whole ? rounded(x, how) : x);
    else return static_cast<D>(x);
}

// From: the source register, To: the destination register; both may be wider than the type, which fills them with its sign.
template <class D, class S, class To, class From>
void convert(Warp& w, const Instruction& in) {
    const From* a = w.at<From>(in.s[0]);
    const Rounding how = static_cast<Rounding>(in.detail);
    const bool whole = in.offset;
    eachLane(w.active, w.at<To>(in.d[0]), [&](int l) { return static_cast<To>(converted<D>(static_cast<S>(a[l]), how, whole)); });
}

template <class D, class S>
Handler forRegisters(int to, int from) {
    if constexpr (std::is_floating_point_v<D> && std::is_floating_point_v<S>) return convert<D, S, D, S>;
    else if constexpr (std::is_floating_point_v<D>)
        return from == 8 ? convert<D, S, D, uint64_t> : sizeof(S) <= 4 ? convert<D, S, D, uint32_t> : nullptr;
    else if constexpr (std::is_floating_point_v<S>)
        return to == 8 ? convert<D, S, uint64_t, S> : sizeof(D) <= 4 ? convert<D, S, uint32_t, S> : nullptr;
    else {
        if ((sizeof(D) == 8 && to != 8) || (sizeof(S) == 8 && from != 8)) return nullptr;
        if (to == 8) return from == 8 ? convert<D, S, uint64_t, uint64_t> : convert<D, S, uint64_t, uint32_t>;
        return from == 8 ? convert<D, S, uint32_t, uint64_t> : convert<D, S, uint32_t, uint32_t>;
    }
}

template <class D>
Handler fromType(Type source, int to, int from) {
    switch (source) {
        case Type::U8: return forRegisters<D, uint8_t>(to, from);
        case Type::S8: return forRegisters<D, int8_t>(to, from);
        case Type::U16: return forRegisters<D, uint16_t>(to, from);
        case Type::S16: return forRegisters<D, int16_t>(to, from);
        case Type::U32: return forRegisters<D, uint32_t>(to, from);
        case Type::S32: return forRegisters<D, int32_t>(to, from);
        case Type::U64: return forRegisters<D, uint64_t>(to, from);
        case Type::S64: return forRegisters<D, int64_t>(to, from);
        case Type::F32: return from == 4 ? forRegisters<D, float>(to, from) : nullptr;
        case Type::F64: return from == 8 ? forRegisters<D, double>(to, from) : nullptr;
        default: return nullptr;
    }
}

Handler conversion(Type result, Type source, int to, int from) {
    switch (result) {
        case Type::U8: return fromType<uint8_t>(source, to, from);
        case Type::S8: return fromType<int8_t>(source, to, from);
        case Type::U16: return fromType<uint16_t>(source, to, from);
        case Type::S16: return fromType<int16_t>(source, to, from);
        case Type::U32: return fromType<uint32_t>(source, to, from);
        case Type::S32: return fromType<int32_t>(source, to, from);
        case Type::U64: return fromType<uint64_t>(source, to, from);
        case Type::S64: return fromType<int64_t>(source, to, from);
        case Type::F32: return to == 4 ? fromType<float>(source, to, from) : nullptr;
        case Type::F64: return to == 8 ? fromType<double>(source, to, from) : nullptr;
        default: return nullptr;
    }
}

// Ten bits of fraction, halves away from zero.
void toTf32(Warp& w, const Instruction& in) {
    const uint32_t* a = w.at<uint32_t>(in.s[0]);
    eachLane(w.active, w.at<uint32_t>(in.d[0]), [&](int l) {
        bool finite = (a[l] & 0x7f800000u) != 0x7f800000u;
        return finite ? (a[l] + 0x1000u) & 0xffffe000u : a[l];
    });
}

}  // namespace

bool decodeConversion(Decoder& decoder, const Statement& s, Instruction& out) {
    if (s.opcode[0] != "cvt" || s.operands.size() != 2) return false;
    if (s.has("tf32")) {
        if (!s.has("rna") || s.opcode.size() != 4) return false;
        out.d[0] = decoder.result(s, 0, Type::B32);
        out.s[0] = decoder.source(s, 1, Type::F32);
        out.run = toTf32;
        return true;
    }
    const Type result = s.type(0), source = s.type(1);
    static const std::pair<const char*, Rounding> roundings[] = {{"rni", Nearest}, {"rzi", Zero}, {"rmi", Down}, {"rpi", Up}};
    size_t modifiers = 2;
    for (auto& [name, how] : roundings)
        if (s.has(name)) {
            out.detail = how;
            out.offset = 1;
            modifiers++;
        }
    if (s.has("rn")) modifiers++;
    // rz, rm, rp to a float, and sat, round otherwise than here.
    if (s.opcode.size() != modifiers + 1) return false;
    int to, from;
    out.d[0] = decoder.looseResult(s, s.operands[0], result, to);
    out.s[0] = decoder.looseSource(s, s.operands[1], source, from);
    out.run = conversion(result, source, to, from);
    return out.run != nullptr;
}
