/// A candidate that was not recommended, and why.
package struct Rejection: Sendable, Hashable {
    package var candidate: String
    /// A short stable code such as `below_memory`.
    package var reason: String
    package var detail: String?

    package init(_ candidate: String, _ reason: String, detail: String? = nil) {
        self.candidate = candidate
        self.reason = reason
        self.detail = detail
    }

    package var json: JSONValue {
        ["candidate": .string(candidate), "reason": .string(reason), "detail": .optional(detail)]
    }
}

/// All candidates that were not recommended: counted in full, listed up to a limit.
package struct Rejections: Sendable, Hashable {
    /// How many are spelled out; the counts always cover all of them.
    package static let listed = 50

    package private(set) var all: [Rejection] = []

    package init() {}
    package mutating func add(_ rejection: Rejection) { all.append(rejection) }

    package var counts: [(reason: String, count: Int)] {
        var counts: [String: Int] = [:]
        for index in all.indices { counts[all[index].reason, default: 0] += 1 }
        return counts.map { ($0.key, $0.value) }.sorted { $0.0 < $1.0 }
    }

    package var json: JSONValue {
        var reasons = JSONObject()
        for (reason, count) in counts { reasons[reason] = .integer(Int64(count)) }
        return [
            "total": .integer(Int64(all.count)),
            "by_reason": .object(reasons),
            "listed": .array(first.map(\.json)),
        ]
    }

    /// Those that are spelled out: the first in order, without ordering all of what may be a hundred thousand.
    private var first: [Rejection] {
        var first: [Rejection] = []
        for rejection in all {
            if first.count == Self.listed {
                guard Self.precedes(rejection, first[Self.listed - 1]) else { continue }
                first.removeLast()
            }
            let place = first.lastIndex { !Self.precedes(rejection, $0) }
            first.insert(rejection, at: place.map { $0 + 1 } ?? 0)
        }
        return first
    }

    private static func precedes(_ left: Rejection, _ right: Rejection) -> Bool {
        (left.candidate, left.reason, left.detail ?? "") < (right.candidate, right.reason, right.detail ?? "")
    }
}
