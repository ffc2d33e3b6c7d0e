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
        Dictionary(grouping: all, by: \.reason).map { ($0.key, $0.value.count) }.sorted { $0.0 < $1.0 }
    }

    package var json: JSONValue {
        var reasons = JSONObject()
        for (reason, count) in counts { reasons[reason] = .integer(Int64(count)) }
        let sorted = all.sorted { ($0.candidate, $0.reason, $0.detail ?? "") < ($1.candidate, $1.reason, $1.detail ?? "") }
        return [
            "total": .integer(Int64(all.count)),
            "by_reason": .object(reasons),
            "listed": .array(sorted.prefix(Self.listed).map(\.json)),
        ]
    }
}
