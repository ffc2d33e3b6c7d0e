import Glibc

/// Times in microseconds.
enum Stopwatch {
    /// Of this process on all threads: others on the machine disturb it little.
    static func processor() -> Double { read(CLOCK_PROCESS_CPUTIME_ID) }
    static func clock() -> Double { read(CLOCK_MONOTONIC) }

    private static func read(_ kind: clockid_t) -> Double {
        var time = timespec()
        clock_gettime(kind, &time)
        return Double(time.tv_sec) * 1e6 + Double(time.tv_nsec) / 1e3
    }
}
