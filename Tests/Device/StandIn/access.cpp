// ld, st, atom, red, cp.async, fences, and the conversions between address spaces.
#include <algorithm>
#include <cstring>

#include "checks.h"

namespace {

void addresses(Warp& w, const Instruction& in, uint64_t* at) {
    if (in.wideAddress) {
        const uint64_t* base = w.at<uint64_t>(in.s[9]);
        for (int lane = 0; lane < WarpSize; lane++) at[lane] = base[lane] + in.offset;
    } else {
        const uint32_t* base = w.at<uint32_t>(in.s[9]);
        for (int lane = 0; lane < WarpSize; lane++) at[lane] = base[lane] + in.offset;
    }
}

// T as it lies in memory, R as it lies in the register.
template <class T, class R>
void load(Warp& w, const Instruction& in) {
    uint64_t at[WarpSize];
    addresses(w, in, at);
    Place places[2];
    int count = touch(w, in, at, sizeof(T) * in.vector, Access::Read, places);
    for (int p = 0; p < count; p++)
        for (int v = 0; v < in.vector; v++) {
            R* to = w.at<R>(in.d[v]);
            const char* base = places[p].base + v * sizeof(T);
            eachLane(places[p].lanes, to, [&](int lane) {
                T value;
                memcpy(&value, base + at[lane], sizeof(T));
                return static_cast<R>(value);
            });
        }
}

template <class T, class R>
void store(Warp& w, const Instruction& in) {
    uint64_t at[WarpSize];
    addresses(w, in, at);
    alignas(16) T values[WarpSize * 4];
    for (int v = 0; v < in.vector; v++) {
        const R* from = w.at<R>(in.s[v]);
        for (int lane = 0; lane < WarpSize; lane++) values[lane * in.vector + v] = static_cast<T>(from[lane]);
    }
    write(w, in, at, sizeof(T) * in.vector, reinterpret_cast<char*>(values));
    if (in.strong) w.launch().progress++;
}

template <class T, class R>
void loadParameter(Warp& w, const Instruction& in) {
    for (int v = 0; v < in.vector; v++) {
        T value;
        memcpy(&value, w.launch().parameters.data() + in.offset + v * sizeof(T), sizeof(T));
        eachLane(w.active, w.at<R>(in.d[v]), [&](int) { return static_cast<R>(value); });
    }
}

enum Update : uint8_t { Add, Exchange, CompareAndSwap, Min, Max, And, Or, Xor, Inc, Dec };

template <class T>
T updated(Update how, T old, T a, T b) {
    if constexpr (std::is_floating_point_v<T>) {
        return how == Add ? old + a : a;
    } else {
        switch (how) {
            case Add: return old + a;
            case Exchange: return a;
            case CompareAndSwap: return old == a ? b : old;
            case Min: return std::min(old, a);
            case Max: return std::max(old, a);
            case And: return old & a;
            case Or: return old | a;
            case Xor: return old ^ a;
            case Inc: return old >= a ? 0 : old + 1;
            default: return old == 0 || old > a ? a : old - 1;
        }
    }
}

// The lanes of an atomic come one after the other.
template <class T>
void atomic(Warp& w, const Instruction& in) {
    uint64_t at[WarpSize];
    addresses(w, in, at);
    Place places[2];
    int count = touch(w, in, at, sizeof(T), Access::Atomic, places);
    const T* a = w.at<T>(in.s[0]);
    const T* b = in.s[1] == NoOperand ? nullptr : w.at<T>(in.s[1]);
    T* to = in.d[0] == NoOperand ? nullptr : w.at<T>(in.d[0]);
    for (int p = 0; p < count; p++)
        for (int lane = 0; lane < WarpSize; lane++) {
            if (!(places[p].lanes >> lane & 1)) continue;
            char* address = places[p].base + at[lane];
            T old, now;
            memcpy(&old, address, sizeof(T));
            now = updated(static_cast<Update>(in.detail), old, a[lane], b ? b[lane] : T());
            if (memcmp(&old, &now, sizeof(T)) != 0) w.launch().progress++;
            memcpy(address, &now, sizeof(T));
            if (to) to[lane] = old;
        }
}

void fence(Warp& w, const Instruction& in) {
    if (in.detail && w.launch().order) w.launch().order->fence(w.group().number);
}

// Shared to generic and back; nothing to do for global memory.
template <int64_t Shift>
void moveSpace(Warp& w, const Instruction& in) {
    const uint64_t* from = w.at<uint64_t>(in.s[0]);
    eachLane(w.active, w.at<uint64_t>(in.d[0]), [&](int lane) { return from[lane] + Shift; });
}

// cp.async happens at once: waiting for it is then nothing. detail: bytes; s[0]: how many of them are read, the rest is 0.
void copyAsync(Warp& w, const Instruction& in) {
    Instruction reading = in, writing = in;
    reading.space = Space::Global;
    reading.wideAddress = true;
    reading.s[9] = in.s[8];
    reading.offset = in.target;
    uint64_t from[WarpSize], to[WarpSize];
    addresses(w, reading, from);
    addresses(w, writing, to);
    alignas(16) char values[WarpSize * 16] = {};
    const uint32_t all = w.active;
    Place places[2];
    for (int lane = 0; lane < WarpSize; lane++)
        if ((all >> lane & 1) && in.s[0] != NoOperand && w.at<uint32_t>(in.s[0])[lane] == 0) w.active &= ~(1u << lane);
    if (w.active) touch(w, reading, from, in.detail, Access::Read, places);
    for (int lane = 0; lane < WarpSize; lane++) {
        if (!(w.active >> lane & 1)) continue;
        size_t bytes = in.s[0] == NoOperand ? in.detail : std::min<uint32_t>(in.detail, w.at<uint32_t>(in.s[0])[lane]);
        memcpy(values + lane * in.detail, reinterpret_cast<char*>(from[lane]), bytes);
    }
    w.active = all;
    write(w, writing, to, in.detail, values);
}

void nothing(Warp&, const Instruction&) {}

// A narrow number goes into the whole register: with its sign for s8 and s16, with zeros for the others.
template <class R, template <class, class> class Pick>
Handler forType(Type type) {
    switch (type) {
        case Type::B8: case Type::U8: return Pick<uint8_t, R>::run;
        case Type::S8: return Pick<int8_t, R>::run;
        case Type::B16: case Type::U16: return Pick<uint16_t, R>::run;
        case Type::S16: return Pick<int16_t, R>::run;
        case Type::B32: case Type::U32: case Type::F32: return Pick<uint32_t, R>::run;
        case Type::S32: return Pick<int32_t, R>::run;
        case Type::B64: case Type::U64: case Type::S64: case Type::F64: return sizeof(R) == 8 ? Pick<uint64_t, R>::run : nullptr;
        default: return nullptr;
    }
}

template <class T, class R> struct Load { static constexpr Handler run = load<T, R>; };
template <class T, class R> struct Store { static constexpr Handler run = store<T, R>; };
template <class T, class R> struct LoadParameter { static constexpr Handler run = loadParameter<T, R>; };

template <template <class, class> class Pick>
Handler pick(Type type, int registerBytes) {
    return registerBytes == 8 ? forType<uint64_t, Pick>(type) : forType<uint32_t, Pick>(type);
}

void ordering(Decoder& decoder, const Statement& s, Instruction& out) {
    bool inGroup = s.has("cta");
    out.acquires = (s.has("acquire") || s.has("acq_rel")) && !inGroup;
    out.releases = (s.has("release") || s.has("acq_rel")) && !inGroup;
    if (out.acquires || out.releases) decoder.kernel().fences = true;
    out.strong = s.has("volatile") || s.has("relaxed") || s.has("acquire") || s.has("release");
}

bool decodeMove(Decoder& decoder, const Statement& s, Instruction& out) {
    if (!s.hasOnly({"shared", "global", "param", "nc", "v2", "v4", "volatile", "weak", "relaxed", "acquire", "release", "cta", "gpu", "sys",
            "ca", "cg", "cs", "lu", "cv", "wb", "wt", "L1::no_allocate", "L1::evict_last", "L1::evict_first", "L2::128B", "L2::256B"}))
        return false;
    bool isLoad = s.opcode[0] != "st";
    Type type = s.type();
    out.type = type;
    out.space = s.has("shared") ? Space::Shared : s.has("global") || s.has("nc") ? Space::Global : s.has("param") ? Space::Param : Space::Generic;
    if (s.operands.size() != 2) return false;
    std::string place = s.operands[isLoad ? 1 : 0];
    std::vector<std::string> names = Decoder::vectorOf(s.operands[isLoad ? 0 : 1]);
    out.vector = static_cast<uint8_t>(names.size());
    if (out.vector != (s.has("v4") ? 4 : s.has("v2") ? 2 : 1) || widthOf(type) == 0 || widthOf(type) * out.vector > 16) return false;
    int bytes = 0, others;
    for (size_t i = 0; i < names.size(); i++) {
        (isLoad ? out.d : out.s)[i] = isLoad ? decoder.looseResult(s, names[i], type, others) : decoder.looseSource(s, names[i], type, others);
        if (i && others != bytes) return false;
        bytes = others;
    }
    if (bytes == 0) return false;
    ordering(decoder, s, out);
    if (out.strong && isLoad) out.kind = Kind::Poll;
    if (out.space != Space::Param) {
        decoder.address(s, place, out);
        out.run = isLoad ? pick<Load>(type, bytes) : pick<Store>(type, bytes);
        return out.run != nullptr;
    }
    if (!isLoad) return false;
    std::string name = place.substr(1, place.find_first_of("+]") - 1);
    name.erase(name.find_last_not_of(' ') + 1);
    for (const Parameter& p : decoder.kernel().parameters) {
        if (p.name != name) continue;
        size_t plus = place.find('+');
        int within = plus == std::string::npos ? 0 : atoi(place.c_str() + plus + 1);
        if (within + widthOf(type) * out.vector > p.bytes) throw LoadError(s.line, "past the end of its parameter: " + s.text());
        out.offset = p.offset + within;
        out.run = pick<LoadParameter>(type, bytes);
        return out.run != nullptr;
    }
    throw LoadError(s.line, "no parameter " + name);
}

bool decodeAtomic(Decoder& decoder, const Statement& s, Instruction& out) {
    static const std::pair<const char*, Update> updates[] = {{"add", Add}, {"exch", Exchange}, {"cas", CompareAndSwap}, {"min", Min},
        {"max", Max}, {"and", And}, {"or", Or}, {"xor", Xor}, {"inc", Inc}, {"dec", Dec}};
    if (!s.hasOnly({"add", "exch", "cas", "min", "max", "and", "or", "xor", "inc", "dec", "shared", "global", "relaxed", "acquire", "release",
            "acq_rel", "cta", "gpu", "sys"}))
        return false;
    bool returns = s.opcode[0] == "atom", known = false;
    for (auto& [name, update] : updates)
        if (s.has(name)) {
            out.detail = update;
            known = true;
        }
    Type type = s.type();
    out.type = type;
    if (!known || (isFloat(type) && out.detail != Add && out.detail != Exchange)) return false;
    out.space = s.has("shared") ? Space::Shared : s.has("global") ? Space::Global : Space::Generic;
    size_t first = returns ? 1 : 0;
    if (s.operands.size() != first + (out.detail == CompareAndSwap ? 3 : 2)) return false;
    ordering(decoder, s, out);
    out.strong = true;
    out.kind = Kind::Poll;
    decoder.address(s, s.operands[first], out);
    if (returns && s.operands[0] != "_") out.d[0] = decoder.result(s, 0, type);
    out.s[0] = decoder.source(s, first + 1, type);
    if (out.detail == CompareAndSwap) out.s[1] = decoder.source(s, first + 2, type);
    switch (type) {
        case Type::B32: case Type::U32: out.run = atomic<uint32_t>; break;
        case Type::S32: out.run = atomic<int32_t>; break;
        case Type::B64: case Type::U64: out.run = atomic<uint64_t>; break;
        case Type::S64: out.run = atomic<int64_t>; break;
        case Type::F32: out.run = atomic<float>; break;
        case Type::F64: out.run = atomic<double>; break;
        default: return false;
    }
    return true;
}

bool decodeCopyAsync(Decoder& decoder, const Statement& s, Instruction& out) {
    out.run = nothing;
    if (s.has("commit_group") || s.has("wait_group") || s.has("wait_all")) return true;
    if (!s.has("shared") || !s.has("global") || s.operands.size() < 3) return false;
    out.space = Space::Global;
    decoder.address(s, s.operands[1], out);
    out.s[8] = out.s[9];
    out.target = static_cast<int>(out.offset);
    if (!out.wideAddress) return false;
    out.space = Space::Shared;
    decoder.address(s, s.operands[0], out);
    out.detail = static_cast<uint8_t>(atoi(s.operands[2].c_str()));
    if (out.detail != 4 && out.detail != 8 && out.detail != 16) return false;
    if (s.operands.size() > 3) out.s[0] = decoder.source(s, 3, Type::U32);
    out.run = copyAsync;
    return true;
}

}  // namespace

