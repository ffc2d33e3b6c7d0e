// Linux's own calls: close_range, prctl.
#define _GNU_SOURCE
#include "CConfine.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#if defined(__x86_64__)
#define OUR_ARCHITECTURE AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define OUR_ARCHITECTURE AUDIT_ARCH_AARCH64
#else
#error "the sandbox knows the system calls of x86-64 and ARM64 only"
#endif

/// Lowers the limit of processor time; the signal that tells it comes a second before the one that kills.
static int limit_time(rlim_t seconds) {
    struct rlimit bounds;
    if (getrlimit(RLIMIT_CPU, &bounds) != 0) return -1;
    if (seconds + 1 < bounds.rlim_max) bounds.rlim_max = seconds + 1;
    bounds.rlim_cur = seconds < bounds.rlim_max ? seconds : bounds.rlim_max;
    return setrlimit(RLIMIT_CPU, &bounds);
}

/// Lowers a limit; one that is lower already, as inside an isolated worker, stays.
static int limit(int resource, rlim_t wanted) {
    struct rlimit bounds;
    if (getrlimit(resource, &bounds) != 0) return -1;
    if (wanted < bounds.rlim_max) bounds.rlim_max = wanted;
    bounds.rlim_cur = bounds.rlim_max;
    return setrlimit(resource, &bounds);
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
/// Allows a call whose third argument asks for no executable memory.
#define PERMIT_DATA(call)                                                                                              \
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (call), 0, 4), LOAD(ARGUMENT(2)),                                              \
        BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, PROT_EXEC, 0, 1), KILL, ALLOW

#define START                                                                                                          \
    LOAD(ARCHITECTURE), BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, OUR_ARCHITECTURE, 1, 0), KILL, LOAD(NUMBER)
#define MEMORY_AND_STREAMS                                                                                             \
    PERMIT(__NR_brk), PERMIT(__NR_munmap), PERMIT(__NR_mremap), PERMIT(__NR_exit_group), PERMIT(__NR_rt_sigreturn),    \
        PERMIT_ON(__NR_read, STDIN_FILENO), PERMIT_ON(__NR_write, STDOUT_FILENO)
#define RUNTIME                                                                                                        \
    PERMIT(__NR_futex), PERMIT(__NR_madvise), PERMIT(__NR_getrandom), PERMIT(__NR_sched_yield),                        \
        PERMIT(__NR_clock_gettime), PERMIT(__NR_rt_sigprocmask), PERMIT_DATA(__NR_mprotect)
/// mmap: memory of no file's, and never executable; whatever else comes here is not allowed.
#define ANONYMOUS_MAP_ONLY                                                                                             \
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_mmap, 0, 4), LOAD(ARGUMENT(2)),                                           \
        BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, PROT_EXEC, 2, 0), LOAD(ARGUMENT(3)),                                      \
        BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, MAP_ANONYMOUS, 1, 0), KILL, ALLOW

static int filter_calls(int has_runtime) {
    static struct sock_filter bare[] = {START, MEMORY_AND_STREAMS, ANONYMOUS_MAP_ONLY};
    static struct sock_filter runtime[] = {START, MEMORY_AND_STREAMS, RUNTIME, ANONYMOUS_MAP_ONLY};
    const struct sock_fprog filter = {
        .len = has_runtime ? sizeof runtime / sizeof runtime[0] : sizeof bare / sizeof bare[0],
        .filter = has_runtime ? runtime : bare};
    return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter);
}

/// Should memory run out on the machine, this process goes first.
static void volunteer(void) {
    int file = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
    if (file < 0) return;
    (void)!write(file, "1000", 4);
    close(file);
}

const char *confine_process(const struct confinement *keep) {
    volunteer();
    if (chdir("/") != 0) return "the root folder was refused";
    if (clearenv() != 0) return "the environment stayed";
    if (syscall(SYS_close_range, 3U, ~0U, 0U) != 0) {
        // Before Linux 5.9.
        for (int file = 3; file < 4096; file++) close(file);
    }
    if (limit_time(keep->cpu_seconds) != 0 || limit(RLIMIT_AS, keep->address_space) != 0 ||
        limit(RLIMIT_FSIZE, keep->file_bytes) != 0 || limit(RLIMIT_NOFILE, 3) != 0 || limit(RLIMIT_NPROC, 0) != 0 ||
        limit(RLIMIT_CORE, 0) != 0 || limit(RLIMIT_MEMLOCK, 0) != 0)
        return "a resource limit was refused";
    if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0) return "the process stays open to debuggers";
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return "no_new_privs was refused";
    if (filter_calls(keep->has_runtime) != 0) return "the filter of system calls was refused";
    return NULL;
}
