// What the exported functions share: one device, its memory, its modules; one call at a time.
#pragma once
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "kernel.h"
#include "memory.h"
#include "settings.h"

#define EXPORT extern "C" __attribute__((visibility("default")))

struct Module {
    std::vector<std::unique_ptr<Kernel>> kernels;
};

using Work = std::function<int()>;

struct Graph {
    std::vector<Work> work;
};

struct Stream {
    bool blocking = true;  // waits for the legacy stream and is waited for
    bool capturing = false, broken = false;
    int mode = 0;          // of the capture: 0 global, 1 of the thread, 2 relaxed
    Graph captured;
};

struct Driver {
    std::mutex one;
    Memory memory{settings().memory};
    uint32_t clock = 1;  // see Launch::start
    std::list<Module> modules;
    std::set<Stream*> streams;
    std::set<void*> pinned;
    int loaded = 0;

    // Runs the work, or writes it down where the stream is being captured.
    int submit(void* stream, Work work);
    // What a stream that is being captured forbids: anything that waits or touches memory as a whole, unless it is relaxed.
    int whileCapturing();
};

Driver& driver();

using Lock = std::lock_guard<std::mutex>;
