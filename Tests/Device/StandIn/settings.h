// What the environment asks for, the log, and the findings.
#pragma once
#include <cstdint>
#include <cstdio>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

// Error numbers of cuda.h that are returned here.
enum CudaResult : int {
    Success = 0,
    InvalidValue = 1,
    OutOfMemory = 2,
    InvalidPtx = 218,
    InvalidHandle = 400,
    NotFound = 500,
    NotReady = 600,
    IllegalAddress = 700,
    MisalignedAddress = 716,
    LaunchFailed = 719,
    CooperativeLaunchTooLarge = 720,
    CaptureUnsupported = 900,
    CaptureInvalidated = 901,
    CaptureImplicit = 906,
};

struct Settings {
    bool checks;            // STANDIN_NO_CHECKS: no memory, initialisation or race checks
    bool contract;          // STANDIN_NO_CONTRACTION: products and sums stay apart
    bool exactExp2;         // STANDIN_EXACT_EX2: ex2.approx rounded to nearest instead of as badly as allowed
    bool lenient;           // STANDIN_LENIENT: findings are logged but fail no launch, unless it cannot go on
    bool trace;             // STANDIN_TRACE: one line a launch
    uint64_t memory;        // STANDIN_MEMORY: bytes of device memory
    uint64_t limit;         // STANDIN_LIMIT: warp instructions one launch may execute
    std::string ptxFolder;  // STANDIN_PTX: every module is written there
};

const Settings& settings();
void say(const char* format, ...) __attribute__((format(printf, 1, 2)));

// A launch that cannot go on; what() was logged as a finding.
struct Fault : std::runtime_error {
    CudaResult result;
    Fault(CudaResult code, const std::string& what) : std::runtime_error(what), result(code) {}
};

// Logs a finding (the first three of a kind in a kernel) and counts it, unless STANDIN_KNOWN lists it.
void report(const std::string& kernel, const std::string& kind, const std::string& where);

// Findings so far that nothing listed.
uint64_t unexpectedFindings();
