// 32 threads that run together where they can, the groups they form, and the launch they belong to.
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "kernel.h"
#include "memory.h"
#include "order.h"
#include "settings.h"
#include "trace.h"

constexpr int WarpSize = 32;
constexpr uint32_t AllLanes = 0xffffffffu;

struct Dim {
    int x, y, z;
    int64_t count() const { return static_cast<int64_t>(x) * y * z; }
};

// What is common to all groups of one launch.
struct Launch {
    const Kernel& kernel;
    Memory& memory;
    Dim grid, block;
    std::vector<char> parameters;
    int sharedBytes;                    // static and dynamic
    bool cooperative;
    uint32_t start;                     // clock of the launch's beginning, above all of those before
    bool isOneGroup = false;            // nobody to race with
    std::unique_ptr<GroupOrder> order = nullptr;  // null: no fence in the kernel, groups are never ordered
    uint64_t progress = 0;              // grows with everything that can end a wait
    uint64_t executed = 0;              // warp instructions
    Trace trace = {};

    // The clock of a group, see GroupOrder.
    uint32_t clockOf(uint32_t group) const { return order ? order->clock(group) : start; }
};

class Group;

// Lanes may part at a branch. Those with the smallest program counter go on, so that they meet again where the paths join.
class Warp {
public:
    Warp(Group& group, int index, uint32_t lanes);

    void start();  // anew, for the next group
    // Until every lane waits or has ended, or the slice is over.
    void run();

    bool isDone() const { return alive_ == 0; }
    bool isWaiting() const { return alive_ != 0 && (alive_ & ~waiting_) == 0; }
    int waitsAt() const;  // the pc its lanes wait behind; -1: at different ones
    void release() { waiting_ = 0; }
    bool wasPolling() const { return polled_; }
    bool hasEnded(uint32_t& lanes) const { return (lanes = lanes_ & ~alive_) != 0; }

    // For the handlers.
    uint32_t active = 0;  // the lanes an instruction is for
    uint32_t epoch = 1;   // number of bar.warp.sync so far
    template <class T>
    T* at(int place) { return reinterpret_cast<T*>(registers_ + place); }
    Group& group() { return group_; }
    Launch& launch();
    int index() const { return index_; }
    uint32_t alive() const { return alive_; }
    std::string where(int lane, const Instruction& in);
    void found(const char* kind, int lane, const Instruction& in);                         // logged, and fails the launch at its end
    [[noreturn]] void fault(CudaResult code, const char* kind, int lane, const Instruction& in);  // ends the launch

private:
    Group& group_;
    int index_;
    uint32_t lanes_, alive_ = 0, waiting_ = 0, parked_ = 0, aside_ = 0;
    int pc_[WarpSize];
    bool polled_ = false;
    std::unique_ptr<char[]> memory_;
    char* registers_;

    bool pick(int& pc, uint32_t& lanes, int& next);
    void put(uint32_t lanes, int pc);
    bool gather(const Instruction& in, int pc, uint32_t& lanes);
};

// The last write and read of a word of shared memory: the group's barriers so far in the upper 21 bits, who in the lower 11.
struct SharedTouched {
    uint32_t write, read;
};

// And the bar.warp.sync so far of that thread's warp, where the kernel has any.
struct WarpTouched {
    uint32_t write, read;
};

class Group {
public:
    explicit Group(Launch& launch);

    void start(int64_t number);
    // Each warp runs once; a barrier that all have reached opens.
    void step();
    bool isDone() const;
    bool wasPolling() const { return polling_; }

    Launch& launch;
    Dim at{};
    uint32_t number = 0;
    uint32_t epoch = 1;
    std::vector<char> shared;
    std::vector<uint8_t> sharedState;      // bits as in Memory::state, only "written"
    std::vector<SharedTouched> sharedTouched;
    std::vector<WarpTouched> warpTouched;

private:
    std::vector<Warp> warps_;
    bool polling_ = false;

    void openBarrier();
    void nextEpoch();
};

inline Launch& Warp::launch() { return group_.launch; }

// Runs a launch to its end; Success, or what went wrong. clock: see Launch::start, set anew for the next launch.
CudaResult runLaunch(Launch& launch, uint32_t& clock);
