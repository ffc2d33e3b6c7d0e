// cloudoptim-sandbox: runs one Lua script once. Request on standard input, verdict on standard output, nothing else.
//
// A process of its own because it must be killable at any moment: a pattern match is one long C call that no hook
// interrupts. In C because Lua's errors are longjmps, which must not cross a Swift frame. The parent is
// Sources/Shared/Scripts/ScriptSandbox.swift; docs/engines/custom-engines.md tells what scripts may do.
//
// usage: cloudoptim-sandbox REQUEST_BYTES INSTRUCTIONS MEMORY_BYTES CPU_MILLISECONDS OUTPUT_BYTES
//        cloudoptim-sandbox --probe WHAT   tries what is forbidden: open, socket, exec, fork, …; must die of it

#include "confine.h"
#include "helpers.h"
#include "libraries.h"
#include "probe.h"
#include "verdict.h"
#include "wire.h"
#include <errno.h>
#include <lauxlib.h>
#include <lua.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/// The budget is counted in steps of this many instructions.
#define HOOK_STEP 100
/// Lua tables of a request take up to this many times its size, small objects most.
#define LOADING_FACTOR 16
/// Address space of the program itself and its libraries.
#define PROGRAM_BYTES (64u << 20)

enum part { PART_SOURCE, PART_INPUT, PART_CONFIG, PART_MARKET, PART_BUILTIN, PARTS };

static struct section parts[PARTS];
/// What an error means at this moment.
static enum reason blame = REASON_BAD_REQUEST;

// MARK: Memory and time

static void *allocate(void *unused, void *block, size_t old_size, size_t new_size) {
    (void)unused;
    if (!block) old_size = 0;  // then it tells the kind of object
    if (new_size == 0) {
        free(block);
        run.memory_used -= old_size;
        return NULL;
    }
    size_t after = run.memory_used - old_size + new_size;
    void *place = new_size > old_size && after > run.memory_limit ? NULL : realloc(block, new_size);
    if (!place) {
        // The first refusal makes Lua collect its garbage and ask again; the second is the end.
        if (run.memory_refused) {
            verdict_endf(REASON_MEMORY_LIMIT, "script and data need more than their %zu MiB of memory", run.memory_limit >> 20);
        }
        run.memory_refused = 1;
        return NULL;
    }
    if (new_size > old_size) run.memory_refused = 0;
    run.memory_used = after;
    if (after > run.memory_peak) run.memory_peak = after;
    return place;
}

static void count(lua_State *L, lua_Debug *frame) {
    run.instructions += HOOK_STEP;
    if (run.instructions <= run.instruction_budget) return;
    run.line = lua_getinfo(L, "l", frame) && frame->currentline > 0 ? frame->currentline : 0;
    verdict_endf(REASON_INSTRUCTION_LIMIT, "the script ran more than %llu instructions",
                 (unsigned long long)run.instruction_budget);
}

// MARK: Errors

/// Moves past the places that Lua puts before a message, however many calls added one; the last is the innermost.
static const char *past_places(const char *message) {
    int line = 0, length = 0;
    while (sscanf(message, "script:%d: %n", &line, &length) == 1 && length > 0) {
        run.line = line;
        message += length;
        length = 0;
    }
    return message;
}

/// Makes a message of any error, before the stack that caused it is gone. Runs no code of the script.
static int explain(lua_State *L) {
    const char *text;
    if (lua_type(L, 1) == LUA_TSTRING || lua_type(L, 1) == LUA_TNUMBER) {
        text = lua_tostring(L, 1);
    } else {
        text = lua_pushfstring(L, "the script raised a %s instead of a message", luaL_typename(L, 1));
    }
    run.line = 0;
    text = past_places(text);
    lua_Debug frame;
    for (int level = 1; run.line == 0 && level < 40 && lua_getstack(L, level, &frame); level++) {
        if (lua_getinfo(L, "l", &frame) && frame.currentline > 0) run.line = frame.currentline;
    }
    lua_pushstring(L, text);
    return 1;
}

static _Noreturn void end_with_error(lua_State *L, int status) {
    const char *message = lua_type(L, -1) == LUA_TSTRING ? lua_tostring(L, -1) : "an error without a message";
    // Text buffers report a refusal with this message, without Lua's own kind of error.
    if (status == LUA_ERRMEM || strcmp(message, "not enough memory") == 0) {
        if (blame == REASON_BAD_REQUEST) verdict_end(blame, "the input is too large for the sandbox", NULL, 0);
        verdict_endf(REASON_MEMORY_LIMIT, "script and data need more than their %zu MiB of memory", run.memory_limit >> 20);
    }
    verdict_endf(blame, "%s", message);
}

static int panicked(lua_State *L) {
    end_with_error(L, LUA_ERRRUN);
}

// MARK: The request

static void need(int condition, const char *what) {
    if (!condition) verdict_end(REASON_BAD_REQUEST, what, NULL, 0);
}

