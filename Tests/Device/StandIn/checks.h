// Whether the lanes of a warp may touch what they touch.
#pragma once
#include "lanes.h"

enum class Access : uint8_t { Read, Write, Atomic };

// The lanes of one access that go to one memory, and the address their offsets count from.
struct Place {
    uint32_t lanes;
    char* base;
};

// Reads and checks addresses; at: of each lane. Returns how many of the two places are in use (generic accesses may go both ways).
// value: what is written, bytes a lane, null for reads: writing what is there already is no race.
int touch(Warp& w, const Instruction& in, uint64_t* at, int bytes, Access access, const char* value, Place (&places)[2]);
