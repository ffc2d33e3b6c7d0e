/// How many jobs a worker holds at once: its slots, plus as many as it finishes while the next batch is on its way.
///
/// Short jobs would otherwise wait for the claim's round trip; long jobs must not be hoarded.
struct InFlightLimit {
    /// A read and a claim take this long on a busy machine; what ends meanwhile is fetched ahead.
    private static let fetchSeconds = 0.02
    /// A claim statement of this size takes no longer per row than a larger one.
    private static let most = 256

    private let slots: Int
    /// Exponentially weighted mean of run times in seconds; a new worker is careful.
    private var meanRunSeconds = 1.0

    init(slots: Int) {
        self.slots = slots
    }

    var limit: Int {
        let ahead = Double(slots) * Self.fetchSeconds / max(meanRunSeconds, 1e-6)
        return min(slots + Int(min(ahead, Double(Self.most))), max(slots, Self.most))
    }

    mutating func record(runSeconds: Double) {
        meanRunSeconds += (runSeconds - meanRunSeconds) * 0.1
    }
}
