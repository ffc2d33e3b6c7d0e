#include "wire.h"
#include "keys.h"
#include "verdict.h"
#include <lauxlib.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum tag { TAG_NULL, TAG_FALSE, TAG_TRUE, TAG_INTEGER, TAG_DOUBLE, TAG_TEXT, TAG_LIST, TAG_OBJECT, TAG_EMPTY };

/// Deeper than any real document; the reader of JSON stops at 64.
#define MAXIMUM_DEPTH 80
/// Nobody looks at a place spelled out longer than this.
#define PATH_BYTES 200

/// Its address is the key of the lists' metatable in the registry.
static const char list_mark = 0;

void wire_open(lua_State *L) {
    lua_newtable(L);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &list_mark);
}

void wire_mark_list(lua_State *L) {
    lua_rawgetp(L, LUA_REGISTRYINDEX, &list_mark);
    lua_setmetatable(L, -2);
}

// MARK: From bytes

struct input {
    const unsigned char *next;
    const unsigned char *end;
};

static uint64_t take(lua_State *L, struct input *input, size_t bytes) {
    if ((size_t)(input->end - input->next) < bytes) luaL_error(L, "the request breaks off");
    uint64_t number = 0;
    for (size_t index = 0; index < bytes; index++) number |= (uint64_t)input->next[index] << (8 * index);
    input->next += bytes;
    return number;
}

static void push_text(lua_State *L, struct input *input) {
    size_t length = take(L, input, 4);
    if ((size_t)(input->end - input->next) < length) luaL_error(L, "the request breaks off");
    lua_pushlstring(L, (const char *)input->next, length);
    input->next += length;
}

static void push_value(lua_State *L, struct input *input, int depth) {
    if (depth > MAXIMUM_DEPTH) luaL_error(L, "the request is nested too deep");
    luaL_checkstack(L, 4, "the request is nested too deep");
    switch (take(L, input, 1)) {
        case TAG_NULL: lua_pushlightuserdata(L, NULL); break;
        case TAG_FALSE: lua_pushboolean(L, 0); break;
        case TAG_TRUE: lua_pushboolean(L, 1); break;
        case TAG_INTEGER: lua_pushinteger(L, (lua_Integer)take(L, input, 8)); break;
        case TAG_DOUBLE: {
            uint64_t bits = take(L, input, 8);
            double number;
            memcpy(&number, &bits, sizeof number);
            lua_pushnumber(L, number);
            break;
        }
        case TAG_TEXT: push_text(L, input); break;
        case TAG_LIST: {
            size_t count = take(L, input, 4);
            // An item takes a byte at least: a false count cannot reserve more than the request's size.
            if ((size_t)(input->end - input->next) < count) luaL_error(L, "the request breaks off");
            lua_createtable(L, (int)count, 0);
            for (size_t index = 1; index <= count; index++) {
                push_value(L, input, depth + 1);
                lua_rawseti(L, -2, (lua_Integer)index);
            }
            wire_mark_list(L);
            break;
        }
        case TAG_OBJECT: {
            size_t count = take(L, input, 4);
            if ((size_t)(input->end - input->next) < count) luaL_error(L, "the request breaks off");
            lua_createtable(L, 0, (int)count);
            for (size_t index = 0; index < count; index++) {
                push_text(L, input);
                push_value(L, input, depth + 1);
                lua_rawset(L, -3);
            }
            break;
        }
        default: luaL_error(L, "the request holds an unknown value");
    }
}

void wire_push(lua_State *L, const unsigned char *bytes, size_t length) {
    struct input input = {bytes, bytes + length};
    push_value(L, &input, 0);
    if (input.next != input.end) luaL_error(L, "the request goes on after its end");
}

// MARK: To bytes

struct output {
    lua_State *L;
    unsigned char *bytes;
    size_t length, capacity, limit;
    char path[PATH_BYTES];
    size_t path_length;
};

static _Noreturn void refuse(struct output *output, const char *what) {
    const char *place = output->path_length ? output->path : "the decision";
    run.line = 0;
    verdict_endf(REASON_BAD_OUTPUT, "%s %s", place, what);
}

static unsigned char *reserve(struct output *output, size_t bytes) {
    if (bytes > output->limit - output->length) {
        run.line = 0;
        verdict_endf(REASON_BAD_OUTPUT, "the decision is larger than %zu KiB", output->limit / 1024);
    }
    if (output->length + bytes > output->capacity) {
        size_t capacity = 2 * output->capacity + bytes + 4096;
        unsigned char *larger = realloc(output->bytes, capacity);
        if (!larger) verdict_endf(REASON_MEMORY_LIMIT, "no memory is left to write the decision down");
        output->bytes = larger;
        output->capacity = capacity;
    }
    unsigned char *place = output->bytes + output->length;
    output->length += bytes;
    return place;
}

static void put_number(struct output *output, uint64_t number, int bytes) {
    unsigned char *place = reserve(output, (size_t)bytes);
    for (int index = 0; index < bytes; index++) place[index] = (unsigned char)(number >> (8 * index));
}

