import ArgumentParser
import Fetch
import FoundationEssentials
import Jobs
import Logging
import Pricing
import Redis
import Settings
import ThreadExecution

struct PricingCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pricing",
        abstract: "Loads, fetches and shows public price data.",
        subcommands: [
            LoadPrices.self, FetchPrices.self, PriceStatus.self, PriceStats.self, PriceCoverage.self, ExportPrices.self,
        ]
    )
}

/// A source by its name on the command line.
enum PriceSourceName: String, ExpressibleByArgument, CaseIterable {
    case spotAdvisor = "spot-advisor"
    case onDemand = "on-demand"

    /// As a job's payload names it.
    var dataType: String {
        switch self {
        case .spotAdvisor: "spot_advisor"
        case .onDemand: "on_demand_prices"
        }
    }

    /// As the store names it.
    var stored: String {
        switch self {
        case .spotAdvisor: PriceSourceStatus.spotAdvisor
        case .onDemand: PriceSourceStatus.onDemand
        }
    }
}

struct LoadPrices: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "load",
        abstract: "Loads local copies of the public sources, or a small invented sample.",
        discussion: "Prints a line for each source. What is already stored stays when a file cannot be used."
    )

    @Option(help: "The Spot Advisor feed (spot-advisor-data.json).")
    var spotAdvisor: String?

    @Option(help: "On-Demand prices: AWS's offer file as CSV, plain or gzip, or a JSON table of prices.")
    var onDemand: String?

    @Option(help: "Instance types: describe-instance-types JSON, or a map from type to attributes.")
    var catalogue: String?

    @Flag(help: "The built-in sample, marked SAMPLE in every answer. It never replaces real data.")
    var sample = false

    @Flag(help: "Take a feed or an offer file although it has far fewer rows than the one before.")
    var force = false

    func validate() throws {
        guard sample || spotAdvisor != nil || onDemand != nil || catalogue != nil else {
            throw ValidationError("name a file with --spot-advisor, --on-demand or --catalogue, or use --sample")
        }
    }

    func run() async throws {
        let readers = ComputePool(name: "read", threads: 1)
        try await Stores.with { stores in
            let store = PriceStore(pool: stores.pool)
            if let path = spotAdvisor {
                let feed = try await readers.run { try SpotAdvisorFeed(parsing: try Self.bytes(path), document: path) }
                let outcome = try await store.replaceSpotAdvisor(feed, etag: nil, source: path.fileName, force: force)
                let left = feed.report.malformed == 0 ? "" : ", \(feed.report.malformed) malformed rows left out"
                print("spot advisor: \(outcome.rows) rows from \(path)\(left)")
            }
            if let path = onDemand {
                let list = try await readers.run { try OnDemandFile.open(path, region: stores.settings.pricing.region) }
                let outcome = try await store.mergeOnDemand(list, source: path.fileName, force: force)
                print("on-demand: \(outcome.rows) prices from \(path)")
            }
            if let path = catalogue {
                let file = try await readers.run { try CatalogueFile(parsing: try Self.bytes(path), document: path) }
                let outcome = try await store.mergeCatalogue(file.facts, source: path.fileName)
                print("catalogue: \(outcome.rows) instance types from \(path)")
            }
            if sample { try await loadSample(into: store) }
        }
        await readers.shutdown()
    }

    private func loadSample(into store: PriceStore) async throws(PricingError) {
        do {
            let outcome = try await store.replaceSpotAdvisor(
                SamplePrices.advisor,
                etag: nil,
                source: SamplePrices.source,
                isSample: true
            )
            _ = try await store.mergeOnDemand(SamplePrices.onDemand, source: SamplePrices.source, isSample: true)
            print("SAMPLE: \(outcome.rows) invented rows; every answer says so")
        } catch {
            guard error.code == .sampleOverReal else { throw error }
            print("SAMPLE: not loaded, real data are there already")
        }
    }

    private static func bytes(_ path: String) throws -> [UInt8] {
        do {
            return Array(try Data(contentsOf: URL(filePath: path)))
        } catch {
            throw ControlError("\(path) cannot be read; check that the file exists and may be read")
        }
    }
}

struct PriceStatus: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Shows what is stored, from where, and how old it is.",
        discussion: """
            With a source's name: one line and status 0 when it is loaded; status 4 when its last fetch failed and \
            nothing is stored; status 3 when neither has happened yet.
            """
    )

    @Argument(help: "spot-advisor or on-demand; all when left out.")
    var source: PriceSourceName?

    func run() async throws {
        try await Stores.with { stores in
            let all = try await PriceStore(pool: stores.pool).sources()
            let shown = all.filter { source == nil || $0.name == source?.stored }
            for status in shown {
                let region = status.region.map { " \($0)" } ?? ""
                print(
                    "\(status.name)\(region): \(status.rows) rows from \(status.source), confirmed \(status.confirmedAt.formatted(.iso8601))"
                )
            }
            guard let source, shown.isEmpty else { return }
            if try await JobLedger(pool: stores.pool).hasFailedAttempt(
                kind: .pricingFetch,
                member: "data_type",
                value: source.dataType
            ) {
                print("\(source.rawValue): not loaded, and fetching failed")
                throw ExitCode(4)
            }
            print("\(source.rawValue): not loaded yet")
            throw ExitCode(3)
        }
    }
}

extension String {
    /// The last part of a path.
    fileprivate var fileName: String { split(separator: "/").last.map(String.init) ?? self }
}
