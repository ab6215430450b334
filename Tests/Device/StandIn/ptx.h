// PTX as text: which kernels a module holds, their parameters, registers and statements. Nothing is understood here yet.
#pragma once
#include <initializer_list>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

enum class Type : unsigned char { None, B8, B16, B32, B64, U8, U16, U32, U64, S8, S16, S32, S64, F32, F64, Pred };

int widthOf(Type type);            // bytes; a predicate has 0
bool isFloat(Type type);
bool isSigned(Type type);
Type typeNamed(const std::string& name);  // "s32" → S32; anything else → None

// "@!%p1 add.s32 %r1, %r2, 5;" or a label.
struct Statement {
    std::string label;                  // of a branch target; the rest is empty then
    std::string guard;                  // "%p1"
    bool negated = false;
    std::vector<std::string> opcode;    // {"add", "s32"}
    std::vector<std::string> operands;  // {"%r1", "%r2", "5"}
    int line = 0;                       // in the module, from 1

    bool has(const char* modifier) const;
    // No modifier but these and types: what an unknown one means must not be guessed.
    bool hasOnly(std::initializer_list<const char*> modifiers) const;
    Type type(int index = 0) const;  // the index-th type among the modifiers
    std::string text() const;
};

struct Parameter {
    std::string name;
    int offset, bytes;
};

struct KernelText {
    std::string entry;
    std::vector<Parameter> parameters;
    std::map<std::string, Type> registers;                   // "%r1" → B32
    std::map<std::string, int> registerRanges;               // "%r" → 11, for ".reg .b32 %r<11>"
    std::map<std::string, Type> rangeTypes;                  // "%r" → B32
    std::map<std::string, int> sharedAt;                     // offsets of shared arrays
    std::map<std::string, std::vector<std::string>> tables;  // labels of brx.idx
    int sharedBytes = 0;
    int maxThreads = 1024;
    std::vector<Statement> statements;

    // ILGPU calls every kernel Kernel_Run: the names of its parameters say more.
    std::string name() const;
    int parameterBytes() const;
    Type registerType(const std::string& name) const;  // None for what is no register
};

// What this interpreter does not know is refused when it is loaded.
struct LoadError : std::runtime_error {
    LoadError(int line, const std::string& what) : std::runtime_error("line " + std::to_string(line) + ": " + what) {}
};

std::vector<KernelText> readPtx(const std::string& text);

// Joins products and sums the way ptxas does (-fmad=true is its default).
void contract(KernelText& kernel);
