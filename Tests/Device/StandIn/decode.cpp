#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "kernel.h"

namespace {

[[noreturn]] void refuse(const Statement& s, const std::string& why) { throw LoadError(s.line, why + " in '" + s.text() + "'"); }

int slotBytes(Type type) { return type == Type::Pred ? 0 : widthOf(type) == 8 ? 8 : 4; }

bool isNumber(const std::string& s) { return !s.empty() && (isdigit(s[0]) || ((s[0] == '-' || s[0] == '.') && s.size() > 1)); }

uint64_t number(const Statement& s, const std::string& text, Type type) {
    if (text.size() > 2 && text[0] == '0' && strchr("fFdD", text[1])) {
        uint64_t bits = strtoull(text.c_str() + 2, nullptr, 16);
        bool single = text[1] == 'f' || text[1] == 'F';
        if (single == (widthOf(type) == 8)) refuse(s, "a constant of another width");
        return bits;
    }
    if (text.find('.') != std::string::npos) {
        double value = strtod(text.c_str(), nullptr);
        float single = static_cast<float>(value);
        uint64_t bits = 0;
        if (type == Type::F64) memcpy(&bits, &value, 8);
        else if (type == Type::F32) memcpy(&bits, &single, 4);
        else refuse(s, "a fraction where a whole number is wanted");
        return bits;
    }
    if (isFloat(type)) refuse(s, "a whole number where a float is wanted");
    uint64_t bits = text[0] == '-' ? static_cast<uint64_t>(strtoll(text.c_str(), nullptr, 0)) : strtoull(text.c_str(), nullptr, 0);
    return widthOf(type) == 8 ? bits : bits & 0xffffffffu;
}

}  // namespace

// Predicates are a 32-bit mask, everything else 32 numbers of 4 or 8 bytes; all on cache lines of their own.
int Decoder::place(int bytes) {
    int at = kernel_.registerBytes;
    kernel_.registerBytes += bytes == 0 ? 64 : 32 * bytes;
    return at;
}

int Decoder::scratch(int bytes) { return place(bytes); }

int Decoder::registerAt(const Statement& s, const std::string& name, int& bytes) {
    Type type = text_.registerType(name);
    if (type == Type::None) refuse(s, "'" + name + "' is no register");
    bytes = slotBytes(type);
    auto [it, isNew] = places_.try_emplace(name, 0);
    if (isNew) it->second = place(bytes);
    return it->second;
}

int Decoder::special(const std::string& name) {
    static const char* const names[SpecialCount] = {"%tid.x", "%tid.y", "%tid.z", "%ntid.x", "%ntid.y", "%ntid.z", "%ctaid.x",
        "%ctaid.y", "%ctaid.z", "%nctaid.x", "%nctaid.y", "%nctaid.z", "%laneid", "%warpid"};
    for (int i = 0; i < SpecialCount; i++)
        if (name == names[i]) return kernel_.specials[i];
    return NoOperand;
}

int Decoder::constant(uint64_t bits, int bytes) {
    auto [it, isNew] = constantsAt_.try_emplace({bytes, bits}, 0);
    if (isNew) {
        it->second = place(bytes);
        kernel_.constants.push_back({it->second, bytes, bits});
    }
    return it->second;
}

int Decoder::looseSource(const Statement& s, const std::string& name, Type type, int& bytes) {
    bytes = slotBytes(type);
    if (type == Type::Pred) return predicate(s, name);
    if (text_.registerType(name) != Type::None) return registerAt(s, name, bytes);
    if (int at = special(name); at != NoOperand) {
        bytes = 4;
        return at;
    }
    if (name == "WARP_SZ") return constant(32, bytes);
    if (isNumber(name)) return constant(number(s, name, type), bytes);
    if (auto shared = text_.sharedAt.find(name); shared != text_.sharedAt.end()) return constant(shared->second, bytes);
    refuse(s, "unknown operand '" + name + "'");
}

int Decoder::source(const Statement& s, int index, Type type) {
    if (index >= static_cast<int>(s.operands.size())) refuse(s, "an operand is missing");
    int bytes, at = looseSource(s, s.operands[index], type, bytes);
    if (bytes != slotBytes(type)) refuse(s, "'" + s.operands[index] + "' has another width");
    return at;
}

int Decoder::looseResult(const Statement& s, const std::string& name, Type type, int& bytes) {
    bytes = slotBytes(type);
    if (name == "_") return scratch(bytes);
    return registerAt(s, name, bytes);
}

int Decoder::result(const Statement& s, int index, Type type) {
    if (index >= static_cast<int>(s.operands.size())) refuse(s, "an operand is missing");
    int bytes, at = looseResult(s, s.operands[index], type, bytes);
    if (bytes != slotBytes(type)) refuse(s, "'" + s.operands[index] + "' has another width");
    return at;
}

