#pragma once
#include <stddef.h>
#include <stdint.h>

/// How a run ended. The numbers travel to the parent; Sources/Shared/Scripts/ScriptFailure.swift has the same.
enum reason {
    REASON_NONE = 0,
    REASON_INSTRUCTION_LIMIT = 1,
    REASON_MEMORY_LIMIT = 2,
    REASON_DEADLINE = 3,
    REASON_SANDBOX_VIOLATION = 4,
    REASON_SCRIPT_ERROR = 5,
    REASON_BAD_OUTPUT = 6,
    REASON_BAD_REQUEST = 7,
    REASON_SANDBOX_UNAVAILABLE = 8,
};

/// What the run may use and what it has used. One run per process, so there is one of it.
struct run {
    uint64_t instruction_budget;
    uint64_t instructions;
    size_t memory_limit;
    size_t memory_used;
    size_t memory_peak;
    /// The last growth was refused and nothing has grown since.
    int memory_refused;
    size_t output_limit;
    /// Line of the script the verdict is about; 0 when unknown.
    int line;
};
extern struct run run;

/// Adds a message to the log of the run, as one line; what no longer fits is counted only.
void verdict_log(const char *text, size_t length);

/// Writes the verdict to standard output and ends the process. Safe inside a signal handler.
///
/// Ending the process instead of raising an error is what makes a limit final: no pcall of the script sees it.
_Noreturn void verdict_end(enum reason reason, const char *message, const unsigned char *value, size_t length);

/// The same with a formatted message; not for signal handlers.
_Noreturn void verdict_endf(enum reason reason, const char *format, ...) __attribute__((format(printf, 2, 3)));
