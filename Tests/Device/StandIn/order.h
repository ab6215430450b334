// Which accesses of other groups of a launch are ordered before what a group does now.
//
// A group publishes what it did until its last device-wide fence with every later atomic (or strong) write, and takes over
// what others have published at a place with a fence after an atomic (or strong) read of it: fence, atomic; atomic, fence.
// That is the memory model of PTX with two simplifications: a fence of one thread stands for its whole group, and a strong
// read takes over all that was published at that place until the fence. Time is the number of such events so far.
#pragma once
#include <cstdint>
#include <unordered_map>
#include <vector>

class GroupOrder {
public:
    // groups: of the launch; now: counts on from launch to launch, so that times of different launches differ.
    GroupOrder(uint32_t groups, uint32_t& now) : now_(now), seen_(groups), fenced_(groups), read_(groups) {}

    void fence(uint32_t group);
    // One atomic or strong access; acquires and releases are those that carry their fence with them.
    void strong(uint32_t group, uint64_t address, bool reads, bool writes, bool acquires, bool releases);

    bool isOrdered(uint32_t me, uint32_t other, uint32_t time) const {
        const std::vector<uint32_t>& seen = seen_[me];
        return !seen.empty() && seen[other] >= time;
    }
    // After something that several groups did until then.
    bool isOrderedAfterAll(uint32_t me, uint32_t time) const;

private:
    using Times = std::vector<uint32_t>;  // by group; empty: nothing

    uint32_t& now_;
    std::vector<Times> seen_, fenced_;
    std::vector<std::vector<uint64_t>> read_;  // places read since the last fence
    std::unordered_map<uint64_t, Times> published_;

    void merge(Times& into, const Times& from) const;
    void close(uint32_t group);
    void takeOver(uint32_t group, uint64_t address);
};
