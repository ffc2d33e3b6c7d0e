import Contract
import Testing

@testable import Engines

@Suite("Office hours")
struct OfficeHoursTests {
    /// Wednesday 22:00 UTC: outside the hours.
    private let night = FleetRun.now.adding(hours: 10)

    private func decide(
        _ workloads: [JSONValue],
        state: JSONObject = [:],
        schedule: JSONValue? = "Mon-Fri 08:00-18:00 UTC",
        now: Timestamp? = nil,
        _ more: JSONObject = [:]
    ) throws -> Decision {
        try FleetRun.decide(
            OfficeHours.self,
            OfficeWorld.request(workloads, state: state, schedule: schedule, more),
            now: now ?? night
        )
    }

    private func finding(_ decision: Decision, _ name: String) -> String? {
        let item = decision.items("name", name).first
        return item?["reason"]?.string ?? decision.rejected.all.first { $0.candidate.hasSuffix("/\(name)") }?.reason
    }

    // MARK: What is never touched

    private static let untouched: [(JSONValue, String)] = [
        (OfficeWorld.workload("w", namespace: "kube-system"), "system_namespace"),
        (OfficeWorld.workload("w", kind: "DaemonSet", replicas: nil), "daemon_set"),
        (OfficeWorld.workload("w", labels: ["env": "production"]), "production"),
        (OfficeWorld.workload("w", namespace: "shop-prod"), "production"),
        (OfficeWorld.workload("w", labels: ["env": "dev", "environment": "PROD"]), "production"),
        (OfficeWorld.workload("w", namespace: "eksprod2"), "production"),
        (OfficeWorld.workload("w", labels: ["app.kubernetes.io/environment": "live"]), "production"),
        (OfficeWorld.workload("w", labels: [:]), "environment_missing"),
        (OfficeWorld.workload("w", annotations: ["downscaler/exclude": "true"]), "excluded"),
        (OfficeWorld.workload("w", annotations: ["downscaler/exclude": "yes please"]), "excluded"),
        (OfficeWorld.workload("w", annotations: ["downscaler/uptime": "Mon-Fry 08:00-18:00 UTC"]), "schedule_unusable"),
        (
            OfficeWorld.workload("w", annotations: ["downscaler/downscale-period": "Mon-Fri 08:00-18:00"]),
            "schedule_unusable"
        ),
        (
            OfficeWorld.workload(
                "w",
                meta: ["ownerReferences": [["kind": "Rollout", "name": "r", "controller": true]]]
            ), "owned_by_controller"
        ),
        (OfficeWorld.workload("w", meta: ["deletionTimestamp": "2026-06-03T00:00:00Z"]), "terminating"),
        (
            OfficeWorld.workload(
                "w",
                kind: "StatefulSet",
                spec: [
                    "persistentVolumeClaimRetentionPolicy": ["whenScaled": "Delete"],
                    "volumeClaimTemplates": [["metadata": ["name": "data"], "spec": [:]]],
                ]
            ), "claims_deleted_when_scaled"
        ),
    ]

    @Test("production, the system and whatever is not ours stay as they are", arguments: untouched)
    func refused(workload: JSONValue, reason: String) throws {
        let decision = try decide([workload])

        #expect(decision.recommendations.isEmpty && decision.plan.isEmpty)
        #expect(finding(decision, "w") == reason)
    }

    private static let names: [(String, Bool)] = [
        ("prod", true), ("Production", true), ("prod-eu-1", true), ("my_prod", true), ("prd", true), ("live", true),
        ("eks-prod2", true), ("prodeu", true), ("shopprod", true), ("PROD01", true), ("nonprod", false),
        ("non-prod", false), ("pre-prod", false), ("preprod", false), ("product-catalog", false), ("producer", false),
        ("dev", false), ("staging", false), ("deliver", false), ("olive", false), ("reproduction", true), ("", false),
    ]

    @Test("what means production and what only looks like it", arguments: names)
    func production(name: String, isProduction: Bool) {
        #expect(EnvironmentGuard.isProduction(name) == isProduction)
    }

    @Test("a cluster or a request that is production refuses everything in it")
    func productionCluster() throws {
        let workload = OfficeWorld.workload("w")
        #expect(finding(try decide([workload], ["environment": "production"]), "w") == "production")
        #expect(finding(try decide([workload], ["cluster_name": "shop-prod-eu"]), "w") == "production")
        let labelled: JSONValue = [
            "apiVersion": "v1", "kind": "Namespace", "metadata": ["name": "shop", "labels": ["environment": "prod"]],
        ]
        #expect(finding(try decide([workload], state: ["namespaces": [labelled]]), "w") == "production")
        // An environment may come from the request alone.
        let bare = OfficeWorld.workload("w", labels: [:])
        #expect(finding(try decide([bare], ["environment": "staging"]), "w") == "outside_hours")
    }