static unsigned char *read_request(size_t length) {
    unsigned char *bytes = malloc(length);
    need(bytes != NULL, "no memory for the request");
    size_t filled = 0;
    while (filled < length) {
        ssize_t count = read(STDIN_FILENO, bytes + filled, length - filled);
        if (count < 0 && errno == EINTR) continue;
        need(count > 0, "the request breaks off");
        filled += (size_t)count;
    }
    return bytes;
}

static void split(const unsigned char *bytes, size_t length) {
    need(length >= 4 && memcmp(bytes, "CLS1", 4) == 0, "the request is of another version");
    size_t place = 4;
    for (int part = 0; part < PARTS; part++) {
        need(length - place >= 4, "the request breaks off");
        size_t size = (size_t)bytes[place] | (size_t)bytes[place + 1] << 8 | (size_t)bytes[place + 2] << 16 |
                      (size_t)bytes[place + 3] << 24;
        place += 4;
        need(length - place >= size, "the request breaks off");
        parts[part] = (struct section){bytes + place, size};
        place += size;
    }
    need(place == length, "the request goes on after its end");
}

// MARK: The run

/// Everything that may raise an error, below one protected call.
static int work(lua_State *L) {
    size_t budget = run.memory_limit;
    run.memory_limit = SIZE_MAX / 4;
    libraries_open(L);
    wire_open(L);
    run.memory_limit = run.memory_used + budget + LOADING_FACTOR * (parts[PART_INPUT].length + parts[PART_MARKET].length);
    helpers_open(L, parts[PART_MARKET], parts[PART_BUILTIN]);
    wire_push(L, parts[PART_INPUT].bytes, parts[PART_INPUT].length);
    wire_push(L, parts[PART_CONFIG].bytes, parts[PART_CONFIG].length);
    int input = lua_gettop(L) - 1;
    lua_pushvalue(L, -1);
    lua_setglobal(L, "config");

    // What the data take is not the script's; its own budget begins here, with room for one copy of the built-in decision.
    run.memory_limit = run.memory_used + budget + LOADING_FACTOR * parts[PART_BUILTIN].length;
    lua_sethook(L, count, LUA_MASKCOUNT, HOOK_STEP);
    blame = REASON_SCRIPT_ERROR;
    const char *source = (const char *)parts[PART_SOURCE].bytes;
    // "t": text only. Bytecode is not checked by Lua and can do anything.
    if (luaL_loadbufferx(L, source, parts[PART_SOURCE].length, "=script", "t") != LUA_OK) return lua_error(L);
    lua_call(L, 0, 0);
    if (lua_getglobal(L, "decide") != LUA_TFUNCTION) {
        run.line = 0;
        verdict_end(REASON_SCRIPT_ERROR, "the script defines no function decide(input)", NULL, 0);
    }
    lua_pushvalue(L, input);
    lua_pushvalue(L, input + 1);
    lua_call(L, 2, 1);
    if (!lua_istable(L, -1)) {
        run.line = 0;
        verdict_endf(REASON_BAD_OUTPUT, "decide returned a %s instead of a table", luaL_typename(L, -1));
    }
    // The script has ended: no hook, and tables are read raw.
    lua_sethook(L, NULL, 0, 0);
    size_t length;
    const unsigned char *value = wire_write(L, run.output_limit, &length);
    verdict_end(REASON_NONE, "", value, length);
}

static unsigned long long argument(char **arguments, int index) {
    char *end;
    errno = 0;
    unsigned long long number = strtoull(arguments[index], &end, 10);
    need(errno == 0 && *end == 0 && end != arguments[index] && number > 0 && number < 1ULL << 40, "a limit is not a number");
    return number;
}

int main(int argument_count, char **arguments) {
    if (argument_count == 3 && strcmp(arguments[1], "--probe") == 0) probe(arguments[2]);
    need(argument_count == 6, "usage: cloudoptim-sandbox REQUEST_BYTES INSTRUCTIONS MEMORY_BYTES CPU_MILLISECONDS OUTPUT_BYTES");
    size_t length = argument(arguments, 1);
    run.instruction_budget = argument(arguments, 2);
    run.memory_limit = argument(arguments, 3);
    unsigned milliseconds = (unsigned)argument(arguments, 4);
    run.output_limit = argument(arguments, 5);

    // Made first: its start asks for the time and for random bytes, and maps what it needs.
    lua_State *L = lua_newstate(allocate, NULL);
    need(L != NULL, "no memory for a Lua state");
    lua_atpanic(L, panicked);
    confine(PROGRAM_BYTES + (2 * LOADING_FACTOR + 2) * length + 2 * run.memory_limit + 4 * run.output_limit, milliseconds);

    split(read_request(length), length);
    lua_gc(L, LUA_GCINC, 150, 0, 0);
    lua_pushcfunction(L, explain);
    lua_pushcfunction(L, work);
    end_with_error(L, lua_pcall(L, 0, 0, 1));
}
