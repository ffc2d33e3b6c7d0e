import Contract
import Engines
import FoundationEssentials

/// Placement sets from files, solved with all effort: for comparing with another solver.
enum SetRun {
    static func run(_ paths: [String]) throws {
        var market = RegionMarket(region: "us-east-1")
        market.services = ServicePrices(usd: [.crossZoneTransfer: 0.01])
        for path in paths {
            let set = try JSONParser.parse([UInt8](try Data(contentsOf: URL(filePath: path))))
            let body: JSONValue = ["cluster_state": set, "requirements": ["levers": ["placement"]]]
            let request = try DecisionRequest(body: body.bytes(), type: .networkOptimize)
            let start = Stopwatch.seconds()
            let engine = try NetworkOptimizer(request, defaults: .init(region: "us-east-1"))
            let decision = try engine.decide(in: market, now: Timestamp(seconds: 1_753_876_800))
            let milliseconds = Int(((Stopwatch.seconds() - start) * 1000).rounded())
            let now = decision.metadata["cross_zone_daily_gb_now"]?.text() ?? "-"
            let after = decision.metadata["cross_zone_daily_gb_after"]?.text() ?? "-"
            print("\(path) now \(now) after \(after) ms \(milliseconds) \(decision.metadata["search"]?.text() ?? "-")")
        }
    }
}
