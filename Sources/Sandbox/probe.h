#pragma once

/// Tries, after `confine`, what a script must never reach, and tells when it worked. Never returns.
_Noreturn void probe(const char *what);
