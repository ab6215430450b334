// Comparisons, predicates, selections and moves.
#include <algorithm>
#include <cmath>

#include "forms.h"

namespace {

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

struct Setp { template <class T> static constexpr Handler of = setp<T>; };

bool decodeSetp(Decoder& decoder, const Statement& s, Instruction& out) {
    static const std::map<std::string, Compare> names = {{"eq", Eq}, {"ne", Ne}, {"lt", Lt}, {"le", Le}, {"gt", Gt}, {"ge", Ge}, {"lo", Lt},
        {"ls", Le}, {"hi", Gt}, {"hs", Ge}, {"equ", Equ}, {"neu", Neu}, {"ltu", Ltu}, {"leu", Leu}, {"gtu", Gtu}, {"geu", Geu}, {"num", Num}, {"nan", Nan}};
    auto name = names.find(s.opcode.size() > 1 ? s.opcode[1] : "");
    if (name == names.end() || !s.hasOnly({s.opcode[1].c_str(), "and", "or", "xor"})) return false;
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

}  // namespace

bool decodeSelection(Decoder& decoder, const Statement& s, Instruction& out) {
    const std::string& op = s.opcode[0];
    const Type type = s.type();
    if (op != "setp" && !s.hasOnly({"notanumber", "infinite", "finite", "number"})) return false;
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
    return false;
}
