#pragma once
#include <lua.h>
#include <stdint.h>

/// Builds the globals of a script from an allow-list, and leaves nothing else within its reach.
void libraries_open(lua_State *L);

/// Charges work that C code does on the script's behalf to its budget of instructions.
void libraries_charge(lua_State *L, uint64_t instructions);
