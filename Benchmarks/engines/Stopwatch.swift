import Glibc

/// Processor time of this process: other programs on the machine disturb it little.
enum Stopwatch {
    static func seconds() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    /// Runs the work several times and prints the median.
    static func measure<Result>(_ name: String, target: Double, repeats: Int = 5, _ work: () throws -> Result) rethrows
    {
        var times: [Double] = []
        for _ in 0..<repeats {
            let start = seconds()
            _ = try work()
            times.append(seconds() - start)
        }
        times.sort()
        let median = Int((times[times.count / 2] * 1000).rounded())
        print("\(name): \(median) ms of processor time, median of \(repeats); target \(Int(target * 1000)) ms")
    }

    /// Peak resident memory in MiB.
    static var peakMebibytes: Int {
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        return usage.ru_maxrss >> 10
    }
}

/// A generator with a fixed sequence.
struct Sequence64: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
