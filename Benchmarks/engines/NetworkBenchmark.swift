import Contract
import Engines

/// 5,000 pods of 1,500 services on 250 nodes in three zones, and 50,000 pairs with traffic.
enum NetworkBenchmark {
    static func run() throws {
        let body = document(pods: 5000, pairs: 50_000).bytes()
        var market = RegionMarket(region: "us-east-1")
        market.services = ServicePrices(usd: [.crossZoneTransfer: 0.01])
        print("network request: \(body.count >> 10) KiB")
        try Stopwatch.measure("network: JSON alone", target: 2) { try JSONParser.parse(body) }
        let request = try DecisionRequest(body: body, type: .networkOptimize)
        try Stopwatch.measure("network: envelope and cluster", target: 2) {
            try DecisionRequest(body: body, type: .networkOptimize)
        }
        let engine = try NetworkOptimizer(request, defaults: .init(region: "us-east-1"))
        try Stopwatch.measure("network: request read", target: 2) {
            try NetworkOptimizer(request, defaults: .init(region: "us-east-1"))
        }
        var decision: Decision?
        try Stopwatch.measure("network: 5,000 pods, 50,000 edges, decided", target: 2, repeats: 3) {
            decision = try engine.decide(in: market, now: Timestamp(seconds: 1_753_876_800))
        }
        for name in ["cross_zone_daily_gb_now", "cross_zone_daily_gb_after", "moves", "search"] {
            print("  \(name): \(decision?.metadata[name]?.text() ?? "-")")
        }
        print("  peak memory: \(Stopwatch.peakMebibytes) MiB")
    }

    static func document(pods: Int, pairs: Int) -> JSONValue {
        var random = Sequence64(state: 1)
        let zones = ["us-east-1a", "us-east-1b", "us-east-1c"]
        let nodes: [JSONValue] = (0..<pods / 20).map { index in
            [
                "name": .string("n\(index)"), "cpu_capacity": 16, "memory_capacity": 64,
                "zone": .string(zones[index % 3]), "instance_type": "m5.4xlarge",
            ]
        }
        var list: [JSONValue] = []
        var names: [String] = []
        var service = 0
        while list.count < pods {
            for replica in 0..<Int.random(in: 1...6, using: &random) where list.count < pods {
                names.append("svc\(service)-\(replica)")
                list.append([
                    "name": .string("svc\(service)-\(replica)"), "namespace": "shop",
                    "service": .string("svc\(service)"),
                    "node_name": .string("n\(Int.random(in: 0..<nodes.count, using: &random))"),
                    "cpu_request": .double([0.1, 0.25, 0.5, 1].randomElement(using: &random) ?? 0.1),
                    "memory_request": "256Mi",
                ])
            }
            service += 1
        }
        let rows: [JSONValue] = (0..<pairs).map { _ in
            // Most talk to few: the square draws towards the first ones.
            let one = Int.random(in: 0..<names.count, using: &random)
            let share = Double.random(in: 0..<1, using: &random)
            let two = min(names.count - 1, Int(share * share * Double(names.count)))
            return [
                "pod_a": .string("shop/" + names[one]), "pod_b": .string("shop/" + names[two]),
                "daily_gb": .double(Double(Int.random(in: 1...40_000, using: &random)) / 1000),
            ]
        }
        return [
            "cluster_state": ["nodes": .array(nodes), "pods": .array(list)],
            "requirements": ["traffic_matrix": .array(rows)],
        ]
    }
}
