#include "ptx.h"

#include <algorithm>
#include <cstdlib>

namespace {

const char* const typeNames[] = {"", "b8", "b16", "b32", "b64", "u8", "u16", "u32", "u64", "s8", "s16", "s32", "s64", "f32", "f64", "pred"};

std::string trim(const std::string& s) {
    size_t a = s.find_first_not_of(" \t\r\n"), b = s.find_last_not_of(" \t\r\n");
    return a == std::string::npos ? "" : s.substr(a, b - a + 1);
}

bool startsWith(const std::string& s, const char* head) { return s.rfind(head, 0) == 0; }

// At commas outside of brackets.
std::vector<std::string> splitOperands(const std::string& s) {
    std::vector<std::string> parts;
    std::string part;
    int depth = 0;
    for (char c : s) {
        if (c == '{' || c == '[' || c == '(') depth++;
        if (c == '}' || c == ']' || c == ')') depth--;
        if (c == ',' && depth == 0) {
            parts.push_back(trim(part));
            part.clear();
        } else
            part += c;
    }
    if (!trim(part).empty()) parts.push_back(trim(part));
    return parts;
}

std::vector<std::string> splitAt(const std::string& s, char at) {
    std::vector<std::string> parts(1);
    for (char c : s)
        if (c == at) parts.emplace_back();
        else parts.back() += c;
    return parts;
}

// One piece of the module's text: up to ';', '{', '}', or ':' after a label, without comments.
struct Piece {
    std::string text;
    int line;
};

std::string withoutComments(const std::string& text) {
    std::string out;
    for (size_t i = 0; i < text.size(); i++) {
        if (text.compare(i, 2, "//") == 0)
            while (i < text.size() && text[i] != '\n') i++;
        else if (text.compare(i, 2, "/*") == 0) {
            size_t end = std::min(text.find("*/", i), text.size() - 1);
            for (; i < end; i++)
                if (text[i] == '\n') out += '\n';
            i++;
            continue;
        }
        if (i < text.size()) out += text[i];
    }
    return out;
}

// Directives end with their line, everything else with ';'. A vector's braces belong to its statement.
std::vector<Piece> piecesOf(const std::string& whole) {
    std::vector<Piece> pieces;
    std::string text = withoutComments(whole), part;
    int line = 1, startLine = 1, round = 0, vector = 0;
    auto finish = [&] {
        if (!trim(part).empty()) pieces.push_back({trim(part), startLine});
        part.clear();
    };
    for (char c : text) {
        std::string soFar = trim(part);
        if (soFar.empty()) startLine = line;
        if (c == '(') round++;
        if (c == ')') round--;
        bool directive = startsWith(soFar, ".version") || startsWith(soFar, ".target") || startsWith(soFar, ".address_size") ||
                         startsWith(soFar, ".maxntid") || startsWith(soFar, ".minnctapersm") || startsWith(soFar, ".reqntid") ||
                         startsWith(soFar, ".loc") || startsWith(soFar, ".file");
        bool vectorBrace = c == '{' && !soFar.empty() && soFar[0] != '.';
        if (vectorBrace) vector++;
        if (c == '\n') {
            line++;
            part += ' ';
            if (directive) finish();
        } else if (c == ';' || (c == ':' && round == 0 && vector == 0 && soFar.find(' ') == std::string::npos)) {
            if (c == ':') part += ':';
            finish();
        } else if ((c == '{' || c == '}') && round == 0 && !vectorBrace && !(c == '}' && vector > 0)) {
            finish();
            pieces.push_back({std::string(1, c), line});
        } else {
            if (c == '}') vector--;
            part += c;
        }
    }
    finish();
    return pieces;
}

// ".align 8 .b8 name[16]", ".b32 name", "name"
struct Declaration {
    std::string name;
    Type type = Type::None;
    int align = 0, count = 1;
    bool isArray = false;
};

Declaration readDeclaration(const std::string& text, int line) {
    Declaration d;
    std::string rest = trim(text);
    while (!rest.empty() && rest[0] == '.') {
        size_t space = rest.find_first_of(" \t");
        std::string word = rest.substr(1, space - 1);
        rest = trim(rest.substr(std::min(space, rest.size())));
        if (word == "align") {
            d.align = atoi(rest.c_str());
            rest = trim(rest.substr(rest.find_first_of(" \t")));
        } else if (typeNamed(word) != Type::None)
            d.type = typeNamed(word);
        else if (word != "param" && word != "shared" && word != "extern" && word != "ptr" && word != "global")
            throw LoadError(line, "unknown declaration '" + text + "'");
    }
    size_t bracket = rest.find('[');
    d.name = trim(rest.substr(0, bracket));
    if (bracket != std::string::npos) {
        d.isArray = true;
        d.count = atoi(rest.c_str() + bracket + 1);  // [] is dynamic shared memory: 0
    }
    if (d.align == 0) d.align = std::max(1, widthOf(d.type));
    if (d.name.empty() || d.type == Type::None) throw LoadError(line, "unknown declaration '" + text + "'");
    return d;
}

Statement readStatement(std::string s, int line) {
    Statement out;
    out.line = line;
    if (s[0] == '@') {
        size_t space = s.find_first_of(" \t");
        out.negated = s[1] == '!';
        out.guard = s.substr(out.negated ? 2 : 1, space - (out.negated ? 2 : 1));
        s = trim(s.substr(space));
    }
    size_t space = s.find_first_of(" \t");
    out.opcode = splitAt(s.substr(0, space), '.');
    if (space != std::string::npos) out.operands = splitOperands(s.substr(space));
    return out;
}

int aligned(int offset, int to) { return (offset + to - 1) / to * to; }

class Reader {
public:
    explicit Reader(const std::string& text) : pieces_(piecesOf(text)) {}