    // MARK: Sleeping

    @Test("outside the hours: CronJobs, then Deployments, then StatefulSets, each remembering what it had")
    func sleeps() throws {
        let decision = try decide([
            OfficeWorld.workload("db", kind: "StatefulSet", replicas: 2),
            OfficeWorld.workload("report", kind: "CronJob", replicas: nil, spec: ["schedule": "0 3 * * *"]),
            OfficeWorld.workload("api"),
            OfficeWorld.workload("import", kind: "Job", replicas: nil),
        ])

        #expect(decision.plan.map(\.action) == ["suspend_cron_jobs", "scale_down", "scale_down"])
        #expect(
            decision.plan.compactMap { $0.parameters["workloads"] } == [
                ["CronJob/shop/report"], ["Deployment/shop/api"], ["StatefulSet/shop/db"],
            ]
        )
        FleetRun.expectConfirmations(decision)
        let api = try #require(decision.items("name", "api").first)
        #expect(api["target_replicas"] == 0 && api["original_replicas"] == 3 && api["requires_confirmation"] == true)
        #expect(api["patch"]?["metadata"]?["annotations"]?["downscaler/original-replicas"] == "3")
        #expect(api["next_transition"] == ["at": "2026-06-04T08:00:00.000Z", "state": "on"])
        #expect(decision.metadata["next_transition"]?["at"]?.string == "2026-06-04T08:00:00.000Z")
        #expect(decision.items("name", "report").first?["patch"]?["spec"] == ["suspend": true])
        #expect(finding(decision, "import") == "job")
    }

    @Test("a Job that runs is not cut")
    func runningJob() throws {
        var job = OfficeWorld.workload("import", kind: "Job", replicas: nil)
        if case .object(var object) = job {
            object["status"] = ["active": 2]
            job = .object(object)
        }
        let decision = try decide([job])

        #expect(finding(decision, "import") == "job_running" && decision.plan.isEmpty)
    }

    private static let holds: [(JSONValue, JSONObject, String)] = [
        (OfficeWorld.workload("w", replicas: 0), [:], "already_down"),
        (OfficeWorld.workload("w", meta: ["creationTimestamp": "2026-06-03T21:45:01Z"]), [:], "within_grace"),
        (OfficeWorld.workload("w", meta: ["creationTimestamp": "2026-06-03T21:45:00Z"]), [:], "outside_hours"),
        (OfficeWorld.workload("w"), ["last_transitions": ["shop/w": "2026-06-03T21:45:01Z"]], "hysteresis"),
        (
            OfficeWorld.workload("w"), ["last_transitions": ["Deployment/shop/w": "2026-06-03T21:45:00Z"]],
            "outside_hours"
        ),
        (OfficeWorld.workload("w"), ["schedule": "Mon-Fri 08:00-18:00, Wed 22:14-23:00"], "starts_again_soon"),
        (OfficeWorld.workload("w"), ["schedule": "Mon-Fri 08:00-18:00, Wed 22:15-23:00"], "outside_hours"),
        (OfficeWorld.workload("w", annotations: ["downscaler/force-uptime": "true"]), [:], "force_uptime"),
        (OfficeWorld.workload("w", annotations: ["downscaler/exclude-until": "2026-06-04"]), [:], "excluded_until"),
        (OfficeWorld.workload("w", annotations: ["downscaler/exclude-until": "2026-06-03"]), [:], "outside_hours"),
        (OfficeWorld.workload("w", annotations: ["downscaler/downtime-replicas": "3"]), [:], "already_down"),
        (OfficeWorld.workload("w"), ["override": ["state": "on", "until": "2026-06-03T23:00:00Z"]], "already_up"),
        (OfficeWorld.workload("w"), ["override": ["state": "on", "until": "2026-06-03T22:00:00Z"]], "outside_hours"),
        (OfficeWorld.workload("w"), ["schedule": ["weekdays": "1-5", "sleepAt": "21:50"]], "outside_hours"),
        (OfficeWorld.workload("w"), ["schedule": ["weekdays": "1-5", "sleepAt": "21:40"]], "schedule_undetermined"),
    ]

    @Test("reasons to wait, and their edges", arguments: holds)
    func waits(workload: JSONValue, more: JSONObject, reason: String) throws {
        let decision = try decide([workload], more)

        #expect(finding(decision, "w") == reason)
        #expect(decision.plan.isEmpty == (reason != "outside_hours"))
    }

    @Test("a running pod can keep everything up")
    func forcingPod() throws {
        let pod = OfficeWorld.pod("p", owner: nil, node: "a", annotations: ["downscaler/force-uptime": "true"])
        let done = OfficeWorld.pod(
            "p",
            owner: nil,
            node: "a",
            phase: "Succeeded",
            annotations: ["downscaler/force-uptime": "true"]
        )

        #expect(finding(try decide([OfficeWorld.workload("w")], state: ["pods": [pod]]), "w") == "force_uptime")
        #expect(finding(try decide([OfficeWorld.workload("w")], state: ["pods": [done]]), "w") == "outside_hours")
    }

    // MARK: Waking

    private static let wakings: [(JSONValue, JSONObject, String, Int64?)] = [
        (OfficeWorld.workload("w", replicas: 0), [:], "original_replicas_unknown", nil),
        (
            OfficeWorld.workload("w", replicas: 0, annotations: ["downscaler/original-replicas": "4"]), [:],
            "inside_hours", 4
        ),
        (OfficeWorld.workload("w", replicas: 0), ["original_replicas": ["shop/w": 5]], "inside_hours", 5),
        (
            OfficeWorld.workload("w", replicas: 2, annotations: ["downscaler/original-replicas": "4"]), [:],
            "changed_by_others", nil
        ),
        (
            OfficeWorld.workload("w", replicas: 4, annotations: ["downscaler/original-replicas": "4"]), [:],
            "already_up", nil
        ),
        (
            OfficeWorld.workload("w", replicas: 0, annotations: ["downscaler/original-replicas": "many"]), [:],
            "original_replicas_unknown", nil
        ),
        (OfficeWorld.workload("w", replicas: 3), [:], "already_up", nil),
        (
            OfficeWorld.workload(
                "w",
                replicas: 1,
                annotations: ["downscaler/original-replicas": "4", "downscaler/downtime-replicas": "1"]
            ), [:], "inside_hours", 4
        ),
        // Excluded after it was put to sleep, it is woken all the same.
        (
            OfficeWorld.workload(
                "w",
                replicas: 0,
                annotations: ["downscaler/original-replicas": "2", "downscaler/exclude": "true"]
            ), [:], "inside_hours", 2
        ),
    ]

    @Test("inside the hours: back to what is remembered, and only from where we left it", arguments: wakings)
    func wakes(workload: JSONValue, more: JSONObject, reason: String, replicas: Int64?) throws {
        let decision = try decide([workload], now: FleetRun.now, more)

        #expect(finding(decision, "w") == reason)
        let item = decision.items("action", "scale_up").first
        #expect(item?["target_replicas"]?.integer == replicas)
        #expect(decision.plan.map(\.action) == (replicas == nil ? [] : ["start_nodes", "scale_up"]))
    }

    @Test("a CronJob that somebody else suspended stays suspended")
    func suspended() throws {
        let ours = OfficeWorld.workload(
            "ours",
            kind: "CronJob",
            replicas: nil,
            annotations: ["downscaler/original-replicas": "1"],
            spec: ["suspend": true]
        )
        let theirs = OfficeWorld.workload("theirs", kind: "CronJob", replicas: nil, spec: ["suspend": true])
        let decision = try decide([ours, theirs], now: FleetRun.now)

        #expect(decision.items("action", "resume").compactMap { $0["name"]?.string } == ["ours"])
        #expect(finding(decision, "theirs") == "original_replicas_unknown")
    }

    @Test("nodes start within the lead before the hours")
    func lead() throws {
        let sleeping = OfficeWorld.workload("w", replicas: 0, annotations: ["downscaler/original-replicas": "4"])
        func run(_ time: String) throws -> [String] {
            try decide([sleeping], now: Timestamp(time)).plan.map(\.action)
        }

        #expect(try run("2026-06-04T07:44:59Z") == [])
        #expect(try run("2026-06-04T07:45:00Z") == ["start_nodes"])
        #expect(try run("2026-06-04T08:00:00Z") == ["start_nodes", "scale_up"])
    }

    // MARK: Whose schedule

    @Test("the object's schedule goes before the namespace's, and that before the default")
    func precedence() throws {
        let always = ["downscaler/uptime": "always"]
        let namespace: JSONValue = [
            "apiVersion": "v1", "kind": "Namespace",
            "metadata": ["name": "lab", "annotations": ["downscaler/uptime": "Mon-Fri 00:00-23:00 UTC"]],
        ]
        let decision = try decide(
            [
                OfficeWorld.workload("own", annotations: always), OfficeWorld.workload("standard"),
                OfficeWorld.workload("lab", namespace: "lab"),
                OfficeWorld.workload(
                    "tagged",
                    namespace: "lab",
                    annotations: ["maid_offhours": "off=(M-F,21);on=(M-F,7);tz=utc"]
                ),
                OfficeWorld.workload("listed", namespace: "listed"),
            ],
            state: ["namespaces": [namespace]],
            ["namespace_schedules": ["listed": "never"]]
        )

        #expect(finding(decision, "own") == "already_up" && finding(decision, "standard") == "outside_hours")
        #expect(finding(decision, "lab") == "already_up" && finding(decision, "tagged") == "outside_hours")
        #expect(finding(decision, "listed") == "outside_hours")
        #expect(
            ["own", "standard", "lab", "tagged", "listed"].map {
                decision.items("name", $0).first?["schedule_source"]?.string
            } == ["object", "default", "namespace", "object", "namespace"]
        )
    }

    @Test("kube-green's own objects: their namespace, what they exclude, CronJobs only on demand")
    func sleepInfo() throws {
        func info(_ more: JSONObject) -> JSONValue {
            var spec: JSONObject = [
                "weekdays": "*", "sleepAt": "20:00", "wakeUpAt": "08:00", "timeZone": "Europe/Rome",
            ]
            for member in more.members { spec[member.key] = member.value }
            return ["kind": "SleepInfo", "metadata": ["name": "s", "namespace": "shop"], "spec": .object(spec)]
        }
        func run(_ more: JSONObject) throws -> Decision {
            try decide(
                [
                    OfficeWorld.workload("api"), OfficeWorld.workload("db"),
                    OfficeWorld.workload("cron", kind: "CronJob", replicas: nil),
                ],
                state: ["sleepinfos": [info(more)]],
                schedule: nil
            )
        }

        let plain = try run(["excludeRef": [["apiVersion": "apps/v1", "kind": "Deployment", "name": "db"]]])
        #expect(finding(plain, "api") == "outside_hours" && finding(plain, "db") == "excluded")
        #expect(finding(plain, "cron") == "cron_jobs_not_scheduled")
        #expect(finding(try run(["suspendCronJobs": true]), "cron") == "outside_hours")
        let broken = try run(["sleepAt": "25:00"])
        #expect(finding(broken, "api") == "schedule_unusable" && broken.itemProblems.count == 1)
    }

    @Test("autoscalers and budgets are named")
    func conflicts() throws {
        let hpa: JSONValue = [
            "apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler",
            "metadata": ["name": "h", "namespace": "shop"],
            "spec": ["scaleTargetRef": ["kind": "Deployment", "name": "api"], "minReplicas": 2, "maxReplicas": 5],
        ]
        let keda: JSONValue = [
            "apiVersion": "keda.sh/v1alpha1", "kind": "ScaledObject", "metadata": ["name": "k", "namespace": "shop"],
            "spec": ["scaleTargetRef": ["name": "worker"]],
        ]
        let budget: JSONValue = [
            "apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "metadata": ["name": "b", "namespace": "shop"],
            "spec": ["minAvailable": 3, "selector": ["matchLabels": ["app": "api"]]],
        ]
        let decision = try decide(
            [
                OfficeWorld.workload("api", annotations: ["downscaler/downtime-replicas": "1"]),
                OfficeWorld.workload("worker"),
            ],
            state: ["hpas": [hpa], "scaledobjects": [keda], "pdbs": [budget]]
        )

        let api = try #require(decision.items("name", "api").first)
        #expect(api["flags"] == ["below_hpa_minimum", "hpa_conflict"])
        #expect(api["pod_disruption_budgets"] == ["b"] && api["action"] == "scale_down")
        let worker = try #require(decision.items("name", "worker").first)
        #expect(worker["flags"] == ["keda_conflict"])
        #expect(worker["patch"]?["metadata"]?["annotations"]?["autoscaling.keda.sh/paused-replicas"] == "0")
        #expect(
            decision.warnings.count { $0.contains("KEDA") || $0.contains("autoscaler") || $0.contains("Autoscaler") }
                == 3
        )
    }

    // MARK: Money

    /// One node that empties, one that a bare pod keeps, one with production.
    private func fleet(capacity: String = "ON_DEMAND", type: String = "m5.large") -> JSONObject {
        let daemon = OfficeWorld.pod("d", owner: "agent", kind: "DaemonSet", node: "a", namespace: "kube-system")
        return [
            "nodes": .array([
                OfficeWorld.node("a", type: type, labels: ["eks.amazonaws.com/capacityType": capacity]),
                OfficeWorld.node("b"), OfficeWorld.node("c"), OfficeWorld.node("d"),
            ]),
            "pods": .array([
                OfficeWorld.pod("api-1", owner: "api-5f9", node: "a"),
                OfficeWorld.pod("api-2", owner: "api-5f9", node: "b"),
                OfficeWorld.pod("bare", owner: nil, node: "b"), daemon,
                OfficeWorld.pod("old", owner: "import", kind: "Job", node: "a", phase: "Succeeded"),
                OfficeWorld.pod("pay-1", owner: "pay-5f9", node: "c", namespace: "prod"),
            ]),
        ]
    }

    private var workloads: [JSONValue] {
        [OfficeWorld.workload("api"), OfficeWorld.workload("pay", namespace: "prod")]
    }

    @Test("savings are the off-hours of the actual month on nodes that come free, and nothing else")
    func savings() throws {
        let decision = try decide(workloads, state: fleet(), now: FleetRun.now, ["lead_minutes": 0])

        // June 2026 has 22 working days: 220 of 720 hours are on.
        #expect(abs(decision.estimatedSavings - 0.096 * 730 * 500 / 720) < 1e-9)
        #expect(decision.metadata["released_nodes"]?.array?.compactMap { $0["node"]?.string } == ["a"])
        #expect(decision.metadata["schedules"]?[0]?["off_fraction_of_week"]?.number == 0.702381)
        #expect(decision.reason(of: "Node/b") == "pods_stay" && decision.reason(of: "Node/c") == "pods_stay")
        #expect(decision.reason(of: "Node/d") == "no_pods_of_workloads")
        #expect(decision.sources.map(\.name) == ["prices"])
        // With a quarter of an hour's lead the nodes run 22 quarters longer.
        let led = try decide(workloads, state: fleet(), now: FleetRun.now)
        #expect(abs(led.estimatedSavings - 0.096 * 730 * 494.5 / 720) < 1e-9)
    }

    @Test("spot nodes cost the spot price; a missing price saves nothing and is listed")
    func nodePrices() throws {
        let spot = try decide(workloads, state: fleet(capacity: "SPOT"), now: FleetRun.now, ["lead_minutes": 0])
        #expect(abs(spot.estimatedSavings - 0.04 * 730 * 500 / 720) < 1e-9)
        let odd = try decide(workloads, state: fleet(type: "x9.huge"), now: FleetRun.now)
        #expect(odd.estimatedSavings == 0 && odd.metadata["missing_prices"] == ["instance:x9.huge"])
        #expect(odd.dataQuality < 1)
    }

    @Test("a month with a change of clocks has the hours it has")
    func clockMonth() throws {
        let march = try #require(Timestamp("2026-03-10T12:00:00Z"))
        let decision = try decide(
            workloads,
            state: fleet(),
            schedule: "Mon-Sun 00:00-12:00",
            now: march,
            ["timezone": "Europe/Berlin", "lead_minutes": 0]
        )

        // 743 hours; the mornings of 31 days less the hour that 29 March skips.
        #expect(decision.metadata["month"]?["hours"]?.number == 743)
        #expect(abs(decision.estimatedSavings - 0.096 * 730 * Double(743 - 371) / 743) < 1e-9)
    }

    @Test("a node with two schedules is off only while both are")
    func twoSchedules() throws {
        var state = fleet()
        let late = OfficeWorld.workload("late", annotations: ["downscaler/uptime": "Mon-Fri 18:00-20:00 UTC"])
        state["pods"] = [
            OfficeWorld.pod("api-1", owner: "api-5f9", node: "a"),
            OfficeWorld.pod("late-1", owner: "late-5f9", node: "a"),
        ]
        let decision = try decide(workloads + [late], state: state, now: FleetRun.now, ["lead_minutes": 0])

        #expect(abs(decision.estimatedSavings - 0.096 * 730 * Double(720 - 264) / 720) < 1e-9)
    }

    @Test("nodes are released last, when everything on them sleeps")
    func release() throws {
        let decision = try decide(workloads, state: fleet())

        #expect(decision.plan.map(\.action) == ["scale_down", "release_nodes"])
        #expect(decision.plan.last?.parameters["nodes"] == ["a"])
        FleetRun.expectConfirmations(decision)
    }

    @Test("a pod that cannot be read keeps every node")
    func doubtful() throws {
        var state = fleet()
        state["pods"] = .array((state["pods"]?.array ?? []) + [["kind": "Pod", "metadata": ["name": 7], "spec": [:]]])
        let decision = try decide(workloads, state: state)

        #expect(decision.estimatedSavings == 0 && !decision.itemProblems.isEmpty)
        #expect(decision.reason(of: "Node/a") == "unreadable_objects")
    }
}
