#include "verdict.h"
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/// A log is for the author of the script; a page of it is enough.
#define LOG_BYTES (16 * 1024)
#define MESSAGE_BYTES 1024

struct run run;

static char log_text[LOG_BYTES];
static size_t log_length;
static uint32_t log_dropped;
static volatile int is_sealed;

void verdict_log(const char *text, size_t length) {
    if (length + 1 > LOG_BYTES - log_length) {
        log_dropped++;
        return;
    }
    for (size_t index = 0; index < length; index++) {
        // One message is one line, whatever it holds.
        unsigned char byte = (unsigned char)text[index];
        log_text[log_length + index] = byte < 0x20 || byte == 0x7F ? ' ' : (char)byte;
    }
    log_text[log_length + length] = '\n';
    log_length += length + 1;
}

static void put(const void *bytes, size_t length) {
    const char *rest = bytes;
    while (length > 0) {
        ssize_t count = write(STDOUT_FILENO, rest, length);
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) _exit(1);
        rest += count;
        length -= (size_t)count;
    }
}

static unsigned char *put_number(unsigned char *to, uint64_t number, int bytes) {
    for (int index = 0; index < bytes; index++) *to++ = (unsigned char)(number >> (8 * index));
    return to;
}

void verdict_end(enum reason reason, const char *message, const unsigned char *value, size_t length) {
    // The timer may fire while an answer is being written: two answers in one stream would be none.
    if (is_sealed) _exit(1);
    is_sealed = 1;
    size_t message_length = strlen(message);
    if (message_length > MESSAGE_BYTES) message_length = MESSAGE_BYTES;
    unsigned char head[64];
    unsigned char *end = head;
    memcpy(end, "CLR1", 4);
    end += 4;
    *end++ = (unsigned char)reason;
    end = put_number(end, (uint64_t)(run.line > 0 ? run.line : 0), 4);
    end = put_number(end, run.instructions, 8);
    end = put_number(end, run.memory_peak, 8);
    end = put_number(end, log_dropped, 4);
    end = put_number(end, log_length, 4);
    end = put_number(end, message_length, 4);
    end = put_number(end, length, 4);
    put(head, (size_t)(end - head));
    put(log_text, log_length);
    put(message, message_length);
    put(value, length);
    _exit(0);
}

void verdict_endf(enum reason reason, const char *format, ...) {
    char message[MESSAGE_BYTES];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    verdict_end(reason, message, NULL, 0);
}
