#pragma once
#include <lua.h>

/// Pushes the list of the keys of the table at `index`, in an order that is the same in every run.
///
/// Lua's own order follows from addresses and the clock. Ours: numbers by value, text by bytes, false, true. Raises a Lua
/// error for keys that have no such order, and for more of them than memory holds.
void keys_push_sorted(lua_State *L, int index);
