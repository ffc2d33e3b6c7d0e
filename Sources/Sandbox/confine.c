// Linux's own calls: close_range, prctl.
#define _GNU_SOURCE
#include "confine.h"
#include "verdict.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

#if defined(__x86_64__)
#define OUR_ARCHITECTURE AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define OUR_ARCHITECTURE AUDIT_ARCH_AARCH64
#else
#error "the sandbox knows the system calls of x86-64 and ARM64 only"
#endif

static _Noreturn void unavailable(const char *what) {
    verdict_endf(REASON_SANDBOX_UNAVAILABLE, "%s: %s", what, strerror(errno));
}

/// Lowers a limit; one that is lower already, as inside an isolated worker, stays.
static void limit(int resource, rlim_t wanted) {
    struct rlimit bounds;
    if (getrlimit(resource, &bounds) != 0) unavailable("a resource limit cannot be read");
    if (wanted < bounds.rlim_max) bounds.rlim_max = wanted;
    bounds.rlim_cur = bounds.rlim_max;
    if (setrlimit(resource, &bounds) != 0) unavailable("a resource limit was refused");
}

static void out_of_time(int signal) {
    (void)signal;
    verdict_end(REASON_DEADLINE, "the run used up its processor time", NULL, 0);
}

/// Counts processor time, not the wall clock: a busy machine must not fail an innocent script.
static void start_timer(unsigned milliseconds) {
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = out_of_time;
    sigfillset(&action.sa_mask);
    if (sigaction(SIGPROF, &action, NULL) != 0) unavailable("the timer's signal was refused");
    const struct itimerval timer = {
        .it_value = {.tv_sec = milliseconds / 1000, .tv_usec = (suseconds_t)(milliseconds % 1000) * 1000}};
    if (setitimer(ITIMER_PROF, &timer, NULL) != 0) unavailable("the timer was refused");
}

// The parts of a system call as the filter sees them; arguments are read by their lower and upper half.
#define NUMBER offsetof(struct seccomp_data, nr)
#define ARCHITECTURE offsetof(struct seccomp_data, arch)
#define ARGUMENT(index) (offsetof(struct seccomp_data, args) + 8 * (index))
#define LOAD(field) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (field))
#define ALLOW BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)
#define KILL BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS)
#define PERMIT(call) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (call), 0, 1), ALLOW
/// Allows a call whose first argument is exactly `wanted`.
#define PERMIT_ON(call, wanted)                                                                                        \
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (call), 0, 4), LOAD(ARGUMENT(0)),                                              \
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (wanted), 0, 1), ALLOW, KILL

/// From here on: read the request, write the answer, get and return memory that is not executable, end.
static void filter_calls(void) {
    static struct sock_filter program[] = {
        LOAD(ARCHITECTURE),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, OUR_ARCHITECTURE, 1, 0),
        KILL,
        LOAD(NUMBER),
        PERMIT(__NR_brk),
        PERMIT(__NR_munmap),
        PERMIT(__NR_mremap),
        PERMIT(__NR_exit_group),
        PERMIT(__NR_rt_sigreturn),
        PERMIT_ON(__NR_read, STDIN_FILENO),
        PERMIT_ON(__NR_write, STDOUT_FILENO),
        // mmap: memory of no file's, and never executable; whatever else comes here is not allowed.
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_mmap, 0, 4),
        LOAD(ARGUMENT(2)),
        BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, PROT_EXEC, 2, 0),
        LOAD(ARGUMENT(3)),
        BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, MAP_ANONYMOUS, 1, 0),
        KILL,
        ALLOW,
    };
    const struct sock_fprog filter = {.len = sizeof program / sizeof program[0], .filter = program};
    if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) != 0) unavailable("the filter of system calls was refused");
}

/// Should memory run out on the machine, this process goes first.
static void volunteer(void) {
    int file = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
    if (file < 0) return;
    (void)!write(file, "1000", 4);
    close(file);
}

void confine(size_t address_space, unsigned cpu_milliseconds) {
    volunteer();
    if (chdir("/") != 0) unavailable("the root folder was refused");
    if (clearenv() != 0) unavailable("the environment stayed");
    if (syscall(SYS_close_range, 3U, ~0U, 0U) != 0) {
        // Before Linux 5.9.
        for (int file = 3; file < 4096; file++) close(file);
    }
    // The timer speaks first; the kernel's own limit, in whole seconds, stands behind it and kills.
    rlim_t seconds = cpu_milliseconds / 1000 + 2;
    limit(RLIMIT_CPU, seconds);
    limit(RLIMIT_AS, address_space);
    limit(RLIMIT_FSIZE, 0);
    limit(RLIMIT_NOFILE, 3);
    limit(RLIMIT_NPROC, 0);
    limit(RLIMIT_CORE, 0);
    limit(RLIMIT_MEMLOCK, 0);
    start_timer(cpu_milliseconds);
    if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0) unavailable("the process stays open to debuggers");
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) unavailable("no_new_privs was refused");
    filter_calls();
}
