// Which instance of a handler is the one for a type. A form is a struct with a member "of<T>".
#pragma once
#include "lanes.h"

template <class Form>
Handler ofInteger(Type type) {
    switch (type) {
        case Type::B16: case Type::U16: return Form::template of<uint16_t>;
        case Type::S16: return Form::template of<int16_t>;
        case Type::B32: case Type::U32: return Form::template of<uint32_t>;
        case Type::S32: return Form::template of<int32_t>;
        case Type::B64: case Type::U64: return Form::template of<uint64_t>;
        case Type::S64: return Form::template of<int64_t>;
        default: return nullptr;
    }
}

template <class Form>
Handler ofFloat(Type type) {
    return type == Type::F32 ? Form::template of<float> : type == Type::F64 ? Form::template of<double> : nullptr;
}

template <class Whole, class Fraction>
Handler ofBoth(Type type) { return isFloat(type) ? ofFloat<Fraction>(type) : ofInteger<Whole>(type); }
