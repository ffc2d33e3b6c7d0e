package import FoundationEssentials
import Postgres

/// Which jobs an operator means; what is nil or empty does not narrow.
package struct JobFilter: Sendable, Equatable {
    package var tenant: String?
    package var lane: Lane?
    package var kind: String?
    package var states: Set<JobState> = []
    package var cluster: String?
    package var parent: JobID?
    /// Accepted at this moment or later, by the id's clock.
    package var since: Date?
    /// Accepted before this moment.
    package var until: Date?
    /// The code of the error it ended with, or last failed with.
    package var errorCode: String?

    package init() {}

    /// Whether it names anything: an empty filter means every job.
    package var isEmpty: Bool { self == JobFilter() }

    var mayBeLive: Bool { states.isEmpty || states.contains { !$0.isTerminal } }
    var mayHaveEnded: Bool { states.isEmpty || states.contains(where: \.isTerminal) }

    /// The state when there is only one, and an index of that state's jobs.
    var indexedState: JobState? {
        guard states.count == 1, let state = states.first else { return nil }
        return [.running, .failed, .dead].contains(state) ? state : nil
    }
}

/// Parameters of a statement that is put together: gives each its number.
struct ParameterList {
    private(set) var values: [PostgresValue] = []

    /// Appends the value and returns its placeholder.
    mutating func callAsFunction(_ value: PostgresValue) -> String {
        values.append(value)
        return "$\(values.count)"
    }
}

extension JobFilter {
    /// What cannot be answered by order or index, as SQL over the columns of `row`; `error` names the error's column.
    func conditions(_ row: String, error: String, _ parameter: inout ParameterList) -> String {
        var all: [String] = []
        if let tenant { all.append("\(row).tenant = \(parameter(.text(tenant)))") }
        if let lane { all.append("\(row).lane::text = \(parameter(.text(lane.rawValue)))") }
        if let kind { all.append("\(row).kind = \(parameter(.text(kind)))") }
        if let cluster { all.append("\(row).cluster = \(parameter(.text(cluster)))") }
        if !states.isEmpty, indexedState == nil {
            all.append("\(row).state::text = ANY (\(parameter(.texts(states.map(\.rawValue).sorted()))))")
        }
        if let errorCode {
            all.append("\(Self.errorCode("\(row).\(error)")) = \(parameter(.text(errorCode)))")
        }
        return all.isEmpty ? "true" : all.joined(separator: " AND ")
    }

    /// The code within an error's JSON text.
    static func errorCode(_ column: String) -> String { "coalesce(\(column)::json ->> 'code', 'unknown')" }
}
