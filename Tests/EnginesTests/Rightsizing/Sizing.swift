import Contract
import Engines

/// Requests and markets for the tests of rightsizing and of the memory repair.
enum Sizing {
    static let now = Market.noon

    /// A small catalogue with prices, some of them missing on purpose.
    static func market() throws -> RegionMarket {
        var rows: [Market.Row] = [
            .init(name: "m5.large", vcpus: 2, gib: 8, onDemand: 0.096),
            .init(name: "m5.xlarge", vcpus: 4, gib: 16, onDemand: 0.192),
            .init(name: "m5.2xlarge", vcpus: 8, gib: 32, onDemand: 0.384),
            .init(name: "m5.4xlarge", vcpus: 16, gib: 64, onDemand: 0.768),
            .init(name: "m5.8xlarge", vcpus: 32, gib: 128, onDemand: 1.536),
            .init(name: "c6i.xlarge", vcpus: 4, gib: 8, onDemand: 0.17),
            .init(name: "c6i.2xlarge", vcpus: 8, gib: 16, onDemand: 0.34),
            .init(name: "r6i.large", vcpus: 2, gib: 16, onDemand: 0.126),
            .init(name: "r6i.xlarge", vcpus: 4, gib: 32, onDemand: 0.252),
            .init(name: "r6i.2xlarge", vcpus: 8, gib: 64, onDemand: 0.504),
            .init(name: "t3.large", vcpus: 2, gib: 8, onDemand: 0.0832),
            .init(name: "t3.xlarge", vcpus: 4, gib: 16, onDemand: 0.1664),
            .init(name: "g4dn.xlarge", vcpus: 4, gib: 16, onDemand: 0.526, gpu: 1),
            .init(name: "g4dn.4xlarge", vcpus: 16, gib: 64, onDemand: 1.204, gpu: 1),
            .init(name: "m6g.xlarge", vcpus: 4, gib: 16, onDemand: 0.154, arm: true),
            .init(name: "m5d.xlarge", vcpus: 4, gib: 16, onDemand: 0.226),
            .init(name: "m5d.4xlarge", vcpus: 16, gib: 64, onDemand: 0.904),
            .init(name: "m7i.xlarge", vcpus: 4, gib: 16, onDemand: nil),
            .init(name: "x9.odd", vcpus: 8, gib: 32, onDemand: nil),
        ]
        rows[0].band = 0
        var market = try Market.make(rows)
        market.catalogue["m5d.xlarge"]?.localDiskGB = 150
        market.catalogue["m5d.4xlarge"]?.localDiskGB = 600
        for name in market.catalogue.keys { market.catalogue[name]?.networkMbps = 1250 }
        market.catalogue["m5.large"]?.networkMbps = 750
        return market
    }

    static func request(_ text: String, type: DecisionType = .rightsize) throws -> DecisionRequest {
        try DecisionRequest(body: Array(text.utf8), type: type)
    }

    static func decide(
        _ state: String,
        _ requirements: String = "{}",
        constraints: String = "{}",
        explain: Bool = false,
        in market: RegionMarket? = nil,
        now: Timestamp = now
    ) throws -> Decision {
        let text =
            "{\"cluster_state\":\(state),\"requirements\":\(requirements),\"constraints\":\(constraints)"
            + (explain ? ",\"explain\":\"full\"}" : "}")
        let engine = try Rightsizer(try request(text), defaults: .init(region: "us-east-1"))
        return try engine.decide(in: try market ?? Sizing.market(), now: now)
    }

    /// One node in the documented small shape with its use in percent.
    static func node(
        _ type: String = "m5.4xlarge",
        cpu: Double,
        memory: Double,
        cores: Int = 16,
        gb: Int = 64,
        extra: String = "",
        pods: String = "[]"
    ) -> String {
        """
        {"nodes":[{"name":"n1","instance_type":"\(type)","cpu_cores":\(cores),"memory_gb":\(gb)\(extra)}],
        "pods":\(pods),"metrics":{"n1":{"cpu_usage_pct":\(cpu),"memory_usage_pct":\(memory)}}}
        """
    }

    /// `[[t, v], …]`, one point each step, ending at the clock.
    static func series(
        _ count: Int = 2305,
        step: Int64 = 300_000,
        end: Timestamp = now,
        _ value: (Int) -> Double
    ) -> String {
        let points = (0..<count).map { index -> String in
            let at = end.milliseconds - Int64(count - 1 - index) * step
            return "[\(at),\(value(index))]"
        }
        return "[" + points.joined(separator: ",") + "]"
    }

    /// A native pod of a ReplicaSet `web-abc12` with one container `app`.
    static func pod(
        _ name: String = "web-abc12-x1",
        resources: String = #"{"requests":{"cpu":"1","memory":"1Gi"},"limits":{"memory":"1Gi"}}"#,
        owner: String? =
            #"{"apiVersion":"apps/v1","kind":"ReplicaSet","name":"web-abc12","uid":"r1","controller":true}"#,
        extra: String = "",
        status: String = "",
        node: String = "n1",
        namespace: String = "shop"
    ) -> String {
        """
        {"apiVersion":"v1","kind":"Pod","metadata":{"name":"\(name)","namespace":"\(namespace)","uid":"uid-\(name)",
        "labels":{"pod-template-hash":"abc12"},"ownerReferences":[\(owner ?? "")]},
        "spec":{"nodeName":"\(node)","containers":[{"name":"app","image":"shop:1","resources":\(resources)\(extra)}]},
        "status":{"phase":"Running","containerStatuses":[\(status)]}}
        """
    }

    static func decideOOM(
        _ state: String,
        _ requirements: String = "{}",
        explain: Bool = false,
        in market: RegionMarket? = nil,
        now: Timestamp = now
    ) throws -> Decision {
        let text =
            "{\"cluster_state\":\(state),\"requirements\":\(requirements)"
            + (explain ? ",\"explain\":\"full\"}" : "}")
        let engine = try OOMRemediator(
            try request(text, type: .oomkilledRemediate),
            defaults: .init(region: "us-east-1")
        )
        return try engine.decide(in: try market ?? Sizing.market(), now: now)
    }

    /// The reply without what differs from run to run.
    static func bytes(_ decision: Decision) -> [UInt8] {
        DecisionResponse(
            decision,
            DecisionEnvelope(requestID: "r", timestamp: now, processingMilliseconds: 0)
        ).json.bytes()
    }
}

extension Decision {
    var first: JSONValue? { recommendations.first }
}
