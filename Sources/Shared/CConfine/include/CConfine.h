#pragma once
#include <stddef.h>
#include <stdint.h>

/// What a process keeps that is to read untrusted bytes.
struct confinement {
    /// Bytes of address space.
    size_t address_space;
    /// Seconds of processor time, after which the kernel kills.
    uint64_t cpu_seconds;
    /// Bytes that may be written to a file.
    uint64_t file_bytes;
    /// Whether the calls of a language's runtime are allowed beside those for memory: locks, random seeds, clocks.
    int has_runtime;
};

/// Takes everything else from this process, for good: files, network, processes, environment, executable memory. What is
/// left are reads of standard input, writes to standard output, and memory. To be called before a byte is read.
///
/// Returns NULL, or the step that the kernel refused, with errno: half a sandbox is none, and the caller must end.
const char *confine_process(const struct confinement *keep);
