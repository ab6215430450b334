// What a launch did, for predictions of its time: counted only with STANDIN_TRACE.
#pragma once
#include <cstdint>
#include <string>

struct Instruction;
class Warp;

class Trace {
public:
    bool on = false;

    void instruction(const Instruction& in, uint32_t lanes);
    // One access of a warp: the bytes its lanes ask for, the 32-byte sectors they lie in, or how often banks are asked twice.
    void global(uint32_t lanes, const uint64_t* address, int bytes, bool isWrite);
    void shared(uint32_t lanes, const uint64_t* address, int bytes);
    void barrier() { barriers_++; }

    void print(const std::string& kernel, const std::string& shape) const;

private:
    uint64_t threads_ = 0, warps_ = 0, fp32_ = 0, fp64_ = 0, tensor_ = 0, barriers_ = 0;
    struct Traffic {
        uint64_t accesses = 0, bytes = 0, sectors = 0;
    } reads_, writes_;
    uint64_t sharedAccesses_ = 0, sharedPasses_ = 0, sharedWorst_ = 0;
};
