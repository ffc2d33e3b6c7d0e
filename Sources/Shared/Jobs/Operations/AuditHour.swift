import FoundationEssentials

/// Jobs of one tenant by state.
struct StateCounts: Equatable {
    var values: [JobState: Int] = [:]

    subscript(state: JobState) -> Int {
        get { values[state] ?? 0 }
        set { values[state] = newValue }
    }

    var live: Int { values.filter { !$0.key.isTerminal }.values.reduce(0, +) }

    mutating func add(_ other: StateCounts) {
        values.merge(other.values, uniquingKeysWith: +)
    }
}

/// One hour's jobs by tenant: live ones as counted now, ended ones as counted or remembered.
struct AuditHour {
    let start: Date
    /// With a row of the tenant '' at least, which says that the hour was looked at.
    var rows: [String: StateCounts] = ["": StateCounts()]
}
