// Device memory, and what is known about each of its words: allocated, written, and who touched it last.
#pragma once
#include <cstddef>
#include <cstdint>
#include <map>

constexpr uint32_t Many = 0xffffffffu;

// The last write and the last read of a word: the clock of GroupOrder in the upper half, the group in the lower one.
struct Touched {
    uint64_t write, read;
};

class Memory {
public:
    explicit Memory(uint64_t capacity);
    ~Memory();
    Memory(const Memory&) = delete;
    Memory& operator=(const Memory&) = delete;

    void* allocate(uint64_t bytes);  // null: no room
    bool release(void* p);           // false: not allocated
    uint64_t capacity() const { return capacity_; }
    uint64_t used() const { return used_; }

    bool covers(const void* p) const { return reinterpret_cast<uint64_t>(p) - base_ < span_; }
    // The allocation an address lies in; false outside of all.
    bool find(uint64_t address, uint64_t& start, uint64_t& bytes) const;
    bool isWhole(const void* p, uint64_t bytes) const;       // inside one allocation
    uint64_t firstUnwritten(const void* p, uint64_t bytes) const;  // offset, or bytes where all are written
    void markWritten(void* p, uint64_t bytes);

    // For the interpreter: words are numbered from the base.
    uint64_t base() const { return base_; }
    uint64_t span() const { return span_; }
    // Of each word four bits "allocated" (low) and four bits "written" (high), one a byte.
    uint8_t* state() { return state_; }
    Touched* touched() { return touched_; }

private:
    uint64_t capacity_, span_, used_ = 0, base_;
    uint8_t* state_;
    Touched* touched_;
    std::map<uint64_t, uint64_t> allocated_, free_;  // start → bytes
};
