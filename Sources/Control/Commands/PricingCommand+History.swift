import ArgumentParser
import Contract
import FoundationEssentials
import Pricing

struct PriceStats: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stats",
        abstract: "Counts what is stored."
    )

    @OptionGroup var output: OutputOptions

    func run() async throws {
        try await Stores.with { stores in
            let statistics = try await PriceStore(pool: stores.pool).statistics()
            guard !output.json else {
                let document: JSONValue = [
                    "spot_prices": .integer(Int64(statistics.spotPrices)),
                    "on_demand_prices": .integer(Int64(statistics.onDemandPrices)),
                    "spot_advisor_rows": .integer(Int64(statistics.spotAdvisorRows)),
                    "instance_types": .integer(Int64(statistics.instanceTypes)),
                    "regions": .integer(Int64(statistics.regions)),
                ]
                return print(document.text())
            }
            var table = TextTable([.init(heading: "what"), .init(heading: "stored", isNumber: true)])
            table.add(["spot prices", Age.number(statistics.spotPrices)])
            table.add(["on-demand prices", Age.number(statistics.onDemandPrices)])
            table.add(["spot advisor rows", Age.number(statistics.spotAdvisorRows)])
            table.add(["instance types", Age.number(statistics.instanceTypes)])
            table.add(["regions", Age.number(statistics.regions)])
            print(table.text)
            if let oldest = statistics.oldestSpotPrice, let newest = statistics.newestSpotPrice {
                print("spot prices from \(oldest.formatted(.iso8601)) to \(newest.formatted(.iso8601))")
            }
        }
    }
}

struct PriceCoverage: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "coverage",
        abstract: "Shows which stretches of the spot price history have been fetched."
    )

    @Option(help: "Only this region's.")
    var region: String?

    @OptionGroup var output: OutputOptions

    func run() async throws {
        try await Stores.with { stores in
            let stretches = try await PriceStore(pool: stores.pool).coverage(region: region)
            guard !output.json else {
                let documents = stretches.map { stretch -> JSONValue in
                    [
                        "region": .string(stretch.region), "instance_type": .string(stretch.instanceType),
                        "product_description": .string(stretch.product),
                        "from": .string(stretch.from.formatted(.iso8601)),
                        "until": .string(stretch.until.formatted(.iso8601)),
                    ]
                }
                return print(JSONValue.array(documents).text())
            }
            guard !stretches.isEmpty else { return print("nothing has been fetched yet: see `cloudoptim gaps fill`") }
            var table = TextTable([
                .init(heading: "region"), .init(heading: "type"), .init(heading: "product"), .init(heading: "from"),
                .init(heading: "until"),
            ])
            for stretch in stretches {
                table.add([
                    stretch.region, stretch.instanceType.isEmpty ? "all" : stretch.instanceType,
                    stretch.product.isEmpty ? "all" : stretch.product, stretch.from.formatted(.iso8601),
                    stretch.until.formatted(.iso8601),
                ])
            }
            print(table.text)
        }
    }
}

struct ExportPrices: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Writes the spot prices of one type and region as CSV, newest first.",
        discussion: "Example: cloudoptim pricing export --region us-east-1 --type m5.large --since 30d > prices.csv"
    )

    @Option(help: "The region.")
    var region: String

    @Option(help: "The instance type.")
    var type: String

    @Option(help: "From when on: 30d ago, or a time.")
    var since: TimeArgument?

    @Option(help: "Until when.")
    var until: TimeArgument?

    func run() async throws {
        try await Stores.with { stores in
            let store = PriceStore(pool: stores.pool)
            var filter = SpotPriceFilter(region: region, instanceType: type)
            (filter.from, filter.until) = (since?.date, until?.date)
            Terminal.line("region,availability_zone,instance_type,product_description,spot_price,timestamp")
            var place: (at: Date, poolID: Int64)?
            while true {
                let page = try await store.spotPrices(filter, limit: 10_000, after: place)
                for row in page {
                    Terminal.line(
                        "\(region),\(row.zone),\(type),\(row.product),\(row.price),\(row.at.formatted(.iso8601))"
                    )
                }
                guard page.count == 10_000, let last = page.last else { return }
                place = (last.at, last.poolID)
            }
        }
    }
}
