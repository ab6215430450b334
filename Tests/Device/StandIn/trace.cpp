#include "trace.h"

#include <algorithm>

#include "kernel.h"
#include "settings.h"

void Trace::instruction(const Instruction& in, uint32_t lanes) {
    uint64_t count = __builtin_popcount(lanes);
    warps_++;
    threads_ += count;
    if (in.counted == Class::Fp32) fp32_ += count;
    if (in.counted == Class::Fp64) fp64_ += count;
    if (in.counted == Class::Tensor) tensor_++;
}

void Trace::global(uint32_t lanes, const uint64_t* address, int bytes, bool isWrite) {
    uint64_t sectors[64];
    int count = 0;
    for (int lane = 0; lane < 32; lane++)
        if (lanes >> lane & 1) sectors[count++] = address[lane] / 32;
    Traffic& traffic = isWrite ? writes_ : reads_;
    traffic.accesses++;
    traffic.bytes += static_cast<uint64_t>(count) * bytes;
    std::sort(sectors, sectors + count);
    traffic.sectors += std::unique(sectors, sectors + count) - sectors;
}

// Shared memory answers 32 banks of 4 bytes at once: a warp's wide accesses are served 128 bytes at a time, and different
// words of one bank one after the other.
void Trace::shared(uint32_t lanes, const uint64_t* address, int bytes) {
    int lanesAtOnce = bytes == 16 ? 8 : bytes == 8 ? 16 : 32;
    uint64_t passes = 0, ideal = 0;
    for (int first = 0; first < 32; first += lanesAtOnce) {
        uint64_t words[32 * 4];
        int count = 0;
        for (int lane = first; lane < first + lanesAtOnce; lane++)
            if (lanes >> lane & 1)
                for (int w = 0; w < std::max(1, bytes / 4); w++) words[count++] = address[lane] / 4 + w;
        if (count == 0) continue;
        std::sort(words, words + count);
        int different = static_cast<int>(std::unique(words, words + count) - words);
        int banks[32] = {};
        int most = 0;
        for (int i = 0; i < different; i++) most = std::max(most, ++banks[words[i] % 32]);
        passes += most;
        ideal++;
    }
    if (ideal == 0) return;
    sharedAccesses_ += ideal;
    sharedPasses_ += passes;
    sharedWorst_ = std::max(sharedWorst_, (passes + ideal - 1) / ideal);
}

void Trace::print(const std::string& kernel, const std::string& shape) const {
    auto n = [](uint64_t v) { return static_cast<unsigned long long>(v); };
    say("LAUNCH %s %s: %llu thread instructions (%.3f lanes a warp instruction), %llu fp32, %llu fp64, %llu mma a warp; "
        "global reads %llu accesses %llu bytes %llu sectors, writes %llu accesses %llu bytes %llu sectors; "
        "shared %llu passes wanted, %llu needed, worst %llu-fold; %llu barriers",
        kernel.c_str(), shape.c_str(), n(threads_), warps_ ? static_cast<double>(threads_) / warps_ : 0.0, n(fp32_), n(fp64_), n(tensor_),
        n(reads_.accesses), n(reads_.bytes), n(reads_.sectors), n(writes_.accesses), n(writes_.bytes), n(writes_.sectors),
        n(sharedAccesses_), n(sharedPasses_), n(sharedWorst_), n(barriers_));
}
