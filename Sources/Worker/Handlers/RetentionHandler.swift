import Contract
import CustomEngines
import Decisions
import FoundationEssentials
import Jobs
import Pricing
import Registry

/// Drops what is past its time.
struct RetentionHandler: JobHandler {
    let kind = JobKind.retention
    let retention: Retention
    let archive: DecisionArchive
    let engines: EngineStore
    let prices: PriceStore
    let priceDays: Int
    let models: ModelStore

    func run(_ job: ClaimedJob, _ context: JobContext) async throws -> JobOutcome {
        let inputs = try await archive.sweep()
        try await engines.sweepDifferences()
        let imports = try await models.sweepImports()
        let pages = try await prices.keepUp(days: priceDays)
        let expired = try await retention.sweep()
        let result: JSONValue = [
            "days_dropped": .integer(Int64(expired.days.count)),
            "jobs_dropped": .integer(Int64(expired.jobs)),
            "attempts_dropped": .integer(Int64(expired.attempts)),
            "days_kept_for_live_jobs": .integer(Int64(expired.kept.count)),
            "uploads_given_up": .integer(Int64(imports)),
            "price_partitions_dropped": .array(pages.dropped.map(JSONValue.string)),
            "prices_deleted": .integer(Int64(pages.deleted)),
            "decision_input_days_dropped": .integer(Int64(inputs.count)),
        ]
        return .succeeded(result: result.text())
    }
}
