#pragma once

/// Names the calling thread, as seen in ps, top and gdb. Longer names than 15 bytes are cut.
void cthread_set_name(const char *name);
