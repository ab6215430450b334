// Shifts, counts and fields of bits, and the order of bytes.
#include <algorithm>

#include "forms.h"

namespace {

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

template <bool Left> struct Shift { template <class T> static constexpr Handler of = shift<T, Left>; };

}  // namespace

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
    static const char* const known[] = {"shl", "shr", "popc", "clz", "brev", "bfe", "bfi", "prmt", "shf"};
    if (std::none_of(std::begin(known), std::end(known), [&](const char* k) { return op == k; })) return false;
    if (!s.hasOnly({"l", "r", "wrap", "clamp"})) return false;
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
