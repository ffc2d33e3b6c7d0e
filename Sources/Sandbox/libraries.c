#include "libraries.h"
#include "keys.h"
#include "verdict.h"
#include <lauxlib.h>
#include <lualib.h>
#include <string.h>

/// No decision needs a longer text made of copies.
#define LONGEST_REPETITION (16u << 20)
/// A new coroutine has its own count until the hook first runs: what it may do before is charged when it is made.
#define COROUTINE_CHARGE 1000
#define LOG_CHARGE 100
/// Bytes that C code makes for the price of one instruction.
#define BYTES_PER_INSTRUCTION 32

static const char *const base_names[] = {"assert", "error",  "getmetatable", "ipairs", "pcall", "rawequal", "rawget",
                                         "rawlen", "rawset", "select",       "tonumber", "type", "xpcall",   NULL};
static const char *const string_names[] = {"byte", "char",  "find",    "gmatch", "gsub",  "len", "lower",
                                           "match", "reverse", "sub",  "upper", NULL};
static const char *const table_names[] = {"concat", "insert", "move", "pack", "remove", "sort", "unpack", NULL};
static const char *const math_names[] = {"abs",  "acos", "asin", "atan", "ceil", "cos", "deg", "exp", "floor", "fmod", "huge",
                                         "log",  "max",  "maxinteger", "min", "mininteger", "modf", "pi", "rad", "sin",
                                         "sqrt", "tan",  "tointeger", "type", "ult", NULL};
static const char *const utf8_names[] = {"char", "charpattern", "codepoint", "codes", "len", "offset", NULL};
static const char *const coroutine_names[] = {"close", "isyieldable", "resume", "running", "status", "yield", NULL};

/// What people look for first. Touching one ends the run: a script that needs them cannot work here.
static const char *const forbidden_names[] = {"collectgarbage", "debug",   "dofile", "io",      "load", "loadfile",
                                              "loadstring",     "os",      "package", "require", NULL};

void libraries_charge(lua_State *L, uint64_t instructions) {
    run.instructions += instructions;
    if (run.instructions <= run.instruction_budget) return;
    lua_Debug frame;
    run.line = lua_getstack(L, 1, &frame) && lua_getinfo(L, "l", &frame) && frame.currentline > 0 ? frame.currentline : 0;
    verdict_endf(REASON_INSTRUCTION_LIMIT, "the script ran more than %llu instructions",
                 (unsigned long long)run.instruction_budget);
}

// MARK: Our own versions

static void push_text(lua_State *L, int index) {
    index = lua_absindex(L, index);
    if (luaL_callmeta(L, index, "__tostring")) {
        if (!lua_isstring(L, -1)) luaL_error(L, "'__tostring' must return a string");
        return;
    }
    switch (lua_type(L, index)) {
        case LUA_TNIL:
        case LUA_TBOOLEAN:
        case LUA_TNUMBER:
        case LUA_TSTRING: luaL_tolstring(L, index, NULL); break;
        case LUA_TLIGHTUSERDATA: lua_pushliteral(L, "null"); break;
        // Lua would add the address, which differs from run to run and tells an attacker where things are.
        default: lua_pushstring(L, luaL_typename(L, index));
    }
}

static int our_tostring(lua_State *L) {
    luaL_checkany(L, 1);
    push_text(L, 1);
    return 1;
}

static int our_log(lua_State *L) {
    int count = lua_gettop(L);
    libraries_charge(L, LOG_CHARGE);
    luaL_Buffer line;
    luaL_buffinit(L, &line);
    for (int index = 1; index <= count; index++) {
        if (index > 1) luaL_addchar(&line, ' ');
        push_text(L, index);
        luaL_addvalue(&line);
    }
    luaL_pushresult(&line);
    size_t length;
    const char *text = lua_tolstring(L, -1, &length);
    verdict_log(text, length);
    return 0;
}

static int our_setmetatable(lua_State *L) {
    luaL_checktype(L, 1, LUA_TTABLE);
    luaL_argexpected(L, lua_isnil(L, 2) || lua_istable(L, 2), 2, "nil or table");
    lua_settop(L, 2);
    if (luaL_getmetafield(L, 1, "__metatable") != LUA_TNIL) luaL_error(L, "cannot change a protected metatable");
    if (lua_istable(L, 2)) {
        // A finaliser runs with hooks switched off, and when depends on the collector: it is no part of a pure function.
        // So is what a weak table still holds.
        const char *const banned[] = {"__gc", "__mode"};
        for (size_t index = 0; index < 2; index++) {
            lua_pushstring(L, banned[index]);
            if (lua_rawget(L, 2) != LUA_TNIL) luaL_error(L, "metatables cannot have %s here", banned[index]);
            lua_pop(L, 1);
        }
    }
    lua_settop(L, 2);
    lua_setmetatable(L, 1);
    return 1;
}

