// Loops over the lanes of a warp, written so that the compiler makes vector instructions of the usual case: all lanes.
#pragma once
#include <cstdint>
#include <type_traits>

#include "warp.h"

// Registers hold 4 or 8 bytes a lane; what is narrower lies in 4.
template <class T>
using Slot = std::conditional_t<sizeof(T) >= 4, T, uint32_t>;

template <class To, class Value>
inline void eachLane(uint32_t lanes, To* to, Value value) {
    if (lanes == AllLanes) {
#pragma GCC ivdep
        for (int lane = 0; lane < WarpSize; lane++) to[lane] = value(lane);
    } else {
        for (int lane = 0; lane < WarpSize; lane++)
            if (lanes >> lane & 1) to[lane] = value(lane);
    }
}

// A predicate of each lane, as the bits of one number.
template <class Test>
inline uint32_t eachBit(Test test) {
    uint32_t bits = 0;
    for (int lane = 0; lane < WarpSize; lane++) bits |= static_cast<uint32_t>(test(lane)) << lane;
    return bits;
}

inline void putBits(Warp& w, int place, uint32_t bits) {
    uint32_t& mask = *w.at<uint32_t>(place);
    mask = (mask & ~w.active) | (bits & w.active);
}

template <class T>
inline T get(Warp& w, int place, int lane) { return static_cast<T>(w.at<Slot<T>>(place)[lane]); }
