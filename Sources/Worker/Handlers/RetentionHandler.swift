import Contract
import CustomEngines
import Decisions
import FoundationEssentials
import Jobs

/// Drops what is past its time.
struct RetentionHandler: JobHandler {
    let kind = JobKind.retention
    let retention: Retention
    let archive: DecisionArchive
    let engines: EngineStore

    func run(_ job: ClaimedJob, _ context: JobContext) async throws -> JobOutcome {
        let inputs = try await archive.sweep()
        try await engines.sweepDifferences()
        let expired = try await retention.sweep()
        let result: JSONValue = [
            "days_dropped": .integer(Int64(expired.days.count)),
            "jobs_dropped": .integer(Int64(expired.jobs)),
            "attempts_dropped": .integer(Int64(expired.attempts)),
            "days_kept_for_live_jobs": .integer(Int64(expired.kept.count)),
            "decision_input_days_dropped": .integer(Int64(inputs.count)),
        ]
        return .succeeded(result: result.text())
    }
}
