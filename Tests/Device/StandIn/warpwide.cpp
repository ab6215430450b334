// Instructions of a whole warp: shuffles, votes, reductions, matrix products. All lanes of the member mask have arrived.
#include <algorithm>
#include <cmath>
#include <cstring>

#include "lanes.h"

namespace {

enum Shuffle : uint8_t { Up, Down, Butterfly, Index };

// s: value, lane or distance, clamp and segment mask, member mask; d[1]: whether the source lane lies in the segment.
void shuffle(Warp& w, const Instruction& in) {
    uint32_t from[WarpSize];
    std::copy_n(w.at<uint32_t>(in.s[0]), WarpSize, from);
    const uint32_t *by = w.at<uint32_t>(in.s[1]), *limits = w.at<uint32_t>(in.s[2]);
    uint32_t* to = w.at<uint32_t>(in.d[0]);
    uint32_t inside = 0;
    uint32_t results[WarpSize];
    for (int lane = 0; lane < WarpSize; lane++) {
        if (!(w.active >> lane & 1)) continue;
        const int b = by[lane] & 31, clamp = limits[lane] & 31, segment = limits[lane] >> 8 & 31;
        const int last = (lane & segment) | (clamp & ~segment), first = lane & segment;
        int source = in.detail == Up ? lane - b : in.detail == Down ? lane + b : in.detail == Butterfly ? lane ^ b : first | (b & ~segment);
        bool valid = in.detail == Up ? source >= last : source <= last;
        if (!valid) source = lane;
        if (valid) inside |= 1u << lane;
        if (!(w.active >> source & 1)) w.found("SHUFFLE from a lane that does not take part", lane, in);
        results[lane] = from[source];
    }
    eachLane(w.active, to, [&](int lane) { return results[lane]; });
    if (in.d[1] != NoOperand) putBits(w, in.d[1], inside);
}

// detail: a all, o any (or), u uni, b ballot
void vote(Warp& w, const Instruction& in) {
    uint32_t yes = *w.at<uint32_t>(in.s[0]);
    if (in.s[1] != NoOperand) yes = ~yes;
    yes &= w.active;
    if (in.detail == 'b') {
        eachLane(w.active, w.at<uint32_t>(in.d[0]), [&](int) { return yes; });
        return;
    }
    bool result = in.detail == 'a' ? yes == w.active : in.detail == 'o' ? yes != 0 : yes == 0 || yes == w.active;
    putBits(w, in.d[0], result ? AllLanes : 0);
}

enum Reduction : uint8_t { Sum, Least, Most, And, Or, Xor };

template <class T>
void reduce(Warp& w, const Instruction& in) {
    const T* a = w.at<T>(in.s[0]);
    T result = a[__builtin_ctz(w.active)];
    for (int lane = __builtin_ctz(w.active) + 1; lane < WarpSize; lane++) {
        if (!(w.active >> lane & 1)) continue;
        switch (in.detail) {
            case Sum: result += a[lane]; break;
            case Least: result = std::min(result, a[lane]); break;
            case Most: result = std::max(result, a[lane]); break;
            case And: result &= a[lane]; break;
            case Or: result |= a[lane]; break;
            default: result ^= a[lane];
        }
    }
    eachLane(w.active, w.at<T>(in.d[0]), [&](int) { return result; });
}

void synchronise(Warp& w, const Instruction&) { w.epoch++; }

void activeMask(Warp& w, const Instruction& in) {
    const uint32_t lanes = w.active;
    eachLane(lanes, w.at<uint32_t>(in.d[0]), [&](int) { return lanes; });
}

// The tensor cores read the upper 19 bits of a number: what is below the ten bits of fraction does not count.
float tf32(uint32_t bits) {
    bits &= 0xffffe000u;
    float value;
    memcpy(&value, &bits, 4);
    return value;
}

// D = A B + C for A 16 × K and B K × 8, each spread over the lanes as the PTX manual shows: lane = 4 group + position.
// s: A from 0 (K/2 registers), then B (K/4), then C (4).
template <int K>
void multiplyMatrices(Warp& w, const Instruction& in) {
    float a[16][K], b[K][8], c[16][8];
    for (int lane = 0; lane < WarpSize; lane++) {
        const int group = lane / 4, position = lane % 4;
        for (int i = 0; i < K / 2; i++) a[group + 8 * (i % 2)][position + 4 * (i / 2)] = tf32(w.at<uint32_t>(in.s[i])[lane]);
        for (int i = 0; i < K / 4; i++) b[position + 4 * i][group] = tf32(w.at<uint32_t>(in.s[K / 2 + i])[lane]);
        for (int i = 0; i < 4; i++) c[group + 8 * (i / 2)][2 * position + i % 2] = w.at<float>(in.s[K / 2 + K / 4 + i])[lane];
    }
    // Products of tf32 are exact in float. The hardware's order and rounding of the sums is not documented.
    for (int row = 0; row < 16; row++)
        for (int column = 0; column < 8; column++)
            for (int k = 0; k < K; k++) c[row][column] += a[row][k] * b[k][column];
    for (int lane = 0; lane < WarpSize; lane++)
        for (int i = 0; i < 4; i++) w.at<float>(in.d[i])[lane] = c[lane / 4 + 8 * (i / 2)][2 * (lane % 4) + i % 2];
}

bool decodeShuffle(Decoder& decoder, const Statement& s, Instruction& out) {
    out.detail = s.has("up") ? Up : s.has("down") ? Down : s.has("bfly") ? Butterfly : Index;
    if (!s.hasOnly({"sync", "up", "down", "bfly", "idx"}) || !s.has("sync") || s.operands.size() != 5 || (out.detail == Index && !s.has("idx"))) return false;
    const std::string result = s.operands[0];
    size_t bar = result.find('|');
    Statement plain = s;
    plain.operands[0] = result.substr(0, bar);
    out.d[0] = decoder.result(plain, 0, Type::B32);
    if (bar != std::string::npos) out.d[1] = decoder.predicate(s, result.substr(bar + 1));
    for (int i = 0; i < 4; i++) out.s[i] = decoder.source(s, i + 1, Type::B32);
    out.run = shuffle;
    return true;
}

bool decodeVote(Decoder& decoder, const Statement& s, Instruction& out) {
    if (!s.has("sync") || s.operands.size() != 3) return false;
    out.detail = s.has("all") ? 'a' : s.has("any") ? 'o' : s.has("uni") ? 'u' : s.has("ballot") ? 'b' : 0;
    out.d[0] = out.detail == 'b' ? decoder.result(s, 0, Type::B32) : decoder.predicate(s, s.operands[0]);
    bool negated = s.operands[1][0] == '!';
    out.s[0] = decoder.predicate(s, s.operands[1].substr(negated));
    if (negated) out.s[1] = out.s[0];
    out.s[3] = decoder.source(s, 2, Type::B32);
    out.run = vote;
    return out.detail != 0;
}

bool decodeReduction(Decoder& decoder, const Statement& s, Instruction& out) {
    static const std::pair<const char*, Reduction> names[] = {{"add", Sum}, {"min", Least}, {"max", Most}, {"and", And}, {"or", Or}, {"xor", Xor}};
    bool known = false;
    for (auto& [name, reduction] : names)
        if (s.has(name)) {
            out.detail = reduction;
            known = true;
        }
    if (!known || !s.has("sync") || s.operands.size() != 3 || widthOf(s.type()) != 4 || isFloat(s.type())) return false;
    out.d[0] = decoder.result(s, 0, s.type());
    out.s[0] = decoder.source(s, 1, s.type());
    out.s[3] = decoder.source(s, 2, Type::B32);
    out.run = isSigned(s.type()) ? reduce<int32_t> : reduce<uint32_t>;
    return true;
}

// mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 {d}, {a}, {b}, {c}; k4 as well.
bool decodeMatrices(Decoder& decoder, const Statement& s, Instruction& out) {
    const bool k8 = s.has("m16n8k8"), k4 = s.has("m16n8k4");
    const std::vector<std::string> want = {"mma", "sync", "aligned", k8 ? "m16n8k8" : "m16n8k4", "row", "col", "f32", "tf32", "tf32", "f32"};
    if (!(k8 || k4) || s.opcode != want || s.operands.size() != 4) return false;
    const size_t counts[] = {4, k8 ? 4u : 2u, k8 ? 2u : 1u, 4};
    int at = 0, bytes;
    for (int part = 0; part < 4; part++) {
        std::vector<std::string> names = Decoder::vectorOf(s.operands[part]);
        if (names.size() != counts[part]) return false;
        for (size_t i = 0; i < names.size(); i++) {
            if (part == 0) out.d[i] = decoder.looseResult(s, names[i], Type::F32, bytes);
            else out.s[at++] = decoder.looseSource(s, names[i], part == 3 ? Type::F32 : Type::B32, bytes);
            if (bytes != 4) return false;
        }
    }
    out.counted = Class::Tensor;
    out.run = k8 ? multiplyMatrices<8> : multiplyMatrices<4>;
    return true;
}

}  // namespace

bool decodeWarpWide(Decoder& decoder, const Statement& s, Instruction& out) {
    const std::string& op = s.opcode[0];
    if (op == "activemask") {
        out.d[0] = decoder.result(s, 0, Type::B32);
        out.run = activeMask;
        return true;
    }
    out.kind = Kind::WarpWide;
    if (op == "shfl") return decodeShuffle(decoder, s, out);
    if (op == "vote") return decodeVote(decoder, s, out);
    if (op == "redux") return decodeReduction(decoder, s, out);
    if (op == "mma") {
        // All 32 lanes, whatever the operand place of a member mask holds.
        out.wholeWarp = true;
        return decodeMatrices(decoder, s, out);
    }
    if (op == "bar" && s.has("warp") && s.operands.size() == 1) {
        out.s[3] = decoder.source(s, 0, Type::B32);
        decoder.kernel().warpSyncs = true;
        out.run = synchronise;
        return true;
    }
    return false;
}
