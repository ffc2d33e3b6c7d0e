import Contract
import OracleSupport
import Testing

@testable import Engines

@Suite("Office hours on anything")
struct OfficeHoursPropertyTests {
    private static func world(_ random: inout SeededGenerator) -> JSONValue {
        func pick<Item>(_ items: [Item]) -> Item { items[Int.random(in: items.indices, using: &random)] }
        let schedules = [
            "Mon-Fri 08:00-18:00 Europe/Berlin", "always", "never", "Mon-Sun 22:00-06:00 Asia/Tokyo", "broken",
            "off=(M-F,19);on=(M-F,7);tz=et",
        ]
        var workloads: [JSONValue] = []
        var pods: [JSONValue] = []
        for number in 0..<Int.random(in: 1...40, using: &random) {
            let kind = pick(["Deployment", "StatefulSet", "CronJob", "DaemonSet", "Job"])
            var annotations: [String: String] = [:]
            if Bool.random(using: &random) { annotations["cloudoptim.io/schedule"] = pick(schedules) }
            if Bool.random(using: &random) { annotations["downscaler/original-replicas"] = pick(["0", "3", "x"]) }
            workloads.append(
                OfficeWorld.workload(
                    "w\(number)",
                    kind: kind,
                    namespace: pick(["shop", "lab", "prod", "kube-system"]),
                    replicas: kind == "CronJob" ? nil : pick([0, 1, 3, 1_000_000_000]),
                    labels: pick([["env": "dev"], ["env": "prod"], [:]]),
                    annotations: annotations
                )
            )
            pods.append(
                OfficeWorld.pod("p\(number)", owner: "w\(number)-5f9", node: "n\(number % 7)", namespace: "shop")
            )
        }
        return OfficeWorld.request(
            workloads,
            state: ["pods": .array(pods), "nodes": .array((0..<7).map { OfficeWorld.node("n\($0)") })]
        )
    }

    @Test("production is never scaled, every scale-down asks, and order changes nothing", arguments: 0..<25)
    func safe(seed: Int) throws {
        var random = SeededGenerator(seed: UInt64(seed))
        let document = Self.world(&random)
        for hours in [0, 10, 83] {
            let now = FleetRun.now.adding(hours: hours)
            let decision = try FleetRun.decide(OfficeHours.self, document, now: now)
            for item in decision.recommendations {
                #expect(!["prod", "kube-system"].contains(item["namespace"]?.string ?? ""))
                if ["scale_down", "suspend"].contains(item["action"]?.string ?? "") {
                    #expect(item["requires_confirmation"] == true)
                }
            }
            FleetRun.expectConfirmations(decision)
            #expect(decision.estimatedSavings >= 0 && decision.estimatedSavings <= 7 * 0.096 * 730)
            let other = try FleetRun.decide(OfficeHours.self, FleetRun.shuffled(document, &random), now: now)
            FleetRun.expectSame(other, decision)
        }
    }

    @Test("more hours never save more", arguments: 0..<20)
    func monotone(seed: Int) throws {
        var random = SeededGenerator(seed: UInt64(100 + seed))
        let start = Int.random(in: 1...12, using: &random)
        let end = Int.random(in: 13...22, using: &random)
        func savings(_ from: Int, _ to: Int) throws -> Double {
            func two(_ hour: Int) -> String { hour < 10 ? "0\(hour)" : "\(hour)" }
            return try FleetRun.decide(
                OfficeHours.self,
                OfficeWorld.request(
                    [OfficeWorld.workload("api")],
                    state: [
                        "nodes": [OfficeWorld.node("a")],
                        "pods": [OfficeWorld.pod("api-1", owner: "api-5f9", node: "a")],
                    ],
                    schedule: .string("Mon-Sat \(two(from)):00-\(two(to)):00 Australia/Lord_Howe")
                )
            ).estimatedSavings
        }
        let narrow = try savings(start, end)
        #expect(narrow > 0)
        #expect(try savings(start - 1, end) < narrow)
        #expect(try savings(start, end + 1) < narrow)
    }

    @Test(
        "hostile input: a clear error or a flagged answer, never a scale-down",
        arguments: [
            #"{"cluster_state":{},"requirements":{"schedule":7}}"#,
            #"{"cluster_state":{},"requirements":{"schedule":{}}}"#,
            #"{"cluster_state":{},"requirements":{"schedule":"never","timezone":"Mars"}}"#,
            #"{"cluster_state":{},"requirements":{"schedule":"never","override":{"state":"off"}}}"#,
            #"{"cluster_state":{},"requirements":{"schedule":"never","lead_minutes":-1}}"#,
            #"{"cluster_state":{"workloads":[null,7,{},{"name":""}]},"requirements":{"schedule":"never"}}"#,
            #"{"cluster_state":{"deployments":[{"kind":"Deployment","metadata":{"name":"a","namespace":"n"},"spec":{"replicas":-3}}]},"requirements":{"schedule":"never","environment":"dev"}}"#,
            #"{"cluster_state":{"deployments":[{"kind":"Deployment","metadata":{"name":"a","namespace":"n"},"spec":{"replicas":1e300}}]},"requirements":{"schedule":"never","environment":"dev"}}"#,
            #"{"cluster_state":{"sleepinfos":[7,{"metadata":{"namespace":"n"}}]},"requirements":{}}"#,
            #"{"cluster_state":{"namespaces":[{"metadata":{"name":"n","annotations":{"downscaler/uptime":"x"}}}],"deployments":[{"kind":"Deployment","metadata":{"name":"a","namespace":"n"},"spec":{"replicas":3}}]},"requirements":{"schedule":"never","environment":"dev"}}"#,
        ]
    )
    func hostile(body: String) throws {
        do {
            let decision = try FleetRun.decide(OfficeHours.self, try JSONParser.parse(body), now: FleetRun.now)
            #expect(decision.items("action", "scale_down").isEmpty && decision.estimatedSavings == 0)
        } catch let error as APIError {
            #expect((400..<500).contains(error.status) && error.field != nil)
        }
    }

    @Test(
        "a namespace that cannot be read may be production or excluded: nothing in it sleeps",
        arguments: [
            #"{"metadata":{"name":"shop","labels":5}}"#, #"{"metadata":{"name":"shop","annotations":[]}}"#,
            #"{"metadata":{"name":7}}"#, "7",
        ]
    )
    func unreadableNamespace(object: String) throws {
        let decision = try FleetRun.decide(
            OfficeHours.self,
            OfficeWorld.request(
                [OfficeWorld.workload("api")],
                state: ["namespaces": [try JSONParser.parse(object)]],
                schedule: "never"
            )
        )
        #expect(decision.recommendations.isEmpty)
        #expect(decision.reason(of: "Deployment/shop/api") == "namespace_unreadable")
    }

    @Test("evidence names every workload and every node that stays")
    func evidence() throws {
        guard
            case .object(var document) = OfficeWorld.request(
                [OfficeWorld.workload("api"), OfficeWorld.workload("pay", namespace: "prod")],
                state: ["nodes": [OfficeWorld.node("a")], "pods": []]
            )
        else { return }
        document["explain"] = "full"
        let decision = try FleetRun.decide(OfficeHours.self, .object(document))

        #expect(decision.evidence?["workloads"]?["Deployment/prod/pay"]?["finding"]?.string == "production")
        #expect(decision.evidence?["blocked_nodes"]?["a"]?["obstacle"]?.string == "no_pods_of_workloads")
    }
}
