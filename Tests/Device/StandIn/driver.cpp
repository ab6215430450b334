// Devices, contexts, modules and errors.
#include "driver.h"

#include <cstring>

Driver& driver() {
    // Never destroyed: other threads may still call when the process ends.
    static Driver* const one = new Driver;
    return *one;
}

namespace {

// An H100 as its driver describes it; attributes that are not here are 1.
struct Attribute {
    int number, value;
};
constexpr Attribute attributes[] = {
    {1, 1024},          // threads a group
    {2, 1024}, {3, 1024}, {4, 64},
    {5, 2147483647}, {6, 65535}, {7, 65535},
    {8, 49152},         // shared memory a group
    {9, 65536},         // constant memory
    {10, 32},           // warp
    {11, 2147483647},
    {12, 65536},        // registers a group
    {13, 1980000},      // kHz
    {16, 132},          // multiprocessors
    {36, 2619000}, {37, 5120},
    {38, 52428800},     // L2
    {39, 2048},         // threads a multiprocessor
    {75, 9}, {76, 0},   // compute capability
    {81, 233472},       // shared memory a multiprocessor
    {82, 65536},
    {95, 1},            // cooperative launches
    {97, 232448},       // shared memory a group may ask for
    {106, 32},          // groups a multiprocessor
    {111, 1024},        // shared memory the system keeps of each group
};

struct ErrorText {
    int number;
    const char *name, *text;
};
constexpr ErrorText errors[] = {
    {Success, "CUDA_SUCCESS", "no error"},
    {InvalidValue, "CUDA_ERROR_INVALID_VALUE", "invalid argument"},
    {OutOfMemory, "CUDA_ERROR_OUT_OF_MEMORY", "out of memory"},
    {InvalidPtx, "CUDA_ERROR_INVALID_PTX", "a PTX JIT compilation failed (see the stand-in's log)"},
    {InvalidHandle, "CUDA_ERROR_INVALID_HANDLE", "invalid resource handle"},
    {NotFound, "CUDA_ERROR_NOT_FOUND", "named symbol not found"},
    {NotReady, "CUDA_ERROR_NOT_READY", "device not ready"},
    {IllegalAddress, "CUDA_ERROR_ILLEGAL_ADDRESS", "an illegal memory access was encountered (see the stand-in's log)"},
    {MisalignedAddress, "CUDA_ERROR_MISALIGNED_ADDRESS", "misaligned address (see the stand-in's log)"},
    {LaunchFailed, "CUDA_ERROR_LAUNCH_FAILED", "unspecified launch failure (a finding: see the stand-in's log)"},
    {CooperativeLaunchTooLarge, "CUDA_ERROR_COOPERATIVE_LAUNCH_TOO_LARGE", "too many blocks in cooperative launch"},
    {CaptureUnsupported, "CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED", "operation not permitted when stream is capturing"},
    {CaptureInvalidated, "CUDA_ERROR_STREAM_CAPTURE_INVALIDATED", "operation failed due to a previous error during capture"},
    {CaptureImplicit, "CUDA_ERROR_STREAM_CAPTURE_IMPLICIT", "operation would make the legacy stream depend on a capturing blocking stream"},
};

const ErrorText* errorText(int number) {
    for (const ErrorText& e : errors)
        if (e.number == number) return &e;
    return nullptr;
}

int contexts = 0;
thread_local std::vector<void*> current;

}  // namespace

EXPORT int cuInit(unsigned) {
    settings();  // the environment of now, not of the first launch
    return Success;
}

EXPORT int cuDriverGetVersion(int* version) {
    *version = 13000;
    return Success;
}

EXPORT int cuDeviceGet(int* device, int) {
    *device = 0;
    return Success;
}

EXPORT int cuDeviceGetCount(int* count) {
    *count = 1;
    return Success;
}

EXPORT int cuDeviceGetName(char* name, int length, int) {
    snprintf(name, length, "NVIDIA H100 80GB HBM3 (stand-in)");
    return Success;
}

EXPORT int cuDeviceTotalMem_v2(size_t* bytes, int) {
    *bytes = driver().memory.capacity();
    return Success;
}

EXPORT int cuDeviceGetAttribute(int* value, int number, int) {
    *value = 1;
    for (const Attribute& a : attributes)
        if (a.number == number) *value = a.value;
    return Success;
}

