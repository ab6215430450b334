// Streams, events and graphs. Work is done when it is submitted, so there is never anything to wait for.
#include <algorithm>
#include <chrono>

#include "driver.h"

namespace {

using Clock = std::chrono::steady_clock;

struct Event {
    Clock::time_point at;
    bool recorded = false;
};

bool isLegacy(void* stream) { return stream == nullptr || stream == reinterpret_cast<void*>(1); }

}  // namespace

int Driver::submit(void* handle, Work work) {
    if (isLegacy(handle) || handle == reinterpret_cast<void*>(2)) {
        for (Stream* s : streams)
            if (s->capturing && s->blocking) {
                s->broken = true;
                return CaptureImplicit;
            }
        return work();
    }
    Stream* stream = static_cast<Stream*>(handle);
    if (!streams.count(stream)) return InvalidHandle;
    if (!stream->capturing) return work();
    if (stream->broken) return CaptureInvalidated;
    stream->captured.work.push_back(std::move(work));
    return Success;
}

int Driver::whileCapturing() {
    for (Stream* s : streams)
        if (s->capturing && s->mode != 2) {
            s->broken = true;
            return CaptureUnsupported;
        }
    return Success;
}

// Flag 1: does not wait for the legacy stream.
EXPORT int cuStreamCreate(void** stream, unsigned flags) {
    Lock lock(driver().one);
    Stream* s = new Stream;
    s->blocking = !(flags & 1);
    driver().streams.insert(s);
    *stream = s;
    return Success;
}

EXPORT int cuStreamCreateWithPriority(void** stream, unsigned flags, int) { return cuStreamCreate(stream, flags); }

EXPORT int cuStreamDestroy_v2(void* stream) {
    Lock lock(driver().one);
    if (driver().streams.erase(static_cast<Stream*>(stream)) == 0) return InvalidHandle;
    delete static_cast<Stream*>(stream);
    return Success;
}

EXPORT int cuStreamSynchronize(void* stream) {
    Lock lock(driver().one);
    if (isLegacy(stream)) return driver().whileCapturing();
    Stream* s = static_cast<Stream*>(stream);
    if (!driver().streams.count(s)) return InvalidHandle;
    if (!s->capturing) return Success;
    s->broken = true;
    return CaptureUnsupported;
}

EXPORT int cuStreamQuery(void* stream) { return cuStreamSynchronize(stream); }

EXPORT int cuStreamWaitEvent(void*, void*, unsigned) { return Success; }

EXPORT int cuEventCreate(void** event, unsigned) {
    *event = new Event;
    return Success;
}

EXPORT int cuEventDestroy_v2(void* event) {
    delete static_cast<Event*>(event);
    return Success;
}

EXPORT int cuEventRecord(void* event, void* stream) {
    Lock lock(driver().one);
    return driver().submit(stream, [event] {
        *static_cast<Event*>(event) = {Clock::now(), true};
        return static_cast<int>(Success);
    });
}

EXPORT int cuEventQuery(void*) { return Success; }

EXPORT int cuEventSynchronize(void*) { return Success; }

// Time on this machine, in milliseconds: it says nothing about a GPU.
EXPORT int cuEventElapsedTime(float* milliseconds, void* from, void* to) {
    const Event &a = *static_cast<Event*>(from), &b = *static_cast<Event*>(to);
    if (!a.recorded || !b.recorded) return InvalidHandle;
    *milliseconds = std::chrono::duration<float, std::milli>(b.at - a.at).count();
    return Success;
}

EXPORT int cuEventElapsedTime_v2(float* milliseconds, void* from, void* to) { return cuEventElapsedTime(milliseconds, from, to); }

EXPORT int cuStreamBeginCapture_v2(void* handle, int mode) {
    Lock lock(driver().one);
    if (isLegacy(handle)) return CaptureUnsupported;
    Stream* stream = static_cast<Stream*>(handle);
    if (!driver().streams.count(stream)) return InvalidHandle;
    if (stream->capturing) return InvalidValue;
    stream->capturing = true;
    stream->broken = false;
    stream->mode = mode;
    stream->captured.work.clear();
    return Success;
}

EXPORT int cuStreamEndCapture(void* handle, void** graph) {
    Lock lock(driver().one);
    Stream* stream = static_cast<Stream*>(handle);
    *graph = nullptr;
    if (!driver().streams.count(stream)) return InvalidHandle;
    if (!stream->capturing) return InvalidValue;
    stream->capturing = false;
    if (stream->broken) return CaptureInvalidated;
    *graph = new Graph{std::move(stream->captured)};
    return Success;
}

// 0 none, 1 active, 2 invalidated
EXPORT int cuStreamIsCapturing(void* handle, int* status) {
    Lock lock(driver().one);
    Stream* stream = static_cast<Stream*>(handle);
    *status = isLegacy(handle) || !stream->capturing ? 0 : stream->broken ? 2 : 1;
    return Success;
}

EXPORT int cuGraphInstantiateWithFlags(void** executable, void* graph, unsigned long long) {
    if (!graph) return InvalidValue;
    *executable = new Graph(*static_cast<Graph*>(graph));
    return Success;
}

EXPORT int cuGraphInstantiate_v2(void** executable, void* graph, void**, char*, size_t) { return cuGraphInstantiateWithFlags(executable, graph, 0); }
EXPORT int cuGraphInstantiate(void** executable, void* graph, unsigned long long flags) { return cuGraphInstantiateWithFlags(executable, graph, flags); }
EXPORT int cuGraphUpload(void*, void*) { return Success; }

EXPORT int cuGraphLaunch(void* executable, void* stream) {
    Lock lock(driver().one);
    const Graph* graph = static_cast<Graph*>(executable);
    return driver().submit(stream, [graph] {
        for (const Work& work : graph->work)
            if (int error = work()) return error;
        return static_cast<int>(Success);
    });
}

EXPORT int cuGraphGetNodes(void* graph, void** nodes, size_t* count) {
    if (nodes) return InvalidValue;
    *count = static_cast<Graph*>(graph)->work.size();
    return Success;
}

EXPORT int cuGraphExecDestroy(void* executable) {
    delete static_cast<Graph*>(executable);
    return Success;
}

EXPORT int cuGraphDestroy(void* graph) {
    delete static_cast<Graph*>(graph);
    return Success;
}
