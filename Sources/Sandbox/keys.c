#include "keys.h"
#include <lauxlib.h>
#include <stdint.h>
#include <string.h>

struct key {
    int rank;  // 0 number, 1 text, 2 boolean
    int is_integer;
    lua_Integer integer;
    lua_Number number;
    const char *text;
    size_t length;
    lua_Integer place;  // in the list of keys as they came
};

static int compare_numbers(const struct key *left, const struct key *right) {
    // Integers beyond 2^53 differ only as integers.
    if (left->is_integer && right->is_integer) return (left->integer > right->integer) - (left->integer < right->integer);
    if (left->number != right->number) return left->number < right->number ? -1 : 1;
    return left->is_integer - right->is_integer;
}

static int compare(const struct key *left, const struct key *right) {
    if (left->rank != right->rank) return left->rank - right->rank;
    if (left->rank != 1) return compare_numbers(left, right);
    size_t shorter = left->length < right->length ? left->length : right->length;
    int order = memcmp(left->text, right->text, shorter);
    return order ? order : (left->length > right->length) - (left->length < right->length);
}

/// Heap sort: the C library's qsort may ask the system for things that are not allowed here.
static void sift(struct key *keys, size_t root, size_t count) {
    struct key moving = keys[root];
    for (;;) {
        size_t child = 2 * root + 1;
        if (child >= count) break;
        if (child + 1 < count && compare(&keys[child], &keys[child + 1]) < 0) child++;
        if (compare(&moving, &keys[child]) >= 0) break;
        keys[root] = keys[child];
        root = child;
    }
    keys[root] = moving;
}

static void sort(struct key *keys, size_t count) {
    for (size_t root = count / 2; root-- > 0;) sift(keys, root, count);
    for (size_t end = count; end-- > 1;) {
        struct key largest = keys[0];
        keys[0] = keys[end];
        keys[end] = largest;
        sift(keys, 0, end);
    }
}

static void describe(lua_State *L, int index, struct key *key) {
    memset(key, 0, sizeof *key);
    switch (lua_type(L, index)) {
        case LUA_TNUMBER:
            key->is_integer = lua_isinteger(L, index);
            if (key->is_integer) key->integer = lua_tointeger(L, index);
            key->number = lua_tonumber(L, index);
            break;
        case LUA_TSTRING:
            key->rank = 1;
            key->text = lua_tolstring(L, index, &key->length);
            break;
        case LUA_TBOOLEAN:
            key->rank = 2;
            key->is_integer = 1;
            key->integer = lua_toboolean(L, index);
            break;
        default:
            luaL_error(L, "a table with a %s as a key has no order; use text or numbers as keys", luaL_typename(L, index));
    }
}

void keys_push_sorted(lua_State *L, int index) {
    index = lua_absindex(L, index);
    luaL_checkstack(L, 8, "too many values");
    size_t count = 0;
    lua_pushnil(L);
    while (lua_next(L, index)) {
        count++;
        lua_pop(L, 1);
    }
    if (count > INT32_MAX / sizeof(struct key)) luaL_error(L, "the table is too large");
    lua_createtable(L, (int)count, 0);
    int list = lua_gettop(L);
    // Of the script's own memory, and freed with it.
    struct key *keys = lua_newuserdatauv(L, (count ? count : 1) * sizeof *keys, 0);
    lua_createtable(L, (int)count, 0);
    int unsorted = lua_gettop(L);
    size_t filled = 0;
    lua_pushnil(L);
    while (filled < count && lua_next(L, index)) {
        lua_pop(L, 1);
        describe(L, -1, &keys[filled]);
        lua_pushvalue(L, -1);
        lua_rawseti(L, unsorted, (lua_Integer)filled + 1);
        keys[filled].place = (lua_Integer)filled + 1;
        filled++;
    }
    lua_settop(L, unsorted);
    sort(keys, filled);
    for (size_t position = 0; position < filled; position++) {
        lua_rawgeti(L, unsorted, keys[position].place);
        lua_rawseti(L, list, (lua_Integer)position + 1);
    }
    lua_settop(L, list);
}