    std::vector<KernelText> all() {
        while (at_ < pieces_.size()) {
            const Piece& piece = pieces_[at_];
            const std::string& s = piece.text;
            if (startsWith(s, ".version") || startsWith(s, ".target") || startsWith(s, ".address_size") || startsWith(s, ".file")) at_++;
            else if (s.find(".entry") != std::string::npos) kernels_.push_back(kernel());
            else if (s.find(".func") != std::string::npos) skipFunction();
            else throw LoadError(piece.line, "not understood: '" + s + "'");
        }
        return kernels_;
    }

private:
    std::vector<Piece> pieces_;
    std::vector<KernelText> kernels_;
    size_t at_ = 0;

    // ILGPU leaves functions behind that it has inlined everywhere. A call is no known instruction, so nothing misses them.
    void skipFunction() {
        int depth = 0;
        for (at_++; at_ < pieces_.size(); at_++) {
            if (pieces_[at_].text == "{") depth++;
            if (pieces_[at_].text == "}" && --depth == 0) {
                at_++;
                return;
            }
            bool declarationOnly = depth == 0 && (startsWith(pieces_[at_].text, ".visible") || startsWith(pieces_[at_].text, ".func"));
            if (declarationOnly) return;
        }
    }

    KernelText kernel() {
        KernelText k;
        const std::string head = pieces_[at_].text;
        const int headLine = pieces_[at_].line;
        at_++;
        size_t name = head.find(".entry") + 6, open = head.find('('), close = head.rfind(')');
        k.entry = trim(head.substr(name, std::min(open, head.size()) - name));
        int offset = 0;
        if (open != std::string::npos)
            for (const std::string& p : splitOperands(head.substr(open + 1, close - open - 1))) {
                Declaration d = readDeclaration(p, headLine);
                offset = aligned(offset, d.align);
                k.parameters.push_back({d.name, offset, widthOf(d.type) * d.count});
                offset += k.parameters.back().bytes;
            }
        // ILGPU writes .maxntid on its own line; it can stand behind the parameters as well.
        readLimits(k, head.substr(close == std::string::npos ? 0 : close));
        int depth = 0;
        for (; at_ < pieces_.size(); at_++) {
            const Piece& p = pieces_[at_];
            if (p.text == "{") depth++;
            else if (p.text == "}") {
                if (--depth == 0) {
                    at_++;
                    return k;
                }
            } else if (depth == 0) readLimits(k, p.text);
            else inBody(k, p);
        }
        throw LoadError(headLine, "the body of " + k.entry + " does not end");
    }

    static void readLimits(KernelText& k, const std::string& s) {
        size_t at = s.find(".maxntid");
        if (at == std::string::npos) return;
        k.maxThreads = 1;
        for (const std::string& part : splitAt(s.substr(at + 8), ',')) k.maxThreads *= std::max(1, atoi(part.c_str()));
    }

