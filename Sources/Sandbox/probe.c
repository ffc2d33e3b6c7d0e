#include "probe.h"
#include "confine.h"
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

/// Enough for the program itself.
#define ADDRESS_SPACE (256u << 20)

static void attempt(const char *what) {
    char *const none[] = {NULL};
    if (!strcmp(what, "open")) (void)!open("/etc/passwd", O_RDONLY);
    if (!strcmp(what, "socket")) (void)!socket(AF_INET, SOCK_STREAM, 0);
    if (!strcmp(what, "exec")) (void)!execve("/bin/true", none, none);
    if (!strcmp(what, "fork")) (void)!fork();
    if (!strcmp(what, "parent")) (void)!getppid();
    if (!strcmp(what, "stderr")) (void)!write(STDERR_FILENO, "x", 1);
    if (!strcmp(what, "executable")) (void)!mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (!strcmp(what, "memory") && mmap(NULL, 2 * (size_t)ADDRESS_SPACE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED) {
        _exit(3);
    }
}

void probe(const char *what) {
    confine(ADDRESS_SPACE, 1000);
    attempt(what);
    (void)!write(STDOUT_FILENO, "done\n", 5);
    _exit(0);
}
