#pragma once
#include <stddef.h>

/// Takes everything from this process that a script does not need, for good: before a byte of the request is read.
///
/// Ends the process when the kernel refuses any of it: half a sandbox is none.
///
/// - address_space: bytes of address space the process may have
/// - cpu_milliseconds: processor time after which the run ends with the verdict `deadline`
void confine(size_t address_space, unsigned cpu_milliseconds);
