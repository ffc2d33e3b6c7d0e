import ArgumentParser
import Contract
import FoundationEssentials
import Jobs
import Logging
import Pricing
import Settings

/// What workers can be made to fetch.
enum FetchedSource: String, ExpressibleByArgument, CaseIterable {
    case spotAdvisor = "spot-advisor"
    case onDemand = "on-demand"
    case spotPrices = "spot-prices"
    case instanceTypes = "instance-types"
    case availabilityZones = "availability-zones"

    /// As a job's payload names it; nil for the spot history, which is a kind of its own.
    var dataType: String? {
        switch self {
        case .spotAdvisor: "spot_advisor"
        case .onDemand: "on_demand_prices"
        case .spotPrices: nil
        case .instanceTypes: "instance_types"
        case .availabilityZones: "availability_zones"
        }
    }
}

struct FetchPrices: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fetch",
        abstract: "Has workers fetch a source now.",
        discussion: """
            Submits a job; with --wait it returns when the job has ended, and fails when the job failed. spot-prices fetches \
            what is missing between --since and --until; --type narrows on-demand (a hundred names at most, asked for one \
            by one where there are AWS keys) and spot-prices.

            Example: cloudoptim pricing fetch spot-prices --region eu-west-1 --type 'm5.*' --since 7d --wait
            """
    )

    @Argument(help: "spot-advisor, on-demand, spot-prices, instance-types or availability-zones.")
    var source: FetchedSource

    @OptionGroup var history: HistoryOptions

    @Flag(help: "Wait for the end.")
    var wait = false

    func run() async throws {
        try await Stores.with { stores in
            try await stores.withRedis { doorbell, _ in
                let ledger = JobLedger(pool: stores.pool)
                let intake = JobIntake(ledger: ledger, doorbell: doorbell, logger: Logger(label: "cloudoptim"))
                let id = try await intake.accept(try job(stores.settings.pricing.region)).id
                print("job \(id)")
                while wait {
                    if let ended = try await ledger.ended(among: [id]).first {
                        guard ended.state == .succeeded else {
                            throw ControlError("fetching failed: \(ended.failure?.message ?? ended.state.rawValue)")
                        }
                        print(ended.result ?? "done")
                        return
                    }
                    try await Task.sleep(for: .milliseconds(100))
                }
            }
        }
    }

    private func job(_ defaultRegion: String) throws -> NewJob {
        guard let dataType = source.dataType else {
            let order = try history.order(defaultRegion)
            return NewJob(tenant: "system", kind: .spotHistory, payload: order.json.text(.canonical))
        }
        let regions = history.region.isEmpty ? [defaultRegion] : history.region
        let document: JSONValue = [
            "data_type": .string(dataType), "regions": .array(regions.map { .string($0) }),
            "instance_types": .array(history.type.map { .string($0) }),
        ]
        do {
            let order = try PriceFetchOrder(body: document.bytes(), defaultRegion: defaultRegion)
            return NewJob(tenant: "system", kind: .pricingFetch, payload: order.json.text(.canonical))
        } catch {
            throw ControlError("\(error.message); \(error.hint)", status: 2)
        }
    }
}
