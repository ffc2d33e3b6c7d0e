#include "confine.h"
#include "CConfine.h"
#include "verdict.h"
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/time.h>

static _Noreturn void unavailable(const char *what) {
    verdict_endf(REASON_SANDBOX_UNAVAILABLE, "%s: %s", what, strerror(errno));
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

void confine(size_t address_space, unsigned cpu_milliseconds) {
    // The timer speaks first; the kernel's own limit, in whole seconds, stands behind it and kills.
    start_timer(cpu_milliseconds);
    const struct confinement keep = {
        .address_space = address_space, .cpu_seconds = cpu_milliseconds / 1000 + 2, .file_bytes = 0, .has_runtime = 0};
    const char *refused = confine_process(&keep);
    if (refused) unavailable(refused);
}
