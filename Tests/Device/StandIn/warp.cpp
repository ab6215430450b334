#include "warp.h"

#include <algorithm>
#include <cstring>

namespace {

// Warp instructions after which another warp has its turn, whatever this one does.
constexpr int SliceLength = 20000;

}  // namespace

Warp::Warp(Group& group, int index, uint32_t lanes) : group_(group), index_(index), lanes_(lanes) {
    size_t bytes = launch().kernel.registerBytes;
    memory_.reset(new char[bytes + 64]);
    registers_ = reinterpret_cast<char*>((reinterpret_cast<uintptr_t>(memory_.get()) + 63) / 64 * 64);
}

void Warp::start() {
    const Launch& l = launch();
    const Kernel& k = l.kernel;
    // A register that is read before it was written holds something that stands out.
    uint32_t* words = at<uint32_t>(0);
    std::fill(words, words + k.registerBytes / 4, 0xdeadbeefu);
    for (const Constant& c : k.constants) {
        if (c.bytes == 0) *at<uint32_t>(c.at) = static_cast<uint32_t>(c.bits);
        else if (c.bytes == 4) std::fill(at<uint32_t>(c.at), at<uint32_t>(c.at) + WarpSize, static_cast<uint32_t>(c.bits));
        else std::fill(at<uint64_t>(c.at), at<uint64_t>(c.at) + WarpSize, c.bits);
    }
    for (int lane = 0; lane < WarpSize; lane++) {
        int thread = index_ * WarpSize + lane;
        const int values[SpecialCount] = {thread % l.block.x, thread / l.block.x % l.block.y, thread / l.block.x / l.block.y,
            l.block.x, l.block.y, l.block.z, group_.at.x, group_.at.y, group_.at.z, l.grid.x, l.grid.y, l.grid.z, lane, index_};
        for (int i = 0; i < SpecialCount; i++) at<int>(k.specials[i])[lane] = values[i];
        pc_[lane] = 0;
    }
    alive_ = lanes_;
    waiting_ = parked_ = aside_ = 0;
}

void Warp::put(uint32_t lanes, int pc) {
    for (int lane = 0; lane < WarpSize; lane++)
        if (lanes >> lane & 1) pc_[lane] = pc;
}

// The lanes that go on: those with the smallest pc. next: the smallest pc of the others.
bool Warp::pick(int& pc, uint32_t& lanes, int& next) {
    uint32_t ready = alive_ & ~waiting_ & ~parked_;
    if (ready & ~aside_) ready &= ~aside_;
    else aside_ = 0;
    if (ready == 0) return false;
    pc = next = INT32_MAX;
    lanes = 0;
    for (int lane = 0; lane < WarpSize; lane++) {
        if (!(ready >> lane & 1)) continue;
        if (pc_[lane] < pc) {
            next = pc;
            pc = pc_[lane];
            lanes = 0;
        } else if (pc_[lane] > pc)
            next = std::min(next, pc_[lane]);
        if (pc_[lane] == pc) lanes |= 1u << lane;
    }
    return true;
}

// Lanes at a warp-wide instruction wait for the other lanes it names; true once all are there.
bool Warp::gather(const Instruction& in, int pc, uint32_t& lanes) {
    uint32_t members = in.wholeWarp ? AllLanes : at<uint32_t>(in.s[3])[__builtin_ctz(lanes)];
    uint32_t wanted = members & lanes_;
    for (int lane = 0; lane < WarpSize; lane++)
        if ((parked_ >> lane & 1) && pc_[lane] == pc) lanes |= 1u << lane;
    if ((wanted & ~lanes) == 0) {
        parked_ &= ~lanes;
        return true;
    }
    put(lanes, pc);
    parked_ |= lanes;
    uint32_t others = wanted & ~lanes;
    bool cannotCome = (others & ~alive_) || ((alive_ & ~parked_ & ~waiting_) == 0);
    if (cannotCome) fault(LaunchFailed, "WARP DIVERGENCE: lanes of the member mask do not arrive", __builtin_ctz(lanes), in);
    return false;
}