/// The iterator of `pairs`: upvalues are the sorted keys and the place in them.
static int next_sorted(lua_State *L) {
    // Anybody may call it, with anything.
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_settop(L, 1);
    for (;;) {
        lua_Integer place = lua_tointeger(L, lua_upvalueindex(2)) + 1;
        lua_pushinteger(L, place);
        lua_replace(L, lua_upvalueindex(2));
        if (lua_rawgeti(L, lua_upvalueindex(1), place) == LUA_TNIL) return 1;
        lua_pushvalue(L, -1);
        // Members that were removed meanwhile are left out.
        if (lua_rawget(L, 1) != LUA_TNIL) return 2;
        lua_settop(L, 1);
    }
}

static int our_pairs(lua_State *L) {
    luaL_checkany(L, 1);
    if (luaL_getmetafield(L, 1, "__pairs") != LUA_TNIL) {
        lua_pushvalue(L, 1);
        lua_call(L, 1, 3);
        return 3;
    }
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_settop(L, 1);
    keys_push_sorted(L, 1);
    libraries_charge(L, lua_rawlen(L, 2));
    lua_pushinteger(L, 0);
    lua_pushcclosure(L, next_sorted, 2);
    lua_pushvalue(L, 1);
    lua_pushnil(L);
    return 3;
}

static int our_next(lua_State *L) {
    luaL_checktype(L, 1, LUA_TTABLE);
    if (!lua_isnoneornil(L, 2)) luaL_error(L, "next takes a table only, and gives its first member; iterate with pairs");
    lua_settop(L, 1);
    keys_push_sorted(L, 1);
    libraries_charge(L, lua_rawlen(L, 2));
    if (lua_rawgeti(L, 2, 1) == LUA_TNIL) return 1;
    lua_pushvalue(L, -1);
    lua_rawget(L, 1);
    return 2;
}

static int our_rep(lua_State *L) {
    size_t length, separator_length = 0;
    luaL_checklstring(L, 1, &length);
    lua_Integer count = luaL_checkinteger(L, 2);
    luaL_optlstring(L, 3, "", &separator_length);
    if (count > 0 && length + separator_length > 0 &&
        (size_t)count > LONGEST_REPETITION / (length + separator_length)) {
        luaL_error(L, "string.rep would make more than %d MiB of text", (int)(LONGEST_REPETITION >> 20));
    }
    if (count > 0) libraries_charge(L, (length + separator_length) * (size_t)count / BYTES_PER_INSTRUCTION);
    lua_pushvalue(L, lua_upvalueindex(1));
    lua_insert(L, 1);
    lua_call(L, lua_gettop(L) - 1, 1);
    return 1;
}

static int our_format(lua_State *L) {
    size_t length;
    const char *format = luaL_checklstring(L, 1, &length);
    for (const char *at = format; at < format + length; at++) {
        if (*at != '%') continue;
        at++;
        while (at < format + length && strchr("-+ #0123456789.", *at) && *at) at++;
        if (at < format + length && *at == 'p') luaL_error(L, "string.format has no %%p here");
    }
    for (int index = 2; index <= lua_gettop(L); index++) {
        int type = lua_type(L, index);
        if (type == LUA_TNIL || type == LUA_TBOOLEAN || type == LUA_TNUMBER || type == LUA_TSTRING) continue;
        push_text(L, index);
        lua_replace(L, index);
    }
    lua_pushvalue(L, lua_upvalueindex(1));
    lua_insert(L, 1);
    lua_call(L, lua_gettop(L) - 1, 1);
    return 1;
}

/// coroutine.create and coroutine.wrap, which stand in the upvalue.
static int charged_coroutine(lua_State *L) {
    libraries_charge(L, COROUTINE_CHARGE);
    lua_pushvalue(L, lua_upvalueindex(1));
    lua_insert(L, 1);
    lua_call(L, lua_gettop(L) - 1, 1);
    return 1;
}

