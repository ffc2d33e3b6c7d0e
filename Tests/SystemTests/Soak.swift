import Foundation
import Support

/// The same test, short in `./test` and long in `./test --soak NAME`.
struct Soak {
    /// Makes every choice of the run: the same seed, the same choices.
    let seed: UInt64
    /// Whether this is the long form.
    let isLong: Bool
    private let name: String
    private let start = ContinuousClock.now

    /// - Parameter name: As `./test --soak` knows it; printed before every line.
    init(_ name: String) {
        let environment = ProcessInfo.processInfo.environment
        self.name = name
        isLong = environment["CLOUDOPTIM_SOAK"] == name
        seed = environment["CLOUDOPTIM_SOAK_SEED"].flatMap { UInt64($0) } ?? .random(in: 0..<1_000_000)
        say("seed \(seed)")
    }

    /// A number of the short form, or of the long one.
    ///
    /// `CLOUDOPTIM_SOAK_PERCENT` shrinks the long form: for a look at it.
    func size(_ short: Int, _ long: Int) -> Int {
        guard isLong else { return short }
        let percent = ProcessInfo.processInfo.environment["CLOUDOPTIM_SOAK_PERCENT"].flatMap { Int($0) } ?? 100
        return max(short, long * percent / 100)
    }

    /// How long the long form may go on where it has no other end.
    func minutes(_ fallback: Int) -> Duration {
        let text = ProcessInfo.processInfo.environment["CLOUDOPTIM_SOAK_MINUTES"]
        return .seconds(60 * (text.flatMap { Int($0) } ?? fallback))
    }

    /// One line for who watches: what `./test --soak` shows while it runs.
    func say(_ line: String) {
        let seconds = Int((ContinuousClock.now - start) / .seconds(1))
        let text = "soak \(name) \(seconds / 60):\(String(format: "%02d", seconds % 60)) \(line)\n"
        guard let path = ProcessInfo.processInfo.environment["CLOUDOPTIM_SOAK_LOG"] else {
            print(text, terminator: "")
            return
        }
        // Past the test runner, which keeps what it is told until the end.
        guard let file = fopen(path, "a") else { return }
        fputs(text, file)
        fclose(file)
    }
}

/// Numbers that follow from a seed (SplitMix64).
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}

/// What a run measured, in milliseconds or any other unit.
struct Sample {
    private var values: [Double] = []

    mutating func add(_ value: Double) { values.append(value) }

    var count: Int { values.count }

    /// The value below which `share` of all lie; 0 of nothing.
    func percentile(_ share: Double) -> Double {
        let sorted = values.sorted()
        guard !sorted.isEmpty else { return 0 }
        return sorted[min(sorted.count - 1, Int(Double(sorted.count) * share))]
    }
}

extension Duration {
    var milliseconds: Double { self / .milliseconds(1) }
}
