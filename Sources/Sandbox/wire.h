#pragma once
#include <lua.h>
#include <stddef.h>

/// Values between Lua and plain bytes. Sources/Shared/Scripts/Wire has the other side.
///
/// A value is a tag byte and its content, numbers in little-endian order:
/// 0 null; 1 false; 2 true; 3 integer (8 bytes); 4 double (8 bytes); 5 text (length in 4 bytes, bytes);
/// 6 list (count in 4 bytes, values); 7 object (count in 4 bytes, pairs of text without tag and value);
/// 8 an empty table that may be a list or an object (towards Swift only).

/// Prepares the mark of lists and the global `null`; once per state.
void wire_open(lua_State *L);

/// Pushes the value that fills `bytes`; raises a Lua error when they are not exactly one value.
void wire_push(lua_State *L, const unsigned char *bytes, size_t length);

/// Marks the table at the top of the stack as a list, so that it stays one when it is empty.
void wire_mark_list(lua_State *L);

/// Writes the value at the top of the stack, within `limit` bytes.
///
/// Reads tables raw: no code of the script runs. Ends the process with the verdict `bad_output` and the place when the
/// value has no JSON form or is too large. `*length` tells the size; the bytes are never freed.
const unsigned char *wire_write(lua_State *L, size_t limit, size_t *length);
