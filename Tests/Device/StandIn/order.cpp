#include "order.h"

#include <algorithm>

void GroupOrder::merge(Times& into, const Times& from) const {
    if (from.empty()) return;
    if (into.empty()) into.assign(seen_.size(), 0);
    for (size_t i = 0; i < from.size(); i++) into[i] = std::max(into[i], from[i]);
}

// What the group has done and seen until now may be published from now on.
void GroupOrder::close(uint32_t group) {
    fenced_[group] = seen_[group];
    if (fenced_[group].empty()) fenced_[group].assign(seen_.size(), 0);
    fenced_[group][group] = now_++;
}

void GroupOrder::takeOver(uint32_t group, uint64_t address) {
    auto it = published_.find(address);
    if (it != published_.end()) merge(seen_[group], it->second);
}

void GroupOrder::fence(uint32_t group) {
    for (uint64_t address : read_[group]) takeOver(group, address);
    read_[group].clear();
    close(group);
}

void GroupOrder::strong(uint32_t group, uint64_t address, bool reads, bool writes, bool acquires, bool releases) {
    if (releases) close(group);
    if (writes && !fenced_[group].empty()) merge(published_[address], fenced_[group]);
    if (!reads) return;
    if (acquires) takeOver(group, address);
    else if (std::find(read_[group].begin(), read_[group].end(), address) == read_[group].end()) read_[group].push_back(address);
}

bool GroupOrder::isOrderedAfterAll(uint32_t me, uint32_t time) const {
    const Times& seen = seen_[me];
    if (seen.empty()) return false;
    for (uint32_t i = 0; i < seen.size(); i++)
        if (i != me && seen[i] < time) return false;
    return true;
}
