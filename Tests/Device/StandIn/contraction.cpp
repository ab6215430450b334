// ptxas joins a product and a sum to one fma, with one rounding less, where the product is used once and in the same
// block (-fmad=true, its default). What it does exactly is not documented; that it does it is what matters to tolerances.
// mul.rn and add.rn say that they are not to be joined.
#include <algorithm>
#include <set>

#include "ptx.h"

namespace {

bool isBranch(const Statement& s) { return !s.label.empty() || s.opcode[0] == "bra" || s.opcode[0] == "brx" || s.opcode[0] == "ret" || s.opcode[0] == "exit"; }

// Every register named in a statement, written ones first.
struct Names {
    std::vector<std::string> written, read;
};

void registersIn(const std::string& operand, std::vector<std::string>& out) {
    for (size_t at = operand.find('%'); at != std::string::npos; at = operand.find('%', at + 1)) {
        size_t end = operand.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_$.", at + 1);
        out.push_back(operand.substr(at, end - at));
    }
}

Names namesIn(const Statement& s) {
    Names names;
    if (!s.label.empty()) return names;
    if (!s.guard.empty()) names.read.push_back(s.guard);
    static const char* const writeNothing[] = {"st", "red", "bra", "brx", "bar", "cp", "ret", "membar", "fence"};
    bool writes = std::none_of(std::begin(writeNothing), std::end(writeNothing), [&](const char* op) { return s.opcode[0] == op; });
    for (size_t i = 0; i < s.operands.size(); i++) registersIn(s.operands[i], i == 0 && writes ? names.written : names.read);
    return names;
}

bool holds(const std::vector<std::string>& names, const std::string& name) { return std::find(names.begin(), names.end(), name) != names.end(); }

bool isProduct(const Statement& s) {
    return s.label.empty() && s.guard.empty() && s.opcode.size() == 2 && s.opcode[0] == "mul" && isFloat(s.type()) && s.operands.size() == 3;
}

bool isSumOf(const Statement& s, const Statement& product) {
    const std::string& name = product.operands[0];
    return s.opcode.size() == 2 && (s.opcode[0] == "add" || s.opcode[0] == "sub") && s.type() == product.type() && s.operands.size() == 3 &&
        (s.operands[1] == name) != (s.operands[2] == name);
}

}  // namespace

void contract(KernelText& kernel) {
    std::vector<Statement>& code = kernel.statements;
    std::vector<Names> names;
    for (const Statement& s : code) names.push_back(namesIn(s));

    // Registers that some block reads before it writes them: their values travel between blocks.
    std::set<std::string> travelling, writtenHere;
    for (size_t i = 0; i < code.size(); i++) {
        for (const std::string& r : names[i].read)
            if (!writtenHere.count(r)) travelling.insert(r);
        if (code[i].label.empty() && code[i].guard.empty()) writtenHere.insert(names[i].written.begin(), names[i].written.end());
        if (isBranch(code[i])) writtenHere.clear();
    }

    std::set<size_t> gone;
    std::vector<std::vector<Statement>> before(code.size());  // copies of factors that change before the sum
    for (size_t i = 0; i < code.size(); i++) {
        if (!isProduct(code[i])) continue;
        const std::string product = code[i].operands[0];
        size_t sum = 0, uses = 0, end = i + 1;
        bool rewritten = false;
        for (; end < code.size() && !rewritten && code[end].label.empty(); end++) {
            for (const std::string& r : names[end].read)
                if (r == product) {
                    uses++;
                    sum = end;
                }
            rewritten = code[end].guard.empty() && holds(names[end].written, product);
            if (isBranch(code[end])) break;
        }
        if (uses != 1 || (!rewritten && travelling.count(product)) || !isSumOf(code[sum], code[i])) continue;

        std::vector<std::string> factors = {code[i].operands[1], code[i].operands[2]};
        for (std::string& factor : factors) {
            bool changes = false;
            for (size_t j = i; j < sum; j++) changes |= holds(names[j].written, factor);
            if (!changes) continue;
            Statement copy;
            copy.opcode = {"mov", code[i].opcode[1]};
            copy.operands = {"%contracted" + std::to_string(i) + "_" + std::to_string(before[i].size()), factor};
            copy.line = code[i].line;
            kernel.registers[copy.operands[0]] = code[i].type();
            factor = copy.operands[0];
            before[i].push_back(copy);
        }
        Statement& s = code[sum];
        const bool first = s.operands[1] == product;
        const std::string other = s.operands[first ? 2 : 1];
        const char* kind = s.opcode[0] == "add" ? "rn" : first ? "minus" : "from";
        s.opcode = {"fma", kind, s.opcode[1]};
        s.operands = {s.operands[0], factors[0], factors[1], other};
        gone.insert(i);
        names[sum] = namesIn(s);
    }

    std::vector<Statement> out;
    for (size_t i = 0; i < code.size(); i++) {
        out.insert(out.end(), before[i].begin(), before[i].end());
        if (!gone.count(i)) out.push_back(code[i]);
    }
    code = out;
}
