import Glibc

/// Time by the clock, processor time of this process, and of the database's processes that served it.
///
/// On a machine that others use as well, processor time is the figure that says something.
struct Stopwatch {
    private let start = ContinuousClock.now
    private let own = Self.ownSeconds()
    private let servers: [Int: Double]

    /// `servers` are processes to be counted with ours.
    init(servers: [Int] = []) {
        self.servers = Dictionary(uniqueKeysWithValues: servers.map { ($0, Self.seconds(of: $0)) })
    }

    struct Reading {
        let wall: Double
        let own: Double
        let server: Double
        var processor: Double { own + server }
    }

    /// `servers` are the processes there are now: one that has been born since counts from its birth.
    func read(servers now: [Int] = []) -> Reading {
        let wall = ContinuousClock.now - start
        return Reading(
            wall: Double(wall.components.seconds) + Double(wall.components.attoseconds) / 1e18,
            own: Self.ownSeconds() - own,
            server: now.reduce(0) { $0 + Self.seconds(of: $1) - (servers[$1] ?? 0) }
        )
    }

    private static func ownSeconds() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    /// User and system time from `/proc`, which counts hundredths of a second.
    private static func seconds(of process: Int) -> Double {
        guard let file = fopen("/proc/\(process)/stat", "r") else { return 0 }
        defer { fclose(file) }
        var buffer = [CChar](repeating: 0, count: 1024)
        guard fgets(&buffer, Int32(buffer.count), file) != nil else { return 0 }
        let text = String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        // The name in parentheses may hold anything; what follows is fixed.
        let fields = text.split(separator: ")").last.map { $0.split(separator: " ") } ?? []
        guard fields.count > 12, let user = Double(fields[11]), let system = Double(fields[12]) else { return 0 }
        return (user + system) / 100
    }

    /// The most memory this process has held, in megabytes.
    static func peakMegabytes() -> Double {
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        return Double(usage.ru_maxrss) / 1024
    }
}