int Warp::waitsAt() const {
    int pc = -2;
    for (int lane = 0; lane < WarpSize; lane++) {
        if (!(alive_ >> lane & 1)) continue;
        if (pc >= 0 && pc_[lane] != pc) return -1;
        pc = pc_[lane];
    }
    return pc;
}

void Warp::run() {
    Launch& l = launch();
    const Instruction* code = l.kernel.code.data();
    const bool tracing = l.trace.on;
    int budget = SliceLength, pc, next, polledAt = -1;
    uint32_t lanes;
    polled_ = false;
    while (pick(pc, lanes, next)) {
        // Until these lanes part, wait, or come to where others are.
        for (bool together = true; together;) {
            const Instruction& in = code[pc];
            uint32_t on = lanes;
            if (in.guard != NoOperand) on &= in.guardNegated ? ~*at<uint32_t>(in.guard) : *at<uint32_t>(in.guard);
            budget--;
            if (tracing) l.trace.instruction(in, lanes);
            switch (in.kind) {
                case Kind::Plain:
                    if ((active = on)) in.run(*this, in);
                    pc++;
                    break;
                case Kind::Poll:
                    if ((active = on)) in.run(*this, in);
                    pc++;
                    if (polledAt == pc) {
                        // The second time round: what it waits for is for others to do.
                        put(lanes, pc);
                        aside_ |= lanes;
                        polled_ = true;
                        l.executed += SliceLength - budget;
                        return;
                    }
                    polledAt = pc;
                    break;
                case Kind::Branch:
                    if (on == lanes) pc = in.target;
                    else if (on == 0) pc++;
                    else {
                        put(on, in.target);
                        put(lanes & ~on, pc + 1);
                        together = false;
                    }
                    if (budget <= 0 && together) {
                        put(lanes, pc);
                        together = false;
                    }
                    break;
                case Kind::Switch:
                    for (int lane = 0; lane < WarpSize; lane++)
                        if (on >> lane & 1) {
                            uint32_t index = at<uint32_t>(in.s[0])[lane];
                            if (index >= in.targets.size()) fault(LaunchFailed, "SWITCH outside of its table", lane, in);
                            pc_[lane] = in.targets[index];
                        }
                    put(lanes & ~on, pc + 1);
                    together = false;
                    break;
                case Kind::Exit:
                    alive_ &= ~on;
                    l.progress++;
                    put(lanes & ~on, pc + 1);
                    together = false;
                    break;
                case Kind::Barrier:
                    waiting_ |= on;
                    put(lanes, pc + 1);
                    together = false;
                    break;
                case Kind::WarpWide:
                    put(lanes & ~on, pc + 1);
                    if (on == 0) pc++;
                    else if (gather(in, pc, on)) {
                        active = on;
                        in.run(*this, in);
                        put(on, pc + 1);
                        together = false;
                    } else
                        together = false;
                    break;
            }
            if (together && pc >= next) {
                put(lanes, pc);
                together = false;
            }
        }
        if (budget <= 0) break;
    }
    l.executed += SliceLength - budget;
    if (parked_ && !(alive_ & ~parked_ & ~waiting_)) {
        int lane = __builtin_ctz(parked_);
        fault(LaunchFailed, "WARP DIVERGENCE: lanes of the member mask do not arrive", lane, code[pc_[lane]]);
    }
}

std::string Warp::where(int lane, const Instruction& in) {
    return "group (" + std::to_string(group_.at.x) + "," + std::to_string(group_.at.y) + "," + std::to_string(group_.at.z) + ") thread " +
        std::to_string(index_ * WarpSize + lane) + " line " + std::to_string(in.line) + ": " + in.text;
}

void Warp::found(const char* kind, int lane, const Instruction& in) { report(launch().kernel.name, kind, where(lane, in)); }

void Warp::fault(CudaResult code, const char* kind, int lane, const Instruction& in) {
    report(launch().kernel.name, kind, where(lane, in));
    throw Fault(code, kind);
}
