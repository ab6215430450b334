#include <algorithm>
#include <numeric>

#include "warp.h"

Group::Group(Launch& l)
    : launch(l), shared(l.sharedBytes + 16), sharedState(l.sharedBytes / 4 + 4), sharedTouched(l.sharedBytes / 4 + 4),
      warpTouched(l.kernel.warpSyncs ? l.sharedBytes / 4 + 4 : 0) {
    int threads = static_cast<int>(l.block.count());
    warps_.reserve((threads + WarpSize - 1) / WarpSize);
    for (int first = 0; first < threads; first += WarpSize) {
        int lanes = std::min(WarpSize, threads - first);
        warps_.emplace_back(*this, first / WarpSize, lanes == WarpSize ? AllLanes : (1u << lanes) - 1);
    }
}

void Group::start(int64_t n) {
    number = static_cast<uint32_t>(n);
    at = {static_cast<int>(n % launch.grid.x), static_cast<int>(n / launch.grid.x % launch.grid.y),
          static_cast<int>(n / launch.grid.x / launch.grid.y)};
    nextEpoch();  // what the last group left in sharedTouched is no longer true
    std::fill(shared.begin(), shared.end(), static_cast<char>(0xff));
    std::fill(sharedState.begin(), sharedState.end(), uint8_t{0});
    for (Warp& warp : warps_) warp.start();
}

bool Group::isDone() const {
    return std::all_of(warps_.begin(), warps_.end(), [](const Warp& w) { return w.isDone(); });
}

void Group::step() {
    // First to last, then last to first: what depends on the order of warps shows.
    polling_ = true;
    int count = static_cast<int>(warps_.size());
    for (int i = 0; i < count; i++) {
        Warp& warp = warps_[epoch % 2 ? count - 1 - i : i];
        if (warp.isDone() || warp.isWaiting()) continue;
        warp.run();
        if (!warp.wasPolling() && !warp.isDone() && !warp.isWaiting()) polling_ = false;
    }
    bool allWait = std::all_of(warps_.begin(), warps_.end(), [](const Warp& w) { return w.isDone() || w.isWaiting(); });
    if (allWait && !isDone()) openBarrier();
}

void Group::nextEpoch() {
    if (++epoch < 1u << 21) return;
    std::fill(sharedTouched.begin(), sharedTouched.end(), SharedTouched{});
    epoch = 1;
}

void Group::openBarrier() {
    int at = -2;
    uint32_t ended = 0, lanes;
    const Warp* first = nullptr;
    for (const Warp& warp : warps_) {
        if (warp.hasEnded(lanes)) ended += __builtin_popcount(lanes);
        if (warp.isDone()) continue;
        int here = warp.waitsAt();
        if (!first) first = &warp;
        if (here == -1 || (at >= 0 && at != here)) {
            report(launch.kernel.name, "BARRIER DIVERGENCE", "threads of a group wait at different barriers");
            throw Fault(LaunchFailed, "barrier divergence");
        }
        at = here;
    }
    if (ended) report(launch.kernel.name, "BARRIER WITH ENDED THREADS", std::to_string(ended) + " threads of the group have ended");
    for (Warp& warp : warps_) warp.release();
    launch.progress++;
    nextEpoch();
    if (launch.trace.on) launch.trace.barrier();
}

namespace {

constexpr int IdleRounds = 50000;

// Calls step() until all is done. A wait that nothing can end is a deadlock: everyone polls, and nothing has changed for long.
template <class Step>
void untilDone(Launch& launch, Step step) {
    int idle = 0;
    for (;;) {
        uint64_t before = launch.progress;
        bool polling = false;
        if (step(polling)) return;
        idle = polling && launch.progress == before ? idle + 1 : 0;
        if (idle >= IdleRounds) {
            report(launch.kernel.name, "DEADLOCK", launch.cooperative
                ? "every group waits for something that no group does"
                : "a group waits for something that no thread of it does; only groups of a cooperative launch run at the same time");
            throw Fault(LaunchFailed, "deadlock");
        }
        if (launch.executed > settings().limit) {
            report(launch.kernel.name, "NO END", std::to_string(launch.executed) + " warp instructions (STANDIN_LIMIT)");
            throw Fault(LaunchFailed, "no end");
        }
    }
}

// Groups in an order that is not the natural one.
std::vector<int64_t> groupOrder(int64_t count) {
    std::vector<int64_t> order(count);
    int64_t step = count > 2 ? (count * 5 / 8) | 1 : 1, at = 0;
    while (std::gcd(step, count) != 1) step++;
    for (int64_t& number : order) {
        number = at;
        at = (at + step) % count;
    }
    return order;
}

void oneAfterTheOther(Launch& launch) {
    Group group(launch);
    for (int64_t number : groupOrder(launch.grid.count())) {
        group.start(number);
        untilDone(launch, [&](bool& polling) {
            group.step();
            polling = group.wasPolling();
            return group.isDone();
        });
    }
}

void together(Launch& launch) {
    std::vector<std::unique_ptr<Group>> groups;
    for (int64_t number : groupOrder(launch.grid.count())) {
        groups.push_back(std::make_unique<Group>(launch));
        groups.back()->start(number);
    }
    untilDone(launch, [&](bool& polling) {
        bool done = true;
        polling = true;
        for (auto& group : groups) {
            if (group->isDone()) continue;
            group->step();
            done &= group->isDone();
            polling &= group->wasPolling() || group->isDone();
        }
        return done;
    });
}

}  // namespace

CudaResult runLaunch(Launch& launch, uint32_t& clock) {
    uint64_t before = unexpectedFindings();
    if (launch.kernel.fences) launch.order = std::make_unique<GroupOrder>(static_cast<uint32_t>(launch.grid.count()), launch.start);
    launch.trace.on = settings().trace;
    launch.isOneGroup = launch.grid.count() == 1;
    CudaResult result = Success;
    try {
        if (launch.cooperative) together(launch);
        else oneAfterTheOther(launch);
    } catch (const Fault& fault) {
        result = fault.result;
    }
    clock = (launch.order ? launch.order->latestClock() : launch.start) + 1;
    if (launch.trace.on) {
        char shape[200];
        snprintf(shape, sizeof shape, "grid %d %d %d group %d %d %d shared %d%s", launch.grid.x, launch.grid.y, launch.grid.z, launch.block.x,
            launch.block.y, launch.block.z, launch.sharedBytes, launch.cooperative ? " cooperative" : "");
        launch.trace.print(launch.kernel.name, shape);
    }
    if (result == Success && !settings().lenient && unexpectedFindings() != before) return LaunchFailed;
    return result;
}
