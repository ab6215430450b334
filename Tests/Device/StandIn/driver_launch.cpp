// Launches, and what a function may use.
#include <algorithm>
#include <cstring>

#include "driver.h"
#include "warp.h"

namespace {

constexpr int Multiprocessors = 132, ThreadsPerMultiprocessor = 2048, GroupsPerMultiprocessor = 32;
constexpr int SharedPerMultiprocessor = 233472, SharedKept = 1024, MostShared = 232448;
// What ptxas will make of the PTX is not known here: a plausible number.
constexpr int RegistersPerThread = 64, RegistersPerMultiprocessor = 65536;

int groupsPerMultiprocessor(const Kernel& kernel, int threads, int dynamicBytes) {
    const int warps = (threads + WarpSize - 1) / WarpSize * WarpSize;
    const int shared = kernel.sharedBytes + dynamicBytes + SharedKept;
    if (threads < 1 || threads > kernel.maxThreads || shared > MostShared + SharedKept) return 0;
    return std::min({ThreadsPerMultiprocessor / warps, GroupsPerMultiprocessor, SharedPerMultiprocessor / shared,
        RegistersPerMultiprocessor / (RegistersPerThread * warps)});
}

int refuse(const Kernel& kernel, const char* why) {
    report(kernel.name, "INVALID LAUNCH", why);
    return InvalidValue;
}

// "extra" holds pairs up to a null: 1 and the buffer, 2 and a pointer to its size.
bool fromExtra(const Kernel& kernel, void** extra, std::vector<char>& parameters) {
    const char* buffer = nullptr;
    size_t size = 0;
    for (int i = 0; extra[i]; i += 2) {
        if (extra[i] == reinterpret_cast<void*>(1)) buffer = static_cast<const char*>(extra[i + 1]);
        if (extra[i] == reinterpret_cast<void*>(2)) size = *static_cast<size_t*>(extra[i + 1]);
    }
    if (!buffer || size < static_cast<size_t>(kernel.parameterBytes)) return false;
    memcpy(parameters.data(), buffer, kernel.parameterBytes);
    return true;
}

int launch(void* function, Dim grid, Dim block, unsigned dynamicBytes, void* stream, void** values, void** extra, bool cooperative) {
    Driver& d = driver();
    Lock lock(d.one);
    if (!function) return InvalidHandle;
    const Kernel& kernel = *static_cast<Kernel*>(function);
    if (grid.x < 1 || grid.y < 1 || grid.z < 1 || grid.y > 65535 || grid.z > 65535) return refuse(kernel, "the grid is empty or too large");
    if (block.x < 1 || block.y < 1 || block.z < 1 || block.z > 64 || block.count() > 1024) return refuse(kernel, "the group is empty or too large");
    if (block.count() > kernel.maxThreads) return refuse(kernel, "more threads than .maxntid");
    const int shared = kernel.sharedBytes + static_cast<int>(dynamicBytes);
    if (kernel.sharedBytes > 48 * 1024) return refuse(kernel, "more than 48 KB of static shared memory");
    if (shared > std::max(48 * 1024, kernel.dynamicSharedLimit + kernel.sharedBytes)) return refuse(kernel, "more shared memory than it may have");
    if (cooperative && grid.count() > static_cast<int64_t>(Multiprocessors) * groupsPerMultiprocessor(kernel, static_cast<int>(block.count()), dynamicBytes))
        return CooperativeLaunchTooLarge;

    std::vector<char> parameters(kernel.parameterBytes);
    if (extra && !values) {
        if (!fromExtra(kernel, extra, parameters)) return refuse(kernel, "no parameters, or too few bytes of them");
    } else if (!kernel.parameters.empty()) {
        if (!values) return refuse(kernel, "no parameters");
        for (size_t i = 0; i < kernel.parameters.size(); i++)
            memcpy(parameters.data() + kernel.parameters[i].offset, values[i], kernel.parameters[i].bytes);
    }
    return d.submit(stream, [=, &d, &kernel] {
        Launch l{kernel, d.memory, grid, block, parameters, shared, cooperative, d.clock};
        return static_cast<int>(runLaunch(l, d.clock));
    });
}

}  // namespace

EXPORT int cuLaunchKernel(void* function, unsigned gx, unsigned gy, unsigned gz, unsigned bx, unsigned by, unsigned bz, unsigned dynamicBytes,
    void* stream, void** values, void** extra) {
    return launch(function, {int(gx), int(gy), int(gz)}, {int(bx), int(by), int(bz)}, dynamicBytes, stream, values, extra, false);
}

EXPORT int cuLaunchCooperativeKernel(void* function, unsigned gx, unsigned gy, unsigned gz, unsigned bx, unsigned by, unsigned bz,
    unsigned dynamicBytes, void* stream, void** values) {
    return launch(function, {int(gx), int(gy), int(gz)}, {int(bx), int(by), int(bz)}, dynamicBytes, stream, values, nullptr, true);
}

EXPORT int cuOccupancyMaxActiveBlocksPerMultiprocessor(int* groups, void* function, int threads, size_t dynamicBytes) {
    Lock lock(driver().one);
    *groups = groupsPerMultiprocessor(*static_cast<Kernel*>(function), threads, static_cast<int>(dynamicBytes));
    return Success;
}

EXPORT int cuOccupancyMaxActiveBlocksPerMultiprocessorWithFlags(int* groups, void* function, int threads, size_t dynamicBytes, unsigned) {
    return cuOccupancyMaxActiveBlocksPerMultiprocessor(groups, function, threads, dynamicBytes);
}

// The group size with which most threads are resident; the dynamic shared memory may depend on it.
EXPORT int cuOccupancyMaxPotentialBlockSize(int* minGrid, int* size, void* function, size_t (*bytesFor)(int), size_t dynamicBytes, int limit) {
    Lock lock(driver().one);
    const Kernel& kernel = *static_cast<Kernel*>(function);
    int most = 0, top = std::min(limit > 0 ? limit : 1024, kernel.maxThreads);
    for (int threads = top / WarpSize * WarpSize; threads >= WarpSize; threads -= WarpSize) {
        int groups = groupsPerMultiprocessor(kernel, threads, static_cast<int>(bytesFor ? bytesFor(threads) : dynamicBytes));
        if (groups * threads <= most) continue;
        most = groups * threads;
        *size = threads;
        *minGrid = groups * Multiprocessors;
    }
    return most ? Success : InvalidValue;
}

// 0 threads a group, 1 static shared bytes, 2 constant, 3 local, 4 registers, 5 and 6 versions, 8 dynamic shared bytes
EXPORT int cuFuncGetAttribute(int* value, int attribute, void* function) {
    Lock lock(driver().one);
    const Kernel& kernel = *static_cast<Kernel*>(function);
    switch (attribute) {
        case 0: *value = kernel.maxThreads; break;
        case 1: *value = kernel.sharedBytes; break;
        case 4: *value = RegistersPerThread; break;
        case 5: case 6: *value = 90; break;
        case 8: *value = kernel.dynamicSharedLimit; break;
        default: *value = 0;
    }
    return Success;
}

EXPORT int cuFuncSetAttribute(void* function, int attribute, int value) {
    Lock lock(driver().one);
    Kernel& kernel = *static_cast<Kernel*>(function);
    if (attribute == 8) {
        if (value < 0 || value + kernel.sharedBytes > MostShared) return InvalidValue;
        kernel.dynamicSharedLimit = value;
    }
    return Success;
}

EXPORT int cuFuncSetCacheConfig(void*, int) { return Success; }
