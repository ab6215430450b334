// Whether the lanes of a warp may touch what they touch.
#pragma once
#include "lanes.h"

enum class Access : uint8_t { Read, Write, Atomic };

// The lanes of one access that go to one memory, and the address their offsets count from.
struct Place {
    uint32_t lanes;
    char* base;
};

// Checks what lanes read or update at their addresses. Returns how many of the two places are in use: generic addresses may go both ways.
int touch(Warp& w, const Instruction& in, uint64_t* at, int bytes, Access access, Place (&places)[2]);

// Checks and writes, lane after lane; values: bytes of each lane. Writing what is there already is no race.
void write(Warp& w, const Instruction& in, uint64_t* at, int bytes, const char* values);
