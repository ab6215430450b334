#include "memory.h"

#include <sys/mman.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>

namespace {

constexpr uint64_t Alignment = 512;

// Address space only: a page costs memory once it is written.
char* reserve(uint64_t bytes) {
    void* p = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (p == MAP_FAILED) abort();
    return static_cast<char*>(p);
}

// At least one gap of an alignment lies behind every allocation, so that running past an end is noticed.
uint64_t padded(uint64_t bytes) { return (bytes + 2 * Alignment - 1) / Alignment * Alignment; }

}  // namespace

Memory::Memory(uint64_t capacity) : capacity_(capacity), span_(padded(2 * capacity)) {
    base_ = reinterpret_cast<uint64_t>(reserve(span_));
    state_ = reinterpret_cast<uint8_t*>(reserve(span_ / 4));
    touched_ = reinterpret_cast<Touched*>(reserve(span_ / 4 * sizeof(Touched)));
    free_[base_] = span_;
}

Memory::~Memory() {
    munmap(reinterpret_cast<void*>(base_), span_);
    munmap(state_, span_ / 4);
    munmap(touched_, span_ / 4 * sizeof(Touched));
}

void* Memory::allocate(uint64_t bytes) {
    if (bytes == 0 || bytes > capacity_ - used_) return nullptr;
    uint64_t room = padded(bytes);
    auto hole = std::find_if(free_.begin(), free_.end(), [&](auto& f) { return f.second >= room; });
    if (hole == free_.end()) return nullptr;
    auto [start, size] = *hole;
    free_.erase(hole);
    if (size > room) free_[start + room] = size - room;
    allocated_[start] = bytes;
    used_ += bytes;
    uint8_t* state = state_ + (start - base_) / 4;
    memset(state, 0x0f, bytes / 4);
    if (bytes % 4) state[bytes / 4] = static_cast<uint8_t>((1 << bytes % 4) - 1);
    return reinterpret_cast<void*>(start);
}

bool Memory::release(void* p) {
    auto it = allocated_.find(reinterpret_cast<uint64_t>(p));
    if (it == allocated_.end()) return false;
    auto [start, bytes] = *it;
    uint64_t room = padded(bytes);
    allocated_.erase(it);
    used_ -= bytes;
    uint8_t* state = state_ + (start - base_) / 4;
    memset(state, 0, room / 4);
    // What is used again must not look like zeros by luck, and much memory is given back to the system.
    uint64_t page = (start + 4095) / 4096 * 4096;
    if (bytes > 1 << 22) madvise(reinterpret_cast<void*>(page), (start + bytes - page) / 4096 * 4096, MADV_DONTNEED);
    else memset(p, 0x7f, bytes);
    auto next = free_.lower_bound(start);
    if (next != free_.end() && next->first == start + room) {
        room += next->second;
        next = free_.erase(next);
    }
    if (next != free_.begin() && std::prev(next)->first + std::prev(next)->second == start) std::prev(next)->second += room;
    else free_[start] = room;
    return true;
}

bool Memory::find(uint64_t address, uint64_t& start, uint64_t& bytes) const {
    auto it = allocated_.upper_bound(address);
    if (it == allocated_.begin()) return false;
    --it;
    start = it->first;
    bytes = it->second;
    return address < start + bytes;
}

bool Memory::isWhole(const void* p, uint64_t length) const {
    uint64_t start, bytes, address = reinterpret_cast<uint64_t>(p);
    return find(address, start, bytes) && length <= start + bytes - address;
}

uint64_t Memory::firstUnwritten(const void* p, uint64_t bytes) const {
    uint64_t offset = reinterpret_cast<uint64_t>(p) - base_;
    for (uint64_t i = 0; i < bytes; i++) {
        uint64_t at = offset + i;
        if (at % 4 == 0 && i + 4 <= bytes && state_[at / 4] == 0xff) i += 3;
        else if (!(state_[at / 4] >> (4 + at % 4) & 1)) return i;
    }
    return bytes;
}

void Memory::markWritten(void* p, uint64_t bytes) {
    uint64_t offset = reinterpret_cast<uint64_t>(p) - base_, i = 0;
    for (; i < bytes && (offset + i) % 4; i++) state_[(offset + i) / 4] |= static_cast<uint8_t>(0x10 << (offset + i) % 4);
    memset(state_ + (offset + i) / 4, 0xff, (bytes - i) / 4);
    for (i += (bytes - i) / 4 * 4; i < bytes; i++) state_[(offset + i) / 4] |= static_cast<uint8_t>(0x10 << (offset + i) % 4);
}
