#include "order.h"

#include <algorithm>

void GroupOrder::merge(Clocks& into, const Clocks& from) const {
    if (from.empty()) return;
    if (into.empty()) into.assign(clock_.size(), 0);
    for (size_t i = 0; i < from.size(); i++) into[i] = std::max(into[i], from[i]);
}

// What the group has done and seen until now may be published from now on.
void GroupOrder::close(uint32_t group) {
    if (touched_[group]) clock_[group]++;
    touched_[group] = 0;
    fenced_[group] = seen_[group];
    if (fenced_[group].empty()) fenced_[group].assign(clock_.size(), 0);
    fenced_[group][group] = clock_[group] - 1;
}

void GroupOrder::takeOver(Clocks& into, uint64_t address) {
    auto it = published_.find(address);
    if (it != published_.end()) merge(into, it->second);
}

void GroupOrder::fence(uint32_t group) {
    for (uint64_t address : read_[group]) takeOver(seen_[group], address);
    read_[group].clear();
    close(group);
}

void GroupOrder::strong(uint32_t group, uint64_t address, bool reads, bool writes, bool acquires, bool releases) {
    if (releases) close(group);
    if (reads) takeOver(known_[group], address);
    if (reads && acquires) takeOver(seen_[group], address);
    if (writes && !fenced_[group].empty()) merge(published_[address], fenced_[group]);
    if (reads && !acquires && std::find(read_[group].begin(), read_[group].end(), address) == read_[group].end()) read_[group].push_back(address);
}

bool GroupOrder::isWriteOrderedAfterAll(uint32_t me, uint32_t clock) const {
    const Clocks& known = known_[me];
    if (known.empty()) return false;
    for (uint32_t i = 0; i < known.size(); i++)
        if (i != me && known[i] < clock) return false;
    return true;
}

uint32_t GroupOrder::latestClock() const { return *std::max_element(clock_.begin(), clock_.end()); }
