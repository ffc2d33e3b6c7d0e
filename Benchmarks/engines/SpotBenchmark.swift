import Contract
import Engines
import Feed
import FoundationEssentials

/// Every type of every region of a recorded feed, scored; and the feed read.
enum SpotBenchmark {
    static func run(shared: String) throws {
        let bytes = [UInt8](
            try Data(contentsOf: URL(filePath: shared + "/data/spot-advisor/spot-advisor-data_2025-07.json"))
        )
        try Stopwatch.measure("spot: feed of \(bytes.count >> 10) KiB read and checked", target: 0.06) {
            try SpotAdvisorFeed(parsing: bytes, document: "feed")
        }
        let feed = try JSONParser.parse(bytes)
        let prices = try JSONParser.parse(
            [UInt8](try Data(contentsOf: URL(filePath: shared + "/data/on-demand/karpenter_us-east-1_2025-07-29.json")))
        )
        var onDemand: [String: Double] = [:]
        for member in prices["prices"]?["us-east-1"]?.object?.members ?? [] {
            onDemand[member.key] = member.value.number
        }
        // Prices of one region stand in for all: the work is the same.
        let markets = (feed["spot_advisor"]?.object?.members ?? []).map { region in
            market(region.key, region.value["Linux"]?.object?.members ?? [], onDemand)
        }
        let now = Timestamp(seconds: 1_753_876_800)
        let rows = markets.reduce(0) { $0 + $1.advisor.count }
        Stopwatch.measure("spot: \(markets.count) regions, \(rows) types scored", target: 0.15) {
            markets.reduce(0) { sum, market in
                sum + SpotOptimizer.scores(SpotRequest(region: market.region), market: market, now: now).count
            }
        }
    }

    private static func market(
        _ region: String,
        _ rows: [JSONObject.Member],
        _ onDemand: [String: Double]
    ) -> RegionMarket {
        var market = RegionMarket(region: region, onDemand: onDemand)
        market.advisor = rows.compactMap { row in
            guard let band = row.value["r"]?.integer, let savings = row.value["s"]?.integer, (0...4).contains(band)
            else {
                return nil
            }
            return AdvisorEntry(
                instanceType: row.key,
                band: InterruptionBand.standard[Int(band)],
                savingsPercent: Int(savings)
            )
        }
        return market
    }
}