    static void inBody(KernelText& k, const Piece& piece) {
        const std::string& s = piece.text;
        if (startsWith(s, ".reg")) return readRegisters(k, s, piece.line);
        if (startsWith(s, ".shared") || startsWith(s, ".extern")) {
            Declaration d = readDeclaration(s, piece.line);
            k.sharedBytes = aligned(k.sharedBytes, d.align);
            k.sharedAt[d.name] = k.sharedBytes;
            k.sharedBytes += widthOf(d.type) * d.count;
            return;
        }
        if (startsWith(s, ".loc") || startsWith(s, ".file") || startsWith(s, ".pragma")) return;
        if (startsWith(s, ".branchtargets")) {
            // its label was the statement before
            k.tables[k.statements.back().label] = splitOperands(s.substr(14));
            k.statements.pop_back();
            return;
        }
        if (s[0] == '.') throw LoadError(piece.line, "not understood: '" + s + "'");
        if (s.back() == ':') {
            Statement label;
            label.label = trim(s.substr(0, s.size() - 1));
            label.line = piece.line;
            k.statements.push_back(label);
            return;
        }
        k.statements.push_back(readStatement(s, piece.line));
    }

    // ".reg .b32 %r<11>" or ".reg .pred p, q"
    static void readRegisters(KernelText& k, const std::string& s, int line) {
        std::string rest = trim(s.substr(4));
        size_t space = rest.find_first_of(" \t");
        Type type = typeNamed(rest.substr(1, space - 1));
        if (type == Type::None) throw LoadError(line, "unknown register type in '" + s + "'");
        for (std::string name : splitOperands(rest.substr(space))) {
            size_t angle = name.find('<');
            if (angle == std::string::npos) k.registers[name] = type;
            else {
                k.registerRanges[name.substr(0, angle)] = atoi(name.c_str() + angle + 1);
                k.rangeTypes[name.substr(0, angle)] = type;
            }
        }
    }
};

}  // namespace

int widthOf(Type type) {
    switch (type) {
        case Type::B8: case Type::U8: case Type::S8: return 1;
        case Type::B16: case Type::U16: case Type::S16: return 2;
        case Type::B32: case Type::U32: case Type::S32: case Type::F32: return 4;
        case Type::B64: case Type::U64: case Type::S64: case Type::F64: return 8;
        default: return 0;
    }
}

bool isFloat(Type type) { return type == Type::F32 || type == Type::F64; }

bool isSigned(Type type) { return type >= Type::S8 && type <= Type::S64; }

Type typeNamed(const std::string& name) {
    for (int i = 1; i <= static_cast<int>(Type::Pred); i++)
        if (name == typeNames[i]) return static_cast<Type>(i);
    return Type::None;
}

bool Statement::has(const char* modifier) const { return std::find(opcode.begin() + 1, opcode.end(), modifier) != opcode.end(); }

bool Statement::hasOnly(std::initializer_list<const char*> modifiers) const {
    return std::all_of(opcode.begin() + 1, opcode.end(), [&](const std::string& m) {
        return typeNamed(m) != Type::None || std::any_of(modifiers.begin(), modifiers.end(), [&](const char* known) { return m == known; });
    });
}

Type Statement::type(int index) const {
    for (size_t i = 1; i < opcode.size(); i++)
        if (Type t = typeNamed(opcode[i]); t != Type::None && index-- == 0) return t;
    return Type::None;
}

std::string Statement::text() const {
    std::string s = guard.empty() ? "" : (negated ? "@!" : "@") + guard + " ";
    for (size_t i = 0; i < opcode.size(); i++) s += (i ? "." : "") + opcode[i];
    for (size_t i = 0; i < operands.size(); i++) s += (i ? ", " : " ") + operands[i];
    return s;
}

std::string KernelText::name() const {
    if (entry != "Kernel_Run" || parameters.empty()) return entry;
    std::string out = entry + "(";
    for (const Parameter& p : parameters) {
        // "_phi_Rd_23792" → "phi_Rd": the numbers differ from run to run
        size_t first = p.name.find_first_not_of('_'), last = p.name.rfind('_');
        bool numbered = last != std::string::npos && last > first && p.name.find_first_not_of("0123456789", last + 1) == std::string::npos;
        out += (&p == &parameters.front() ? "" : ",") + p.name.substr(first, numbered ? last - first : std::string::npos);
    }
    return out + ")";
}

int KernelText::parameterBytes() const { return parameters.empty() ? 0 : parameters.back().offset + parameters.back().bytes; }

Type KernelText::registerType(const std::string& name) const {
    auto one = registers.find(name);
    if (one != registers.end()) return one->second;
    size_t digits = name.find_last_not_of("0123456789") + 1;
    auto range = registerRanges.find(name.substr(0, digits));
    if (range == registerRanges.end() || digits == name.size() || atoi(name.c_str() + digits) >= range->second) return Type::None;
    return rangeTypes.at(range->first);
}

std::vector<KernelText> readPtx(const std::string& text) { return Reader(text).all(); }
