import FoundationEssentials

/// How long jobs of one kind took in one worker lately: what the fleet is sized by.
package struct RunTimes: Sendable, Equatable, Codable {
    /// Jobs seen since the worker started.
    package private(set) var count = 0
    /// Exponentially weighted mean of their run times, in seconds.
    package private(set) var mean = 0.0

    package init() {}

    /// Weighs one more job: the first ones fully, later ones by a twentieth, so that a change shows within about fifty.
    package mutating func record(_ seconds: Double) {
        count += 1
        mean += (seconds - mean) / Double(min(count, 20))
    }

    /// As stored in the worker's row; nil for a worker that ran nothing.
    static func json(_ times: [String: RunTimes]) -> String? {
        guard !times.isEmpty, let bytes = try? JSONEncoder().encode(times) else { return nil }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// What a worker's row holds; empty for anything else.
    package static func read(_ json: String) -> [String: RunTimes] {
        (try? JSONDecoder().decode([String: RunTimes].self, from: Data(json.utf8))) ?? [:]
    }
}
