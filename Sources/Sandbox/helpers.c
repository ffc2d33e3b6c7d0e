#include "helpers.h"
#include "libraries.h"
#include "wire.h"
#include <lauxlib.h>

/// Pushes member `name` (a table) of the table at the top of the stack, itself popped first; nil when it has none.
static int step_into(lua_State *L, const char *name) {
    if (!lua_istable(L, -1)) return 0;
    lua_pushstring(L, name);
    lua_rawget(L, -2);
    lua_remove(L, -2);
    return !lua_isnil(L, -1);
}

/// A function of one name that looks it up in the table of the upvalue: price or facts, nil when unknown.
static int look_up(lua_State *L) {
    const char *name = luaL_checkstring(L, 1);
    lua_settop(L, 1);
    lua_pushvalue(L, lua_upvalueindex(1));
    step_into(L, name);
    return 1;
}

/// prices.spot(type, zone): price and when it was seen. prices.spot(type): the cheapest zone's price, its name, when.
static int spot(lua_State *L) {
    const char *type = luaL_checkstring(L, 1);
    const char *zone = luaL_optstring(L, 2, NULL);
    lua_pushvalue(L, lua_upvalueindex(1));
    if (!step_into(L, type)) return 1;
    if (zone) {
        if (!step_into(L, zone)) return 1;
    } else {
        // The request names the cheapest zone under the empty name, which no zone has.
        if (!step_into(L, "")) return 1;
    }
    lua_getfield(L, -1, "price");
    if (zone) {
        lua_getfield(L, -2, "at");
        return 2;
    }
    lua_getfield(L, -2, "zone");
    lua_getfield(L, -3, "at");
    return 3;
}

/// catalogue.all(): the facts of every type in the order of their names. Upvalues: facts by name, names in order.
static int all_types(lua_State *L) {
    lua_Integer count = (lua_Integer)lua_rawlen(L, lua_upvalueindex(2));
    libraries_charge(L, (uint64_t)count);
    lua_createtable(L, (int)count, 0);
    wire_mark_list(L);
    for (lua_Integer index = 1; index <= count; index++) {
        lua_rawgeti(L, lua_upvalueindex(2), index);
        lua_rawget(L, lua_upvalueindex(1));
        lua_rawseti(L, -2, index);
    }
    return 1;
}

/// builtin(): the built-in engine's decision, a fresh copy each time.
static int builtin(lua_State *L) {
    const unsigned char *bytes = lua_touserdata(L, lua_upvalueindex(1));
    size_t length = (size_t)lua_tointeger(L, lua_upvalueindex(2));
    libraries_charge(L, length / 8);
    wire_push(L, bytes, length);
    return 1;
}

/// list(t): marks a table as a list, so that it stays one when it is empty.
static int list(lua_State *L) {
    if (lua_isnoneornil(L, 1)) {
        lua_settop(L, 0);
        lua_newtable(L);
    }
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_settop(L, 1);
    wire_mark_list(L);
    return 1;
}

/// Pushes member `name` of the market, which must be a table: helpers read it raw.
static void push_member(lua_State *L, int market, const char *name) {
    lua_getfield(L, market, name);
    if (!lua_istable(L, -1)) luaL_error(L, "the market has no %s", name);
}

/// Sets a closure over member `source` of the market into the table at the top of the stack.
static void add(lua_State *L, int market, const char *name, const char *source, lua_CFunction function) {
    push_member(L, market, source);
    lua_pushcclosure(L, function, 1);
    lua_setfield(L, -2, name);
}

void helpers_open(lua_State *L, struct section market_section, struct section builtin_section) {
    wire_push(L, market_section.bytes, market_section.length);
    luaL_checktype(L, -1, LUA_TTABLE);
    int market = lua_gettop(L);

    lua_newtable(L);
    add(L, market, "on_demand", "on_demand", look_up);
    add(L, market, "interruption", "advisor", look_up);
    add(L, market, "service", "services", look_up);
    add(L, market, "source", "sources", look_up);
    add(L, market, "spot", "spot", spot);
    lua_setglobal(L, "prices");

    lua_newtable(L);
    add(L, market, "get", "catalogue", look_up);
    push_member(L, market, "catalogue");
    push_member(L, market, "types");
    lua_pushcclosure(L, all_types, 2);
    lua_setfield(L, -2, "all");
    lua_setglobal(L, "catalogue");

    const char *const values[] = {"now", "decision_type", "region"};
    for (size_t index = 0; index < 3; index++) {
        lua_getfield(L, market, values[index]);
        lua_setglobal(L, values[index]);
    }
    lua_settop(L, market - 1);

    lua_pushlightuserdata(L, (void *)builtin_section.bytes);
    lua_pushinteger(L, (lua_Integer)builtin_section.length);
    lua_pushcclosure(L, builtin, 2);
    lua_setglobal(L, "builtin");
    lua_pushcfunction(L, list);
    lua_setglobal(L, "list");
    lua_pushlightuserdata(L, NULL);
    lua_setglobal(L, "null");
}