static void put_tag(struct output *output, enum tag tag) { *reserve(output, 1) = (unsigned char)tag; }

static void put_text(struct output *output, int index) {
    size_t length;
    const char *text = lua_tolstring(output->L, index, &length);
    put_number(output, length, 4);
    memcpy(reserve(output, length), text, length);
}

/// Adds a step to the path; the caller sets `path_length` back.
static void enter(struct output *output, const char *format, const char *name, lua_Integer index) {
    size_t room = PATH_BYTES - output->path_length;
    int written = name ? snprintf(output->path + output->path_length, room, format, name)
                       : snprintf(output->path + output->path_length, room, format, (long long)index);
    if (written > 0) output->path_length += (size_t)written < room ? (size_t)written : room - 1;
}

static void leave(struct output *output, size_t path_length) {
    output->path_length = path_length;
    output->path[path_length] = 0;
}

static void put_value(struct output *output, int depth);

static int is_marked_list(lua_State *L) {
    if (!lua_getmetatable(L, -1)) return 0;
    lua_rawgetp(L, LUA_REGISTRYINDEX, &list_mark);
    int same = lua_rawequal(L, -1, -2);
    lua_pop(L, 2);
    return same;
}

static void put_list(struct output *output, size_t count, int depth) {
    lua_State *L = output->L;
    put_tag(output, TAG_LIST);
    put_number(output, count, 4);
    size_t path_length = output->path_length;
    for (size_t index = 1; index <= count; index++) {
        enter(output, "[%lld]", NULL, (lua_Integer)index - 1);
        lua_rawgeti(L, -1, (lua_Integer)index);
        put_value(output, depth + 1);
        lua_pop(L, 1);
        leave(output, path_length);
    }
}

/// Members go in the order of their names: that of the table differs from run to run.
static void put_object(struct output *output, size_t count, int depth) {
    lua_State *L = output->L;
    put_tag(output, TAG_OBJECT);
    put_number(output, count, 4);
    size_t path_length = output->path_length;
    keys_push_sorted(L, -1);
    for (size_t index = 1; index <= count; index++) {
        lua_rawgeti(L, -1, (lua_Integer)index);
        enter(output, path_length ? ".%s" : "%s", lua_tostring(L, -1), 0);
        put_text(output, -1);
        lua_rawget(L, -3);
        put_value(output, depth + 1);
        lua_pop(L, 1);
        leave(output, path_length);
    }
    lua_pop(L, 1);
}

static void put_table(struct output *output, int depth) {
    lua_State *L = output->L;
    if (depth > MAXIMUM_DEPTH) refuse(output, "is nested too deep, or holds itself");
    luaL_checkstack(L, 10, "nested too deep");
    size_t names = 0, positions = 0;
    lua_Integer largest = 0;
    lua_pushnil(L);
    while (lua_next(L, -2)) {
        if (lua_type(L, -2) == LUA_TSTRING) {
            names++;
        } else if (lua_isinteger(L, -2) && lua_tointeger(L, -2) >= 1) {
            positions++;
            if (lua_tointeger(L, -2) > largest) largest = lua_tointeger(L, -2);
        } else {
            refuse(output, "has a key that is neither text nor a position from 1 on");
        }
        lua_pop(L, 1);
    }
    if (names && positions) refuse(output, "has both names and positions as keys: it is neither a list nor an object");
    // A list with holes would lose what comes after the first one.
    if ((size_t)largest != positions) refuse(output, "is a list with holes");
    if (names) return put_object(output, names, depth);
    if (positions || is_marked_list(L)) return put_list(output, positions, depth);
    put_tag(output, TAG_EMPTY);
}

static void put_value(struct output *output, int depth) {
    lua_State *L = output->L;
    switch (lua_type(L, -1)) {
        case LUA_TBOOLEAN: return put_tag(output, lua_toboolean(L, -1) ? TAG_TRUE : TAG_FALSE);
        case LUA_TSTRING: put_tag(output, TAG_TEXT); return put_text(output, -1);
        case LUA_TTABLE: return put_table(output, depth);
        case LUA_TLIGHTUSERDATA: return put_tag(output, TAG_NULL);
        case LUA_TNUMBER:
            if (lua_isinteger(L, -1)) {
                put_tag(output, TAG_INTEGER);
                return put_number(output, (uint64_t)lua_tointeger(L, -1), 8);
            } else {
                double number = lua_tonumber(L, -1);
                if (!isfinite(number)) refuse(output, "is not a finite number");
                uint64_t bits;
                memcpy(&bits, &number, sizeof bits);
                put_tag(output, TAG_DOUBLE);
                return put_number(output, bits, 8);
            }
        default: {
            char what[64];
            snprintf(what, sizeof what, "is a %s, which JSON cannot hold", luaL_typename(L, -1));
            refuse(output, what);
        }
    }
}

const unsigned char *wire_write(lua_State *L, size_t limit, size_t *length) {
    struct output output = {.L = L, .limit = limit};
    put_value(&output, 0);
    *length = output.length;
    return output.bytes;
}