EXPORT int cuDevicePrimaryCtxRetain(void** context, int) {
    *context = reinterpret_cast<void*>(0x1000);
    return Success;
}

EXPORT int cuDevicePrimaryCtxRelease_v2(int) { return Success; }

EXPORT int cuCtxCreate_v2(void** context, unsigned, int) {
    Lock lock(driver().one);
    *context = reinterpret_cast<void*>(static_cast<intptr_t>(0x1000 + ++contexts));
    current.push_back(*context);
    return Success;
}

EXPORT int cuCtxDestroy_v2(void*) { return Success; }

EXPORT int cuCtxSetCurrent(void* context) {
    if (current.empty()) current.push_back(context);
    else current.back() = context;
    return Success;
}

EXPORT int cuCtxGetCurrent(void** context) {
    *context = current.empty() ? nullptr : current.back();
    return Success;
}

EXPORT int cuCtxPushCurrent_v2(void* context) {
    current.push_back(context);
    return Success;
}

EXPORT int cuCtxPopCurrent_v2(void** context) {
    if (context) *context = current.empty() ? nullptr : current.back();
    if (!current.empty()) current.pop_back();
    return Success;
}

EXPORT int cuCtxGetDevice(int* device) {
    *device = 0;
    return Success;
}

EXPORT int cuCtxSynchronize() {
    Lock lock(driver().one);
    return driver().whileCapturing();
}

EXPORT int cuCtxGetCacheConfig(int* config) {
    *config = 0;
    return Success;
}

EXPORT int cuCtxSetCacheConfig(int) { return Success; }

EXPORT int cuCtxGetSharedMemConfig(int* config) {
    *config = 1;
    return Success;
}

EXPORT int cuCtxSetSharedMemConfig(int) { return Success; }

EXPORT int cuDeviceCanAccessPeer(int* can, int, int) {
    *can = 0;
    return Success;
}

EXPORT int cuGetErrorString(int number, const char** text) {
    const ErrorText* e = errorText(number);
    *text = e ? e->text : nullptr;
    return e ? Success : InvalidValue;
}

EXPORT int cuGetErrorName(int number, const char** name) {
    const ErrorText* e = errorText(number);
    *name = e ? e->name : nullptr;
    return e ? Success : InvalidValue;
}

// Options of cuModuleLoadDataEx: 5 is a buffer for errors, 6 its size.
EXPORT int cuModuleLoadDataEx(void** module, const char* text, unsigned count, const int* options, void** values) {
    Driver& d = driver();
    Lock lock(d.one);
    const int number = ++d.loaded;
    if (!settings().ptxFolder.empty()) {
        char name[32];
        snprintf(name, sizeof name, "/%03d.ptx", number);
        if (FILE* file = fopen((settings().ptxFolder + name).c_str(), "w")) {
            fputs(text, file);
            fclose(file);
        } else
            say("cannot write into STANDIN_PTX %s", settings().ptxFolder.c_str());
    }
    try {
        Module loaded;
        for (KernelText& kernel : readPtx(text)) {
            if (settings().contract) contract(kernel);
            loaded.kernels.push_back(decode(kernel));
        }
        d.modules.push_back(std::move(loaded));
        *module = &d.modules.back();
        return Success;
    } catch (const std::exception& e) {
        say("module %d refused, %s", number, e.what());
        char* buffer = nullptr;
        size_t size = 0;
        for (unsigned i = 0; i < count; i++) {
            if (options[i] == 5) buffer = static_cast<char*>(values[i]);
            if (options[i] == 6) size = reinterpret_cast<size_t>(values[i]);
        }
        if (buffer && size) snprintf(buffer, size, "%s", e.what());
        return InvalidPtx;
    }
}

EXPORT int cuModuleLoadData(void** module, const char* text) { return cuModuleLoadDataEx(module, text, 0, nullptr, nullptr); }

EXPORT int cuModuleUnload(void* module) {
    Driver& d = driver();
    Lock lock(d.one);
    auto isIt = [&](const Module& m) { return &m == module; };
    for (const Module& m : d.modules)
        if (isIt(m)) {
            d.modules.remove_if(isIt);
            return Success;
        }
    return InvalidHandle;
}

EXPORT int cuModuleGetFunction(void** function, void* module, const char* name) {
    Lock lock(driver().one);
    for (auto& kernel : static_cast<Module*>(module)->kernels)
        if (kernel->entry == name) {
            *function = kernel.get();
            return Success;
        }
    return NotFound;
}
