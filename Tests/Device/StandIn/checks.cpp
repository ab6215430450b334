#include "checks.h"

#include <algorithm>
#include <cstring>

namespace {

constexpr uint16_t ManyThreads = 0xffff;

// Everything about the words of device memory one lane touches.
void checkGlobal(Warp& w, const Instruction& in, int lane, uint64_t address, int bytes, Access access, const char* value) {
    Launch& l = w.launch();
    Memory& memory = l.memory;
    if (address % bytes) w.fault(MisalignedAddress, "MISALIGNED", lane, in);
    uint64_t offset = address - memory.base();
    if (offset >= memory.span()) w.fault(IllegalAddress, "OUT OF BOUNDS", lane, in);
    const uint32_t me = w.group().number;
    const int perWord = std::min(bytes, 4);
    const uint8_t part = static_cast<uint8_t>(((1 << perWord) - 1) << offset % 4);
    for (uint64_t word = offset / 4, end = word + std::max(1, bytes / 4), first = word; word < end; word++) {
        uint8_t& state = memory.state()[word];
        if ((state & part) != part) w.fault(IllegalAddress, "OUT OF BOUNDS", lane, in);
        if (access == Access::Write) state |= static_cast<uint8_t>(part << 4);
        else if ((state >> 4 & part) != part) {
            w.found("UNINITIALISED READ", lane, in);
            state |= static_cast<uint8_t>(part << 4);
        }
        if (in.strong) continue;
        Touched& t = memory.touched()[word];
        bool foreignWrite = t.writeTime >= l.start && t.writer != me && !(l.order && l.order->isOrdered(me, t.writer, t.writeTime));
        if (access == Access::Read) {
            if (foreignWrite) w.found("RACE between groups: read after write", lane, in);
            t.reader = t.readTime >= l.start && t.reader != me ? Many : me;
            t.readTime = l.now;
            continue;
        }
        if (foreignWrite && memcmp(reinterpret_cast<void*>(address / 4 * 4 + (word - first) * 4 + offset % 4), value + (word - first) * 4, perWord) != 0)
            w.found("RACE between groups: write after write", lane, in);
        if (t.readTime >= l.start && t.reader != me) {
            bool ordered = l.order && (t.reader == Many ? l.order->isOrderedAfterAll(me, t.readTime) : l.order->isOrdered(me, t.reader, t.readTime));
            if (!ordered) w.found("RACE between groups: write after read", lane, in);
        }
        t.writeTime = l.now;
        t.writer = me;
    }
}

// Threads of a group are ordered by its barriers, lanes of a warp by bar.warp.sync as well.
void checkShared(Warp& w, const Instruction& in, int lane, uint64_t offset, int bytes, Access access, const char* value) {
    Group& group = w.group();
    if (offset % bytes) w.fault(MisalignedAddress, "MISALIGNED", lane, in);
    if (offset + bytes > static_cast<uint64_t>(w.launch().sharedBytes)) w.fault(IllegalAddress, "OUT OF BOUNDS of shared memory", lane, in);
    const uint16_t me = static_cast<uint16_t>(w.index() * WarpSize + lane);
    const int perWord = std::min(bytes, 4);
    const uint8_t part = static_cast<uint8_t>(((1 << perWord) - 1) << offset % 4);
    for (uint64_t word = offset / 4, end = word + std::max(1, bytes / 4), first = word; word < end; word++) {
        uint8_t& state = group.sharedState[word];
        if (access == Access::Write) state |= part;
        else if ((state & part) != part) {
            w.found("UNINITIALISED READ of shared memory", lane, in);
            state |= part;
        }
        if (in.strong) continue;
        SharedTouched& t = group.sharedTouched[word];
        auto together = [&](uint32_t epoch, uint16_t thread, uint32_t warpEpoch) {
            bool sameWarp = thread != ManyThreads && thread / WarpSize == w.index();
            return epoch == group.epoch && thread != me && !(sameWarp && warpEpoch != w.epoch);
        };
        bool foreignWrite = together(t.writeEpoch, t.writer, t.writeWarpEpoch);
        if (access == Access::Read) {
            if (foreignWrite) w.found("RACE in shared memory: read after write", lane, in);
            t.reader = t.readEpoch == group.epoch && t.reader != me && (t.reader / WarpSize != w.index() || t.readWarpEpoch == w.epoch) ? ManyThreads : me;
            t.readEpoch = group.epoch;
            t.readWarpEpoch = w.epoch;
            continue;
        }
        if (foreignWrite && memcmp(&group.shared[word * 4 + offset % 4], value + (word - first) * 4, perWord) != 0)
            w.found("RACE in shared memory: write after write", lane, in);
        if (together(t.readEpoch, t.reader, t.readWarpEpoch)) w.found("RACE in shared memory: write after read", lane, in);
        t.writeEpoch = group.epoch;
        t.writer = me;
        t.writeWarpEpoch = w.epoch;
    }
}

void strongAccess(Warp& w, const Instruction& in, uint64_t address, Access access) {
    bool reads = access != Access::Write, writes = access != Access::Read;
    w.launch().order->strong(w.group().number, address, reads, writes, in.acquires, in.releases);
}

}  // namespace

int touch(Warp& w, const Instruction& in, uint64_t* at, int bytes, Access access, const char* value, Place (&places)[2]) {
    Launch& l = w.launch();
    uint32_t shared = in.space == Space::Shared ? w.active : 0;
    if (in.space == Space::Generic)
        shared = w.active & eachBit([&](int lane) { return at[lane] - SharedWindow < (1u << 24); });
    if (in.space == Space::Generic && shared)
        for (int lane = 0; lane < WarpSize; lane++)
            if (shared >> lane & 1) at[lane] -= SharedWindow;
    uint32_t global = w.active & ~shared;
    const bool checks = settings().checks;
    auto valueOf = [&](int lane) { return value ? value + lane * bytes : nullptr; };
    for (int lane = 0; lane < WarpSize; lane++) {
        if (!(w.active >> lane & 1)) continue;
        if (shared >> lane & 1) {
            if (checks) checkShared(w, in, lane, at[lane], bytes, access, valueOf(lane));
            else if (at[lane] + bytes > static_cast<uint64_t>(l.sharedBytes)) w.fault(IllegalAddress, "OUT OF BOUNDS of shared memory", lane, in);
        } else {
            if (checks) checkGlobal(w, in, lane, at[lane], bytes, access, valueOf(lane));
            else if (at[lane] - l.memory.base() >= l.memory.span()) w.fault(IllegalAddress, "OUT OF BOUNDS", lane, in);
            if (in.strong && l.order) strongAccess(w, in, at[lane], access);
        }
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
