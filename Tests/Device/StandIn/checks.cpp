#include "checks.h"

#include <algorithm>
#include <cstring>

namespace {

// Who touched a word of shared memory: a thread, several lanes of one warp, or threads of several warps.
constexpr uint32_t Several = 1024, Everyone = 2047;

uint32_t whoOf(uint32_t tag) { return tag & 2047; }
bool isOfWarp(uint32_t who, int warp) { return who < Several ? who / WarpSize == static_cast<uint32_t>(warp) : who == Several + warp; }

// ---- one lane, everything

// The bits of Memory::state for the bytes of a word that are touched.
uint8_t partOf(uint64_t offset, int bytes) { return static_cast<uint8_t>(((1 << std::min(bytes, 4)) - 1) << offset % 4); }

void checkGlobalLane(Warp& w, const Instruction& in, int lane, uint64_t address, int bytes, Access access, const char* value) {
    Launch& l = w.launch();
    Memory& memory = l.memory;
    if (address % bytes) w.fault(MisalignedAddress, "MISALIGNED", lane, in);
    const uint64_t offset = address - memory.base();
    if (offset >= memory.span()) w.fault(IllegalAddress, "OUT OF BOUNDS", lane, in);
    const uint32_t me = w.group().number;
    const uint8_t part = partOf(offset, bytes);
    const uint64_t first = offset / 4, end = first + std::max(1, bytes / 4);
    for (uint64_t word = first; word < end; word++) {
        uint8_t& state = memory.state()[word];
        if ((state & part) != part) w.fault(IllegalAddress, "OUT OF BOUNDS", lane, in);
        if (access != Access::Write && (state >> 4 & part) != part) w.found("UNINITIALISED READ", lane, in);
        state |= static_cast<uint8_t>(part << 4);
        if (in.strong) continue;
        Touched& t = memory.touched()[word];
        const uint32_t writeTime = t.write >> 32, writer = static_cast<uint32_t>(t.write);
        const uint32_t readTime = t.read >> 32, reader = static_cast<uint32_t>(t.read);
        const bool foreignWrite = writeTime >= l.start && writer != me, foreignRead = readTime >= l.start && reader != me;
        const uint64_t now = static_cast<uint64_t>(l.clockOf(me)) << 32;
        if (access == Access::Read) {
            if (foreignWrite && !(l.order && l.order->isReadOrdered(me, writer, writeTime))) w.found("RACE between groups: read after write", lane, in);
            t.read = now | (foreignRead ? Many : me);
            continue;
        }
        bool changes = memcmp(reinterpret_cast<char*>(address) + (word - first) * 4, value + (word - first) * 4, std::min(bytes, 4)) != 0;
        if (foreignWrite && changes && !(l.order && l.order->isWriteOrdered(me, writer, writeTime)))
            w.found("RACE between groups: write after write", lane, in);
        bool ordered = l.order && (reader == Many ? l.order->isWriteOrderedAfterAll(me, readTime) : l.order->isWriteOrdered(me, reader, readTime));
        if (foreignRead && changes && !ordered) w.found("RACE between groups: write after read", lane, in);
        t.write = now | me;
    }
}

// Threads of a group are ordered by its barriers, lanes of a warp by bar.warp.sync as well.
void checkSharedLane(Warp& w, const Instruction& in, int lane, uint64_t offset, int bytes, Access access, const char* value) {
    Group& group = w.group();
    if (offset % bytes) w.fault(MisalignedAddress, "MISALIGNED", lane, in);
    if (offset + bytes > static_cast<uint64_t>(w.launch().sharedBytes)) w.fault(IllegalAddress, "OUT OF BOUNDS of shared memory", lane, in);
    const uint32_t base = group.epoch << 11, me = w.index() * WarpSize + lane;
    const bool warpSyncs = w.launch().kernel.warpSyncs;
    const uint8_t part = partOf(offset, bytes);
    const uint64_t first = offset / 4, end = first + std::max(1, bytes / 4);
    for (uint64_t word = first; word < end; word++) {
        uint8_t& state = group.sharedState[word];
        if (access != Access::Write && (state & part) != part) w.found("UNINITIALISED READ of shared memory", lane, in);
        state |= part;
        if (in.strong) continue;
        SharedTouched& t = group.sharedTouched[word];
        WarpTouched* ofWarp = warpSyncs ? &group.warpTouched[word] : nullptr;
        // Whether another thread touched it since the last barrier that orders the two.
        auto together = [&](uint32_t tag, uint32_t warpEpoch) {
            return tag >= base && whoOf(tag) != me && !(warpSyncs && isOfWarp(whoOf(tag), w.index()) && warpEpoch != w.epoch);
        };
        const bool foreignWrite = together(t.write, ofWarp ? ofWarp->write : 0), foreignRead = together(t.read, ofWarp ? ofWarp->read : 0);
        if (access == Access::Read) {
            if (foreignWrite) w.found("RACE in shared memory: read after write", lane, in);
            t.read = base | (!foreignRead ? me : isOfWarp(whoOf(t.read), w.index()) ? Several + w.index() : Everyone);
            if (ofWarp) ofWarp->read = w.epoch;
            continue;
        }
        bool changes = memcmp(&group.shared[word * 4 + offset % 4], value + (word - first) * 4, std::min(bytes, 4)) != 0;
        if (foreignWrite && changes) w.found("RACE in shared memory: write after write", lane, in);
        if (foreignRead && changes) w.found("RACE in shared memory: write after read", lane, in);
        t.write = base | me;
        if (ofWarp) ofWarp->write = w.epoch;
    }
}

// ---- all lanes, quickly: what is in order is done here, anything else by the functions above

template <int Words>
bool allSet(const uint8_t* state, uint8_t all) {
    for (int i = 0; i < Words; i++)
        if (state[i] != all) return false;
    return true;
}

template <int Words, Access How>
void checkGlobal(Warp& w, const Instruction& in, uint32_t lanes, const uint64_t* at, const char* values) {
    Launch& l = w.launch();
    uint8_t* const states = l.memory.state();
    Touched* const touched = l.memory.touched();
    const uint64_t base = l.memory.base(), span = l.memory.span(), start = static_cast<uint64_t>(l.start) << 32;
    const uint64_t mine = static_cast<uint64_t>(l.clockOf(w.group().number)) << 32 | w.group().number;
    const bool alone = l.isOneGroup;
    const uint32_t me = w.group().number;
    for (uint32_t rest = lanes; rest; rest &= rest - 1) {
        const int lane = __builtin_ctz(rest);
        const uint64_t offset = at[lane] - base;
        bool fine = offset < span && offset % (4 * Words) == 0;
        if (fine) {
            const uint64_t word = offset / 4;
            fine = allSet<Words>(states + word, 0xff);
            if (fine && !alone)
                for (int i = 0; i < Words; i++) {
                    Touched& t = touched[word + i];
                    bool ownWrite = t.write < start || static_cast<uint32_t>(t.write) == me;
                    bool ownRead = t.read < start || static_cast<uint32_t>(t.read) == me;
                    if (How == Access::Read) {
                        fine &= ownWrite;
                        t.read = ownRead ? mine : mine | Many;
                    } else {
                        fine &= ownWrite && ownRead;
                        if (fine) t.write = mine;
                    }
                }
        }
        const char* value = How == Access::Write ? values + lane * 4 * Words : nullptr;
        if (!fine) checkGlobalLane(w, in, lane, at[lane], 4 * Words, How, value);
        if (How == Access::Write) memcpy(reinterpret_cast<char*>(at[lane]), value, 4 * Words);
    }
}

template <int Words, Access How>
void checkShared(Warp& w, const Instruction& in, uint32_t lanes, const uint64_t* at, const char* values) {
    Group& group = w.group();
    uint8_t* const states = group.sharedState.data();
    SharedTouched* const touched = group.sharedTouched.data();
    const uint64_t bytes = w.launch().sharedBytes;
    const uint32_t base = group.epoch << 11, several = base | (Several + w.index());
    const bool warpSyncs = w.launch().kernel.warpSyncs;  // then nothing is quick
    for (uint32_t rest = lanes; rest; rest &= rest - 1) {
        const int lane = __builtin_ctz(rest);
        const uint64_t offset = at[lane];
        const uint32_t mine = base | (w.index() * WarpSize + lane);
        bool fine = !warpSyncs && offset + 4 * Words <= bytes && offset % (4 * Words) == 0;
        if (fine) {
            const uint64_t word = offset / 4;
            if (How == Access::Read) fine = allSet<Words>(states + word, 0x0f);
            for (int i = 0; i < Words && fine; i++) {
                SharedTouched& t = touched[word + i];
                fine = t.write < base || t.write == mine;
                if (How == Access::Read) {
                    if (t.read < base) t.read = mine;
                    else if (t.read != mine && t.read != several) t.read = base | (isOfWarp(whoOf(t.read), w.index()) ? Several + w.index() : Everyone);
                } else {
                    fine &= t.read < base || t.read == mine;
                    if (fine) {
                        t.write = mine;
                        states[word + i] = 0x0f;
                    }
                }
            }
        }
        const char* value = How == Access::Write ? values + lane * 4 * Words : nullptr;
        if (!fine) checkSharedLane(w, in, lane, offset, 4 * Words, How, value);
        if (How == Access::Write) memcpy(&group.shared[offset], value, 4 * Words);
    }
}

template <class Quick, class One>
void forWidth(uint32_t lanes, int bytes, bool strong, Quick quick, One one) {
    if (!strong && bytes == 4) return quick(std::integral_constant<int, 1>());
    if (!strong && bytes == 8) return quick(std::integral_constant<int, 2>());
    if (!strong && bytes == 16) return quick(std::integral_constant<int, 4>());
    for (; lanes; lanes &= lanes - 1) one(__builtin_ctz(lanes));
}

void checked(Warp& w, const Instruction& in, uint32_t global, uint32_t shared, const uint64_t* at, int bytes, Access access, const char* values) {
    auto valueOf = [&](int lane) { return values ? values + lane * bytes : nullptr; };
    if (global)
        forWidth(global, bytes, in.strong,
            [&](auto words) {
                if (access == Access::Read) checkGlobal<words, Access::Read>(w, in, global, at, values);
                else checkGlobal<words, Access::Write>(w, in, global, at, values);
            },
            [&](int lane) {
                checkGlobalLane(w, in, lane, at[lane], bytes, access, valueOf(lane));
                if (access == Access::Write) memcpy(reinterpret_cast<char*>(at[lane]), valueOf(lane), bytes);
            });
    if (shared)
        forWidth(shared, bytes, in.strong,
            [&](auto words) {
                if (access == Access::Read) checkShared<words, Access::Read>(w, in, shared, at, values);
                else checkShared<words, Access::Write>(w, in, shared, at, values);
            },
            [&](int lane) {
                checkSharedLane(w, in, lane, at[lane], bytes, access, valueOf(lane));
                if (access == Access::Write) memcpy(&w.group().shared[at[lane]], valueOf(lane), bytes);
            });
}

// Without checks only what would bring this process down is looked at.
void unchecked(Warp& w, const Instruction& in, uint32_t global, uint32_t shared, const uint64_t* at, int bytes, const char* values) {
    for (int lane = 0; lane < WarpSize; lane++) {
        const bool isGlobal = global >> lane & 1, isShared = shared >> lane & 1;
        if (isGlobal && at[lane] - w.launch().memory.base() >= w.launch().memory.span()) w.fault(IllegalAddress, "OUT OF BOUNDS", lane, in);
        if (isShared && at[lane] + bytes > static_cast<uint64_t>(w.launch().sharedBytes))
            w.fault(IllegalAddress, "OUT OF BOUNDS of shared memory", lane, in);
        if (values && (isGlobal || isShared))
            memcpy(isGlobal ? reinterpret_cast<char*>(at[lane]) : &w.group().shared[at[lane]], values + lane * bytes, bytes);
    }
}

int access(Warp& w, const Instruction& in, uint64_t* at, int bytes, Access access, const char* values, Place (&places)[2]) {
    Launch& l = w.launch();
    uint32_t shared = in.space == Space::Shared ? w.active : 0;
    if (in.space == Space::Generic) {
        shared = w.active & eachBit([&](int lane) { return at[lane] - SharedWindow < (1u << 24); });
        for (uint32_t rest = shared; rest; rest &= rest - 1) at[__builtin_ctz(rest)] -= SharedWindow;
    }
    const uint32_t global = w.active & ~shared;
    if (settings().checks) checked(w, in, global, shared, at, bytes, access, values);
    else unchecked(w, in, global, shared, at, bytes, values);
    if (l.order && global) {
        if (!in.strong) l.order->touched(w.group().number);
        else
            for (uint32_t rest = global; rest; rest &= rest - 1)
                l.order->strong(w.group().number, at[__builtin_ctz(rest)], access != Access::Write, access != Access::Read, in.acquires, in.releases);
    }
    if (l.trace.on) {
        if (global) l.trace.global(global, at, bytes, access != Access::Read);
        if (shared) l.trace.shared(shared, at, bytes);
    }
    int count = 0;
    if (global) places[count++] = {global, nullptr};
    if (shared) places[count++] = {shared, w.group().shared.data()};
    return count;
}

}  // namespace

int touch(Warp& w, const Instruction& in, uint64_t* at, int bytes, Access how, Place (&places)[2]) {
    return access(w, in, at, bytes, how, nullptr, places);
}

void write(Warp& w, const Instruction& in, uint64_t* at, int bytes, const char* values) {
    Place places[2];
    access(w, in, at, bytes, Access::Write, values, places);
}
