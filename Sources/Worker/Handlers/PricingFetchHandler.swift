import Contract
import Jobs
import Pricing

/// Fetches public prices into the store.
struct PricingFetchHandler: JobHandler {
    let kind = JobKind.pricingFetch
    let refresh: PriceRefresh
    let defaultRegion: String

    func run(_ job: ClaimedJob) async throws -> JobOutcome {
        let order: PriceFetchOrder
        do {
            order = try PriceFetchOrder(body: Array(job.payload.utf8), defaultRegion: defaultRegion)
        } catch {
            return .failed(JobFailure(code: error.code.rawValue, message: error.message, field: error.field, hint: error.hint))
        }
        do {
            return .succeeded(result: JSONValue.array(try await fetch(order).map(\.json)).text())
        } catch {
            if error.code == .cancelled { return .cancelled }
            let failure = JobFailure(
                code: "fetch_failed", message: error.description,
                hint: "Stored prices stay in use. Check the network, the credentials, SPOT_ADVISOR_URL, PRICE_LIST_URL.")
            return error.code == .refused ? .failed(failure) : .retry(failure)
        }
    }

    private func fetch(_ order: PriceFetchOrder) async throws(PricingError) -> [PriceRefresh.Outcome] {
        switch order.dataType {
        case .spotAdvisor: return [try await refresh.spotAdvisor()]
        case .onDemandPrices:
            var outcomes: [PriceRefresh.Outcome] = []
            for region in order.regions { outcomes.append(try await refresh.onDemandPrices(region: region)) }
            return outcomes
        case .instanceTypes:
            var outcomes: [PriceRefresh.Outcome] = []
            for region in order.regions { outcomes.append(try await refresh.catalogue(region: region)) }
            return outcomes
        }
    }
}

extension PriceRefresh.Outcome {
    fileprivate var json: JSONValue {
        ["source": .string(source), "records": .integer(Int64(rows)), "changed": .bool(changed)]
    }
}
