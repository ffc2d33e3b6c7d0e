import Contract
import Jobs
import Pricing

/// Fetches public prices into the store.
struct PricingFetchHandler: JobHandler {
    let kind = JobKind.pricingFetch
    let refresh: PriceRefresh
    let sources: PriceSources
    let defaultRegion: String

    func run(_ job: ClaimedJob, _ context: JobContext) async throws -> JobOutcome {
        let order: PriceFetchOrder
        do {
            order = try PriceFetchOrder(body: Array(job.payload.utf8), defaultRegion: defaultRegion)
        } catch {
            return .failed(JobFailure(error))
        }
        do {
            return .succeeded(result: JSONValue.array(try await fetch(order, context).map(\.json)).text())
        } catch {
            return JobOutcome(error)
        }
    }

    private func fetch(_ order: PriceFetchOrder, _ context: JobContext) async throws(PricingError) -> [PriceRefresh
        .Outcome]
    {
        if order.dataType == .spotAdvisor { return [try await refresh.spotAdvisor(from: sources.advisor)] }
        var outcomes: [PriceRefresh.Outcome] = []
        for region in order.regions {
            outcomes.append(try await fetch(order, region))
            context.report(done: outcomes.count, of: order.regions.count, message: region)
        }
        return outcomes
    }

    private func fetch(_ order: PriceFetchOrder, _ region: String) async throws(PricingError) -> PriceRefresh.Outcome {
        switch order.dataType {
        case .spotAdvisor:
            return try await refresh.spotAdvisor(from: sources.advisor)
        case .onDemandPrices:
            guard !order.instanceTypes.isEmpty, await hasCredentials() else {
                return try await refresh.onDemand(from: sources.onDemand, region: region)
            }
            return try await refresh.products(
                from: sources.products(region: region),
                region: region,
                instanceTypes: order.instanceTypes
            )
        case .instanceTypes:
            return try await refresh.catalogue(from: sources.instanceTypes(region: region))
        case .availabilityZones:
            return try await refresh.zones(from: sources.regions(of: region), region: region)
        }
    }

    /// Without them the public file tells the same prices, only more slowly.
    private func hasCredentials() async -> Bool { (try? await sources.hasCredentials()) ?? false }
}

extension PriceRefresh.Outcome {
    fileprivate var json: JSONValue {
        switch self {
        case .unchanged: ["changed": false]
        case .stored(let outcome, let source):
            ["changed": .bool(outcome.changed), "records": .integer(Int64(outcome.rows)), "source": .string(source)]
        }
    }
}
