#pragma once
#include <lua.h>
#include <stddef.h>

/// A stretch of the request that holds one value.
struct section {
    const unsigned char *bytes;
    size_t length;
};

/// Adds what a script may ask: `prices`, `catalogue`, `builtin`, `list`, `null`, `now`, `decision_type`.
///
/// - market: object with `on_demand`, `spot`, `advisor`, `services`, `catalogue`, `types`, `sources`, `now`, `decision_type`
/// - builtin: the built-in engine's decision; it must outlive the state
void helpers_open(lua_State *L, struct section market, struct section builtin);
