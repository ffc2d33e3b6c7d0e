import Contract

/// Finds the classes a selector may match without asking all of them: by one label that it demands.
struct ClassMatcher {
    private struct Label: Hashable {
        var key: String
        var value: String
    }

    private var byLabel: [Label: [Int]] = [:]
    private let count: Int

    init(_ keys: [ClusterCompiler.ClassKey]) {
        count = keys.count
        for (position, key) in keys.enumerated() {
            for entry in key.labels { byLabel[Label(key: entry.key, value: entry.value), default: []].append(position) }
        }
    }

    /// Ascending; a superset of what matches all the selectors.
    func candidates(_ selectors: [LabelSelector?]) -> [Int] {
        guard let first = selectors.first, let selector = first else { return [] }
        if let entry = selector.matchLabels.first(where: { _ in true }) {
            return byLabel[Label(key: entry.key, value: entry.value)] ?? []
        }
        if let term = selector.matchExpressions.first(where: { $0.operator == .in }) {
            return Set(term.values.flatMap { byLabel[Label(key: term.key, value: $0)] ?? [] }).sorted()
        }
        return Array(0..<count)
    }
}
