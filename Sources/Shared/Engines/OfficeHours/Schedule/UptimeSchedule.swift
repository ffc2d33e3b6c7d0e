import Calendar
import Contract

/// When something is to run: what all syntaxes are turned into.
struct UptimeSchedule: Sendable, Hashable {
    enum Rule: Sendable, Hashable {
        /// Runs within `up`, except within `down`.
        case windows(up: WindowSet, down: WindowSet)
        /// Runs from each waking until the next sleep.
        case events(SleepEvents)
    }

    enum State: String, Sendable {
        case on, off
        /// The schedule says nothing: it puts to sleep, but never wakes.
        case undetermined
    }

    struct Change: Sendable, Equatable {
        /// Seconds since 1970.
        var at: Int64
        var state: State
    }

    /// The syntax it was written in.
    enum Syntax: String, Sendable {
        case downscaler = "kube_downscaler"
        case kubeGreen = "kube_green"
        case offhours = "custodian_offhours"
        case reference = "weekdays_weekends"
    }

    var syntax: Syntax
    /// As written, or in short when it was written as an object.
    var text: String
    /// The zone that times without a zone of their own are in.
    var zone: String
    var rule: Rule
    /// Days since 1970 on whose dates nothing begins.
    var holidays: Set<Int64> = []
    /// kube-green leaves CronJobs alone unless told otherwise; all others suspend them.
    var suspendsCronJobs = true
    /// Workloads it does not touch.
    var exceptions: [Exception] = []

    /// A workload, or several, that a schedule leaves out.
    struct Exception: Sendable, Hashable {
        /// Any kind when empty.
        var kind: String
        /// Any name when empty; then the labels decide.
        var name: String
        var labels: Labels

        func covers(_ workload: Workload) -> Bool {
            if !kind.isEmpty, kind != workload.kind.rawValue { return false }
            if name.isEmpty, labels.isEmpty { return !kind.isEmpty }
            if !name.isEmpty, name != workload.meta.name { return false }
            return labels.allSatisfy { workload.meta.labels[$0.key] == $0.value }
        }
    }

    /// How far ahead the next change is looked for: beyond a year there is nothing to wait for.
    static let horizon: Int64 = 400 * 86_400

    /// The stretches within which it runs.
    ///
    /// What is undetermined counts as running: nothing may be saved by not knowing.
    func onSpans(within window: Range<Int64>, _ clocks: ZoneClocks) -> TimeSpans {
        switch rule {
        case .windows(let up, let down):
            let on = up.spans(within: window, clocks, holidays: holidays)
            return down.isNever ? on : on.subtracting(down.spans(within: window, clocks, holidays: []))
        case .events(let events):
            return events.onSpans(within: window, clocks, holidays: holidays)
        }
    }

    func state(at second: Int64, _ clocks: ZoneClocks) -> State {
        if case .events(let events) = rule, events.neverWakes { return .undetermined }
        return onSpans(within: second..<second + 1, clocks).contains(second) ? .on : .off
    }

    /// The first change of state that is strictly later, with the state it leads to; nil when there is none for a year.
    func nextChange(after second: Int64, _ clocks: ZoneClocks) -> Change? {
        if case .events(let events) = rule, events.neverWakes {
            return events.nextSleep(after: second, clocks).map { Change(at: $0, state: .off) }
        }
        // Most schedules change within a day or over a weekend; a long holiday needs the longer looks.
        for reach: Int64 in [4 * 86_400, 40 * 86_400, Self.horizon] {
            let spans = onSpans(within: second..<second + reach, clocks)
            if spans.contains(second) {
                guard let end = spans.ranges.first?.upperBound, end < second + reach else { continue }
                return Change(at: end, state: .off)
            }
            if let start = spans.ranges.first?.lowerBound { return Change(at: start, state: .on) }
        }
        return nil
    }
}
