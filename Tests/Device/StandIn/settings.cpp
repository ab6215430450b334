#include "settings.h"

#include <cstdarg>
#include <cstdlib>
#include <fstream>

namespace {

bool isSet(const char* name) {
    const char* value = getenv(name);
    return value && *value && std::string(value) != "0";
}

uint64_t number(const char* name, double otherwise) {
    const char* value = getenv(name);
    return static_cast<uint64_t>(value && *value ? strtod(value, nullptr) : otherwise);
}

FILE* openLog() {
    const char* path = getenv("STANDIN_LOG");
    FILE* file = path && *path ? fopen(path, "a") : stderr;
    if (!file) file = stderr;
    setvbuf(file, nullptr, _IOLBF, 0);
    return file;
}

FILE* logFile() {
    static FILE* const file = openLog();
    return file;
}

// A line of STANDIN_KNOWN: "part of the kernel's name | kind | why it is harmless".
struct Known {
    std::string kernel, kind;
};

std::string trimmed(const std::string& text) {
    size_t first = text.find_first_not_of(" \t\r"), last = text.find_last_not_of(" \t\r");
    return first == std::string::npos ? "" : text.substr(first, last - first + 1);
}

std::vector<Known> readKnown() {
    std::vector<Known> known;
    const char* path = getenv("STANDIN_KNOWN");
    if (!path || !*path) return known;
    std::ifstream file(path);
    if (!file) say("STANDIN_KNOWN cannot be read: %s", path);
    for (std::string line; std::getline(file, line);) {
        size_t one = line.find('|'), two = line.find('|', one + 1);
        if (line.empty() || line[0] == '#') continue;
        if (two == std::string::npos || trimmed(line.substr(two + 1)).empty()) {
            say("STANDIN_KNOWN: a line wants 'kernel | kind | reason': %s", line.c_str());
            continue;
        }
        known.push_back({trimmed(line.substr(0, one)), trimmed(line.substr(one + 1, two - one - 1))});
    }
    return known;
}

struct Tally {
    std::map<std::string, uint64_t> count;
    std::vector<Known> known = readKnown();
    uint64_t unexpected = 0, expected = 0;

    ~Tally() {
        say("findings: %llu unexpected, %llu listed as known", (unsigned long long)unexpected, (unsigned long long)expected);
        for (auto& [what, times] : count) say("    %llu times %s", (unsigned long long)times, what.c_str());
    }
};

Tally& tally() {
    static Tally all;
    return all;
}

}  // namespace

const Settings& settings() {
    static const Settings all = [] {
        logFile();
        tally();
        const char* folder = getenv("STANDIN_PTX");
        return Settings{!isSet("STANDIN_NO_CHECKS"), !isSet("STANDIN_NO_CONTRACTION"), isSet("STANDIN_EXACT_EX2"),
                        isSet("STANDIN_LENIENT"),    isSet("STANDIN_TRACE"),           number("STANDIN_MEMORY", 2e9),
                        number("STANDIN_LIMIT", 1e11), folder ? folder : ""};
    }();
    return all;
}

void say(const char* format, ...) {
    va_list values;
    va_start(values, format);
    char text[2000];
    vsnprintf(text, sizeof text, format, values);
    va_end(values);
    fprintf(logFile(), "stand-in: %s\n", text);
}

void report(const std::string& kernel, const std::string& kind, const std::string& where) {
    Tally& all = tally();
    for (auto& k : all.known)
        if (kind == k.kind && kernel.find(k.kernel) != std::string::npos) {
            all.expected++;
            return;
        }
    all.unexpected++;
    if (++all.count[kind + " in " + kernel] <= 3) say("FINDING %s in %s: %s", kind.c_str(), kernel.c_str(), where.c_str());
}

uint64_t unexpectedFindings() { return tally().unexpected; }
