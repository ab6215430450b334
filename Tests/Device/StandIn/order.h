// Which accesses of other groups of a launch are ordered before what a group does now.
//
// A group publishes what it did until its last device-wide fence with every later atomic (or strong) write, and takes over
// what others have published at a place with a fence after an atomic (or strong) read of it: fence, atomic; atomic, fence.
// That is the memory model of PTX with three simplifications: a fence of one thread stands for its whole group; a strong read
// takes over all that was published at that place until the fence; and a write needs no fence after the atomic to come after
// what others did before theirs, only a read does (a barrier of the group lets no write go ahead of it, but a read may find
// an old line in the L1).
//
// The clock of a group counts its fences, those after which it touched memory. Of a word that several groups have read only
// the latest clock is kept: where groups do the same things, as between the steps of a grid barrier, their clocks agree.
#pragma once
#include <cstdint>
#include <unordered_map>
#include <vector>

class GroupOrder {
public:
    // start: what the clocks begin with; above those of all launches before.
    GroupOrder(uint32_t groups, uint32_t start) : clock_(groups, start), touched_(groups), seen_(groups), known_(groups), fenced_(groups), read_(groups) {}

    uint32_t clock(uint32_t group) const { return clock_[group]; }
    uint32_t latestClock() const;
    void touched(uint32_t group) { touched_[group] = 1; }

    void fence(uint32_t group);
    // One atomic or strong access; acquires and releases are those that carry their fence with them.
    void strong(uint32_t group, uint64_t address, bool reads, bool writes, bool acquires, bool releases);

    // A read, or a write, after what another group did at that clock.
    bool isReadOrdered(uint32_t me, uint32_t other, uint32_t clock) const { return !seen_[me].empty() && seen_[me][other] >= clock; }
    bool isWriteOrdered(uint32_t me, uint32_t other, uint32_t clock) const { return !known_[me].empty() && known_[me][other] >= clock; }
    // A write after what several groups did until that clock.
    bool isWriteOrderedAfterAll(uint32_t me, uint32_t clock) const;

private:
    using Clocks = std::vector<uint32_t>;  // by group; empty: nothing

    Clocks clock_;
    std::vector<uint8_t> touched_;              // since the last fence
    std::vector<Clocks> seen_, known_, fenced_;  // by fence and atomic, by atomic alone, until the last fence
    std::vector<std::vector<uint64_t>> read_;   // places read since the last fence
    std::unordered_map<uint64_t, Clocks> published_;

    void merge(Clocks& into, const Clocks& from) const;
    void close(uint32_t group);
    void takeOver(Clocks& into, uint64_t address);
};
