import Contract
import FoundationEssentials
import Jobs
import Pricing
import Registry

/// Makes the prices complete that models look back over, then activates what was waiting for them.
///
/// A parent job: the spot price history of all regions is one child, which fans out again; On-Demand prices are another.
struct ModelRefreshHandler: JobHandler {
    let kind = JobKind.modelRefresh
    let store: ModelStore
    let history: RefreshHistory
    let ledger: JobLedger
    let defaultRegion: String

    func run(_ job: ClaimedJob, _ context: JobContext) async throws -> JobOutcome {
        do {
            let order = try order(job)
            if let id = order.model { _ = try await store.model(id) }
            try await history.begin(job.id.uuid, order, by: job.tenant)
            let onDemand: JSONValue = [
                "data_type": "on_demand_prices", "regions": .array(order.prices.regions.map(JSONValue.string)),
            ]
            return .fanOut(
                FanOut(children: [
                    child(job, .spotHistory, order.prices.json), child(job, .pricingFetch, onDemand),
                ])
            )
        } catch let error as APIError {
            return .failed(JobFailure(error))
        } catch RegistryError.unknown {
            return .failed(JobFailure(code: "not_found", message: "the model has been removed", field: "model_id"))
        }
    }

    func finish(_ job: ClaimedJob, children: ChildCounts) async throws -> JobOutcome {
        let order: RefreshOrder
        do {
            order = try self.order(job)
        } catch {
            return .failed(JobFailure(error))
        }
        let results = try await ledger.results(ofChildrenOf: job.id).compactMap { try? JSONParser.parse($0) }
        let records = results.reduce(0) { $0 + ($1["records_filled"]?.integer ?? 0) }
        let models = try await models(order)
        guard children.failed == 0 else {
            let message = "\(children.failed) of \(children.total) parts failed; what they had fetched is kept"
            try await history.finish(job.id.uuid, models: [], records: records, error: message)
            return .failed(
                JobFailure(
                    code: "children_failed",
                    message: message,
                    hint:
                        "Ask for the jobs with this parent; each names its own error. A repetition fetches what is missing."
                )
            )
        }
        try await history.finish(job.id.uuid, models: models.map(\.id), records: records, error: nil)
        let result: JSONValue = [
            "status": "completed", "records_fetched": .integer(records),
            "models": .array(models.map { .string($0.idText) }),
            "activation": try await activation(order, models, by: job.tenant),
        ]
        return .succeeded(result: result.text())
    }

    private func order(_ job: ClaimedJob) throws(APIError) -> RefreshOrder {
        try RefreshOrder(
            JSONReader(try JSONValue(body: Array(job.payload.utf8))),
            // The moment of acceptance, so that every attempt means the same stretch.
            now: Timestamp(job.id.acceptedAt),
            defaultRegion: defaultRegion
        )
    }

    private func child(_ job: ClaimedJob, _ kind: JobKind, _ payload: JSONValue) -> NewJob {
        NewJob(tenant: job.tenant, kind: kind, payload: payload.text(.canonical), lane: job.lane)
    }

    private func models(_ order: RefreshOrder) async throws -> [ModelRecord] {
        do {
            if let id = order.model { return [try await store.model(id)] }
            var filter = ModelStore.Filter()
            filter.isActive = true
            return try await store.list(filter, limit: 100, offset: 0).models
        } catch RegistryError.unknown {
            return []
        }
    }

    /// Only a model whose golden sample and metrics pass is activated without a person's word.
    private func activation(_ order: RefreshOrder, _ models: [ModelRecord], by tenant: String) async throws -> JSONValue
    {
        guard order.autoActivate, order.model != nil, let record = models.first else { return "not_asked_for" }
        if record.isActive { return "active_already" }
        var misses = MetricGates.misses(record.metrics)
        let golden = record.description?["golden_sample"]?["passed"]?.bool
        if golden != true { misses.append("its golden sample \(golden == nil ? "is missing" : "fails")") }
        if order.origin != .manual, try await store.wasActive(record) {
            misses.append("it was active before, and a person has moved on from it")
        }
        guard misses.isEmpty else {
            return ["refused": .array(misses.map(JSONValue.string))]
        }
        do {
            _ = try await store.point(ModelAlias.active, to: record.id, by: "refresh of \(tenant)")
            return "activated"
        } catch let error as RegistryError {
            return ["refused": [.string("\(error)")]]
        }
    }
}
