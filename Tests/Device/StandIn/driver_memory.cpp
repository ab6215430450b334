// Memory of the device and of the host, and copies between them.
#include <cstdlib>
#include <cstring>

#include "driver.h"

namespace {

Memory& memory() { return driver().memory; }

// Device memory a copy or fill touches must lie inside one allocation.
bool lies(const void* p, size_t bytes, const char* what) {
    if (!memory().covers(p) || memory().isWhole(p, bytes)) return true;
    report(what, "OUT OF BOUNDS", std::to_string(bytes) + " bytes past the end of an allocation");
    return false;
}

int copy(void* to, const void* from, size_t bytes, const char* what) {
    if (bytes == 0) return Success;
    if (!lies(to, bytes, what) || !lies(from, bytes, what)) return InvalidValue;
    int result = Success;
    if (settings().checks && memory().covers(from)) {
        uint64_t written = memory().firstUnwritten(from, bytes);
        if (written < bytes) {
            uint64_t before = unexpectedFindings();
            report(what, "UNINITIALISED READ", "a copy of " + std::to_string(bytes) + " bytes, byte " + std::to_string(written) + " was never written");
            if (!settings().lenient && unexpectedFindings() != before) result = LaunchFailed;
        }
    }
    memmove(to, from, bytes);
    if (memory().covers(to)) memory().markWritten(to, bytes);
    return result;
}

int submitCopy(void* to, const void* from, size_t bytes, void* stream, const char* what) {
    Lock lock(driver().one);
    return driver().submit(stream, [=] { return copy(to, from, bytes, what); });
}

int copyNow(void* to, const void* from, size_t bytes, const char* what) {
    Lock lock(driver().one);
    if (int error = driver().whileCapturing()) return error;
    return copy(to, from, bytes, what);
}

template <class T>
int fill(void* to, T value, size_t count, void* stream) {
    Lock lock(driver().one);
    return driver().submit(stream, [=] {
        if (!lies(to, count * sizeof(T), "cuMemset")) return static_cast<int>(InvalidValue);
        for (size_t i = 0; i < count; i++) static_cast<T*>(to)[i] = value;
        memory().markWritten(to, count * sizeof(T));
        return static_cast<int>(Success);
    });
}

}  // namespace

EXPORT int cuMemAlloc_v2(void** p, size_t bytes) {
    Lock lock(driver().one);
    if (int error = driver().whileCapturing()) return error;
    if (bytes == 0) return InvalidValue;
    *p = memory().allocate(bytes);
    return *p ? Success : OutOfMemory;
}

EXPORT int cuMemFree_v2(void* p) {
    Lock lock(driver().one);
    if (int error = driver().whileCapturing()) return error;
    if (!p || memory().release(p)) return Success;
    report("cuMemFree", "FREE of what was not allocated", "");
    return InvalidValue;
}

EXPORT int cuMemGetInfo_v2(size_t* free, size_t* total) {
    Lock lock(driver().one);
    *total = memory().capacity();
    *free = *total - memory().used();
    return Success;
}

EXPORT int cuMemGetAddressRange_v2(void** start, size_t* size, void* p) {
    Lock lock(driver().one);
    uint64_t first, bytes;
    if (!memory().find(reinterpret_cast<uint64_t>(p), first, bytes)) return NotFound;
    if (start) *start = reinterpret_cast<void*>(first);
    if (size) *size = bytes;
    return Success;
}

// Attribute 2 is the kind of memory: 1 of the host, 2 of the device. Others are not asked for here.
EXPORT int cuPointerGetAttribute(void* value, int attribute, void* p) {
    Lock lock(driver().one);
    if (attribute != 2) return InvalidValue;
    if (!memory().covers(p)) return InvalidValue;
    *static_cast<unsigned*>(value) = 2;
    return Success;
}

EXPORT int cuMemHostAlloc(void** p, size_t bytes, unsigned) {
    Lock lock(driver().one);
    *p = aligned_alloc(4096, (bytes + 4095) / 4096 * 4096);
    if (!*p) return OutOfMemory;
    driver().pinned.insert(*p);
    return Success;
}

EXPORT int cuMemAllocHost_v2(void** p, size_t bytes) { return cuMemHostAlloc(p, bytes, 0); }

EXPORT int cuMemFreeHost(void* p) {
    Lock lock(driver().one);
    if (driver().pinned.erase(p) == 0) return InvalidValue;
    free(p);
    return Success;
}

EXPORT int cuMemHostRegister_v2(void* p, size_t, unsigned) { return p ? Success : InvalidValue; }
EXPORT int cuMemHostRegister(void* p, size_t, unsigned) { return p ? Success : InvalidValue; }
EXPORT int cuMemHostUnregister(void* p) { return p ? Success : InvalidValue; }

EXPORT int cuMemcpy(void* to, void* from, size_t bytes) { return copyNow(to, from, bytes, "cuMemcpy"); }
EXPORT int cuMemcpyHtoD_v2(void* to, const void* from, size_t bytes) { return copyNow(to, from, bytes, "cuMemcpyHtoD"); }
EXPORT int cuMemcpyDtoH_v2(void* to, void* from, size_t bytes) { return copyNow(to, from, bytes, "cuMemcpyDtoH"); }
EXPORT int cuMemcpyDtoD_v2(void* to, void* from, size_t bytes) { return copyNow(to, from, bytes, "cuMemcpyDtoD"); }
EXPORT int cuMemcpyAsync(void* to, void* from, size_t bytes, void* stream) { return submitCopy(to, from, bytes, stream, "cuMemcpyAsync"); }
EXPORT int cuMemcpyHtoDAsync_v2(void* to, const void* from, size_t bytes, void* stream) {
    return submitCopy(to, from, bytes, stream, "cuMemcpyHtoDAsync");
}
EXPORT int cuMemcpyDtoHAsync_v2(void* to, void* from, size_t bytes, void* stream) {
    return submitCopy(to, from, bytes, stream, "cuMemcpyDtoHAsync");
}
EXPORT int cuMemcpyDtoDAsync_v2(void* to, void* from, size_t bytes, void* stream) {
    return submitCopy(to, from, bytes, stream, "cuMemcpyDtoDAsync");
}

EXPORT int cuMemsetD8_v2(void* to, unsigned char value, size_t count) { return fill(to, value, count, nullptr); }
EXPORT int cuMemsetD32_v2(void* to, unsigned value, size_t count) { return fill(to, value, count, nullptr); }
EXPORT int cuMemsetD8Async(void* to, unsigned char value, size_t count, void* stream) { return fill(to, value, count, stream); }
EXPORT int cuMemsetD32Async(void* to, unsigned value, size_t count, void* stream) { return fill(to, value, count, stream); }