static int missing_global(lua_State *L) {
    if (lua_type(L, 2) == LUA_TSTRING) {
        const char *name = lua_tostring(L, 2);
        for (size_t index = 0; forbidden_names[index]; index++) {
            if (strcmp(name, forbidden_names[index]) != 0) continue;
            lua_Debug frame;
            run.line = lua_getstack(L, 1, &frame) && lua_getinfo(L, "l", &frame) && frame.currentline > 0 ? frame.currentline : 0;
            verdict_endf(REASON_SANDBOX_VIOLATION, "%s is not available to scripts", name);
        }
    }
    lua_pushnil(L);
    return 1;
}

// MARK: Putting together

/// Replaces the library at the top of the stack by a table with the named members only.
static void keep(lua_State *L, const char *const *names) {
    lua_newtable(L);
    for (; *names; names++) {
        lua_getfield(L, -2, *names);
        lua_setfield(L, -2, *names);
    }
    lua_remove(L, -2);
}

static void open_kept(lua_State *L, const char *name, lua_CFunction open, const char *const *names) {
    luaL_requiref(L, name, open, 0);
    keep(L, names);
}

/// Sets a wrapper around member `name` of the library at `from` into the table at the top.
static void wrap(lua_State *L, int from, const char *name, lua_CFunction wrapper) {
    lua_getfield(L, from, name);
    lua_pushcclosure(L, wrapper, 1);
    lua_setfield(L, -2, name);
}

static void open_base(lua_State *L) {
    luaL_requiref(L, LUA_GNAME, luaopen_base, 0);
    lua_pop(L, 1);
    lua_rawgeti(L, LUA_REGISTRYINDEX, LUA_RIDX_GLOBALS);
    keep(L, base_names);
    const luaL_Reg ours[] = {{"log", our_log},     {"next", our_next},         {"pairs", our_pairs},
                             {"print", our_log},   {"setmetatable", our_setmetatable}, {"tostring", our_tostring},
                             {NULL, NULL}};
    luaL_setfuncs(L, ours, 0);
    lua_pushvalue(L, -1);
    lua_setfield(L, -2, LUA_GNAME);
    lua_pushliteral(L, LUA_VERSION);
    lua_setfield(L, -2, "_VERSION");
    lua_newtable(L);
    lua_pushcfunction(L, missing_global);
    lua_setfield(L, -2, "__index");
    lua_pushboolean(L, 0);
    lua_setfield(L, -2, "__metatable");
    lua_setmetatable(L, -2);
}

static void open_string(lua_State *L) {
    luaL_requiref(L, LUA_STRLIBNAME, luaopen_string, 0);
    int full = lua_gettop(L);
    lua_pushvalue(L, full);
    keep(L, string_names);
    wrap(L, full, "rep", our_rep);
    wrap(L, full, "format", our_format);
    // All strings share one metatable, whose __index is the whole library: ours instead, and out of reach.
    lua_pushliteral(L, "");
    lua_getmetatable(L, -1);
    lua_pushvalue(L, -3);
    lua_setfield(L, -2, "__index");
    lua_pushboolean(L, 0);
    lua_setfield(L, -2, "__metatable");
    lua_pop(L, 2);
    lua_remove(L, full);
}

static void open_coroutine(lua_State *L) {
    luaL_requiref(L, LUA_COLIBNAME, luaopen_coroutine, 0);
    int full = lua_gettop(L);
    lua_pushvalue(L, full);
    keep(L, coroutine_names);
    wrap(L, full, "create", charged_coroutine);
    wrap(L, full, "wrap", charged_coroutine);
    lua_remove(L, full);
}

void libraries_open(lua_State *L) {
    open_base(L);
    open_string(L);
    lua_setfield(L, -2, LUA_STRLIBNAME);
    open_kept(L, LUA_TABLIBNAME, luaopen_table, table_names);
    lua_setfield(L, -2, LUA_TABLIBNAME);
    open_kept(L, LUA_MATHLIBNAME, luaopen_math, math_names);
    lua_setfield(L, -2, LUA_MATHLIBNAME);
    open_kept(L, LUA_UTF8LIBNAME, luaopen_utf8, utf8_names);
    lua_setfield(L, -2, LUA_UTF8LIBNAME);
    open_coroutine(L);
    lua_setfield(L, -2, LUA_COLIBNAME);
    // What was loaded stays reachable through the registry only, and the registry through the debug library only.
    lua_pushnil(L);
    lua_setfield(L, LUA_REGISTRYINDEX, LUA_LOADED_TABLE);
    lua_rawseti(L, LUA_REGISTRYINDEX, LUA_RIDX_GLOBALS);
}
