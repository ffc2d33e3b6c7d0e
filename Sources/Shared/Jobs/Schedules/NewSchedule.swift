package import Calendar
package import FoundationEssentials

/// A schedule as it is to be: when it fires, and the job that each fire makes.
package struct NewSchedule: Sendable {
    package let id: UUID
    package let tenant: String
    /// Unique within its tenant.
    package let name: String
    package let expression: CronExpression
    /// IANA name.
    package let timeZone: String
    package let kind: JobKind
    /// JSON text of each job, byte for byte.
    package let payload: String
    package var lane: Lane
    package var clockChanges: ClockChangePolicy
    package var catchUp: CatchUpPolicy = .latest
    package var overlap: OverlapPolicy = .allow
    /// Each job starts up to so many seconds after its fire, always the same for the same fire.
    package var jitterSeconds = 0
    /// Pauses the schedule after so many failed jobs in a row; 0 never does.
    package var pauseAfterFailures = 0
    /// Why it does not fire from the beginning; nil when it does.
    package var pauseReason: String?

    /// Reads the expression and checks the name.
    ///
    /// - Throws: ``JobError/Code/invalidSchedule``, which says what is wrong.
    package init(
        id: UUID = UUID(),
        tenant: String,
        name: String,
        expression: String,
        timeZone: String = "UTC",
        kind: JobKind,
        payload: String = "{}"
    ) throws {
        guard (1...100).contains(name.utf8.count), name.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
            throw JobError(.invalidSchedule, "a schedule's name is 1 to 100 printable ASCII characters without spaces")
        }
        self.id = id
        self.tenant = tenant
        self.name = name
        self.expression = try JobError.translating { () throws(CalendarError) in try CronExpression(expression) }
        self.timeZone = timeZone
        self.kind = kind
        self.payload = payload
        lane = kind.lane
        clockChanges = .standard(for: self.expression)
    }

    /// Refuses numbers that would ask for more than is kept or can be computed in a moment.
    func requireBounds() throws(JobError) {
        let refusal: String? =
            switch catchUp {
            case .all(let limit) where !(0...Recurrence.countLimit).contains(limit):
                "catch-up all takes 0 to \(Recurrence.countLimit) fires"
            case .within(let seconds) where !(0...Self.longestCatchUp).contains(seconds):
                "catch-up within takes 0 to \(Self.longestCatchUp) seconds"
            default:
                !(0...86_400).contains(jitterSeconds)
                    ? "jitter takes 0 to 86400 seconds"
                    : pauseAfterFailures < 0 ? "pausing takes a number of failures, or 0" : nil
            }
        if let refusal { throw JobError(.invalidSchedule, refusal) }
    }

    /// Ninety days: as long as fires are remembered.
    private static let longestCatchUp: Int64 = 90 * 86_400
}

extension JobError {
    /// Runs calendar work; its refusals become refusals of the schedule.
    static func translating<Value>(_ body: () throws(CalendarError) -> Value) throws(JobError) -> Value {
        do {
            return try body()
        } catch {
            throw JobError(.invalidSchedule, error.message)
        }
    }
}