bool decodeAccess(Decoder& decoder, const Statement& s, Instruction& out) {
    const std::string& op = s.opcode[0];
    if (op == "ld" || op == "st" || op == "ldu") return decodeMove(decoder, s, out);
    if (op == "atom" || op == "red") return decodeAtomic(decoder, s, out);
    if (op == "cp" && s.has("async")) return decodeCopyAsync(decoder, s, out);
    if (op == "membar" || op == "fence") {
        out.detail = !s.has("cta");
        if (out.detail) decoder.kernel().fences = true;
        out.run = fence;
        return true;
    }
    if (op == "nanosleep") {
        out.kind = Kind::Poll;  // what sleeps waits for others
        out.run = nothing;
        return true;
    }
    if (op == "prefetch" || op == "prefetchu") {
        out.run = nothing;
        return true;
    }
    if (op == "cvta") {
        if (s.type() != Type::U64 || !(s.has("shared") || s.has("global"))) return false;
        bool shared = s.has("shared"), back = s.has("to");
        out.d[0] = decoder.result(s, 0, Type::U64);
        out.s[0] = decoder.source(s, 1, Type::U64);
        constexpr int64_t window = static_cast<int64_t>(SharedWindow);
        out.run = !shared ? moveSpace<0> : back ? moveSpace<-window> : moveSpace<window>;
        return true;
    }
    return false;
}
