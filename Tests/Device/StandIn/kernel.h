// A kernel made ready to run: every instruction knows the function that carries it out for the 32 lanes of a warp, and
// every operand, constants and %tid included, is a place in the warp's register file.
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "ptx.h"

class Warp;
struct Instruction;
using Handler = void (*)(Warp&, const Instruction&);

enum class Space : uint8_t { Generic, Global, Shared, Param };

// What the warp's loop does with an instruction beyond calling its handler.
enum class Kind : uint8_t {
    Plain,      // handler, then the next
    Branch,     // to target
    Switch,     // to targets[s[0]]
    Exit,
    Barrier,    // bar.sync: waits for the group
    WarpWide,   // wants every lane of its member mask (s[3]), or of the whole warp, to arrive together
    Poll,       // plain, but may be what a waiting loop reads again and again
};

// What a trace counts apart.
enum class Class : uint8_t { Other, Fp32, Fp64, Tensor };

constexpr int NoOperand = -1;

struct Instruction {
    Handler run = nullptr;
    Kind kind = Kind::Plain;
    Class counted = Class::Other;
    Space space = Space::Generic;
    Type type = Type::None;
    uint8_t vector = 1;         // registers of an ld or st
    uint8_t detail = 0;         // what else the handler wants to know
    bool strong = false;        // volatile, relaxed, acquire, release or atomic: no data race
    bool acquires = false, releases = false;
    bool guardNegated = false;
    bool wholeWarp = false;
    bool wideAddress = true;    // the address is a 64-bit register
    int guard = NoOperand;
    int d[4] = {NoOperand, NoOperand, NoOperand, NoOperand};
    int s[10];                  // sources; an address is s[9], beside offset
    int64_t offset = 0;
    int target = 0;
    std::vector<int> targets;
    int line = 0;
    std::string text;
};

// Thread and group numbers, placed in the register file like any other register.
enum Special { TidX, TidY, TidZ, NtidX, NtidY, NtidZ, CtaidX, CtaidY, CtaidZ, NctaidX, NctaidY, NctaidZ, LaneId, WarpId, SpecialCount };

struct Constant {
    int at, bytes;
    uint64_t bits;
};

struct Kernel {
    std::string name, entry;
    std::vector<Parameter> parameters;
    std::vector<Instruction> code;
    std::vector<Constant> constants;
    int specials[SpecialCount];
    int registerBytes = 0;       // of one warp
    int sharedBytes = 0;         // static
    int maxThreads = 1024;
    int parameterBytes = 0;
    bool warpSyncs = false;      // holds a bar.warp.sync
    bool fences = false;         // holds a fence of the whole device: accesses can be ordered between groups
    int dynamicSharedLimit = 48 * 1024;  // cuFuncSetAttribute raises it
};

// Addresses of shared memory in the generic space: no host address looks like this.
constexpr uint64_t SharedWindow = 0x7200000000000000ull;

// Throws LoadError.
std::unique_ptr<Kernel> decode(const KernelText& text);

// Each fills the handler of the instructions it knows, and says whether it does.
class Decoder;
bool decodeArithmetic(Decoder& decoder, const Statement& s, Instruction& out);
bool decodeBits(Decoder& decoder, const Statement& s, Instruction& out);
bool decodeSelection(Decoder& decoder, const Statement& s, Instruction& out);
bool decodeConversion(Decoder& decoder, const Statement& s, Instruction& out);
bool decodeAccess(Decoder& decoder, const Statement& s, Instruction& out);
bool decodeWarpWide(Decoder& decoder, const Statement& s, Instruction& out);
bool decodeControl(Decoder& decoder, const Statement& s, Instruction& out);

// Gives operands their places.
class Decoder {
public:
    Decoder(const KernelText& text, Kernel& kernel) : text_(text), kernel_(kernel) {}

    // A value of this type; the register must be as wide as it.
    int source(const Statement& s, int index, Type type);
    int result(const Statement& s, int index, Type type);
    // A register as wide as the type or wider (ld, st, cvt); bytes tells how wide.
    int looseSource(const Statement& s, const std::string& name, Type type, int& bytes);
    int looseResult(const Statement& s, const std::string& name, Type type, int& bytes);
    int predicate(const Statement& s, const std::string& name);
    int constant(uint64_t bits, int bytes);
    // "[%rd1+8]", "[array]": base in s[9], the rest in offset.
    void address(const Statement& s, const std::string& operand, Instruction& out);
    int scratch(int bytes);

    const KernelText& text() const { return text_; }
    Kernel& kernel() { return kernel_; }
    static std::vector<std::string> vectorOf(const std::string& operand);

private:
    const KernelText& text_;
    Kernel& kernel_;
    std::map<std::string, int> places_;
    std::map<std::pair<int, uint64_t>, int> constantsAt_;

    int place(int bytes);
    int registerAt(const Statement& s, const std::string& name, int& bytes);
    int special(const std::string& name);
};