int Decoder::predicate(const Statement& s, const std::string& name) {
    if (isNumber(name)) return constant(atoi(name.c_str()) ? 0xffffffffu : 0, 0);
    int bytes, at = registerAt(s, name, bytes);
    if (bytes != 0) refuse(s, "'" + name + "' is no predicate");
    return at;
}

std::vector<std::string> Decoder::vectorOf(const std::string& operand) {
    if (operand[0] != '{') return {operand};
    std::vector<std::string> names(1);
    for (size_t i = 1; i + 1 < operand.size(); i++)
        if (operand[i] == ',') names.emplace_back();
        else if (operand[i] != ' ' && operand[i] != '\t') names.back() += operand[i];
    return names;
}

void Decoder::address(const Statement& s, const std::string& operand, Instruction& out) {
    if (operand.size() < 3 || operand[0] != '[') refuse(s, "'" + operand + "' is no address");
    std::string inside = operand.substr(1, operand.size() - 2);
    inside.erase(std::remove_if(inside.begin(), inside.end(), [](char c) { return c == ' ' || c == '\t'; }), inside.end());
    size_t sign = inside.find_first_of("+-", 1);
    out.offset = sign == std::string::npos ? 0 : atoll(inside.c_str() + sign + (inside[sign] == '+' && inside[sign + 1] == '-' ? 1 : 0));
    int bytes;
    out.s[9] = looseSource(s, inside.substr(0, sign), Type::U64, bytes);
    out.wideAddress = bytes == 8;
    if (bytes == 0) refuse(s, "a predicate as an address");
    if (bytes == 4 && out.space != Space::Shared) refuse(s, "a 32-bit address outside of shared memory");
}

std::unique_ptr<Kernel> decode(const KernelText& text) {
    auto kernel = std::make_unique<Kernel>();
    kernel->name = text.name();
    kernel->entry = text.entry;
    kernel->parameters = text.parameters;
    kernel->parameterBytes = text.parameterBytes();
    kernel->sharedBytes = text.sharedBytes;
    kernel->maxThreads = text.maxThreads;
    for (int& special : kernel->specials) {
        special = kernel->registerBytes;
        kernel->registerBytes += 32 * 4;
    }
    Decoder decoder(text, *kernel);
    std::map<std::string, int> labels;
    std::vector<std::pair<int, std::string>> jumps;
    for (const Statement& s : text.statements) {
        if (!s.label.empty()) {
            labels[s.label] = static_cast<int>(kernel->code.size());
            continue;
        }
        Instruction in;
        std::fill(in.s, in.s + 10, NoOperand);
        in.line = s.line;
        in.text = s.text();
        if (!s.guard.empty()) in.guard = decoder.predicate(s, s.guard);
        in.guardNegated = s.negated;
        bool known = decodeControl(decoder, s, in) || decodeAccess(decoder, s, in) || decodeConversion(decoder, s, in) ||
                     decodeSelection(decoder, s, in) || decodeBits(decoder, s, in) || decodeArithmetic(decoder, s, in) || decodeWarpWide(decoder, s, in);
        if (!known) throw LoadError(s.line, "unknown instruction '" + s.text() + "'");
        kernel->code.push_back(in);
    }
    // A kernel may end without a ret.
    Instruction end;
    end.kind = Kind::Exit;
    end.text = "(end)";
    kernel->code.push_back(end);
    auto find = [&](const std::string& label, int line) {
        auto it = labels.find(label);
        if (it == labels.end()) throw LoadError(line, "no label " + label);
        return it->second;
    };
    size_t at = 0;
    for (const Statement& s : text.statements) {
        if (!s.label.empty()) continue;
        Instruction& in = kernel->code[at++];
        if (in.kind == Kind::Branch) in.target = find(s.operands.at(0), s.line);
        if (in.kind == Kind::Switch) {
            auto table = text.tables.find(s.operands.at(1));
            if (table == text.tables.end()) throw LoadError(s.line, "no table " + s.operands[1]);
            for (const std::string& label : table->second) in.targets.push_back(find(label, s.line));
        }
    }
    return kernel;
}

bool decodeControl(Decoder& decoder, const Statement& s, Instruction& out) {
    const std::string& op = s.opcode[0];
    if (op == "bra") out.kind = Kind::Branch;
    else if (op == "brx" && s.has("idx")) {
        out.kind = Kind::Switch;
        out.s[0] = decoder.source(s, 0, Type::U32);
    } else if (op == "ret" || op == "exit") out.kind = Kind::Exit;
    else if ((op == "bar" || op == "barrier") && s.has("sync") && !s.has("warp")) {
        if (s.operands.size() != 1 || s.operands[0] != "0") refuse(s, "a barrier of some threads only is not modelled");
        out.kind = Kind::Barrier;
    } else
        return false;
    return true;
}
