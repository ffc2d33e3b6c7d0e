import Contract
import Testing

@testable import Engines

@Suite("Ghost probe")
struct GhostProbeTests {
    private let nodes = (0..<10).map(GhostWorld.name)

    private func decide(
        _ extra: [JSONValue],
        missing: [String] = ["i-ghost"],
        _ more: JSONObject = [:]
    ) throws -> Decision {
        try FleetRun.decide(
            GhostProbe.self,
            GhostWorld.request(GhostWorld.healthy(10) + extra, nodes: nodes, scan: GhostWorld.scan(missing), more)
        )
    }

    private func terminated(_ decision: Decision) -> [String] {
        decision.items("action", "terminate").compactMap { $0["instance_id"]?.string }
    }

    // MARK: What stops everything

    @Test("an empty node list is suspicious, and nothing is terminated")
    func emptyNodes() throws {
        let decision = try FleetRun.decide(
            GhostProbe.self,
            GhostWorld.request(GhostWorld.healthy(3), nodes: [], scan: GhostWorld.scan((0..<3).map(GhostWorld.name)))
        )

        #expect(decision.metadata["status"]?.string == "suspicious_input")
        #expect(decision.metadata["suspicions"]?.array?.contains("node_list_empty") == true)
        #expect(decision.recommendations.isEmpty && decision.plan.isEmpty && decision.estimatedSavings == 0)
        // Absence from such a list must not count as a first scan either.
        #expect(decision.metadata["scan"] == .null)
    }

    @Test("more than three tenths of the cluster's machines look like ghosts: suspicious; three tenths: not")
    func valve() throws {
        func run(_ ghosts: Int) throws -> Decision {
            let names = (0..<ghosts).map { "i-f\($0)" }
            return try FleetRun.decide(
                GhostProbe.self,
                GhostWorld.request(
                    GhostWorld.healthy(7) + names.map { GhostWorld.instance($0) },
                    nodes: (0..<7).map(GhostWorld.name),
                    scan: GhostWorld.scan(names)
                )
            )
        }

        let atLimit = try run(3)
        #expect(atLimit.metadata["status"]?.string == "ok" && terminated(atLimit).count == 3)
        let beyond = try run(4)
        #expect(beyond.metadata["suspicions"]?.array == ["too_many_ghosts"])
        #expect(beyond.recommendations.isEmpty && beyond.plan.isEmpty)
        #expect(beyond.reason(of: "i-f0") == "ghost")
    }

    @Test(
        "an entry of the node list that cannot be read could be any machine",
        arguments: ["", "node-7", "aws:///us-east-1a/", "aws:///us-east-1a/node-7"] as [String]
    )
    func unreadableNode(entry: String) throws {
        let decision = try FleetRun.decide(
            GhostProbe.self,
            GhostWorld.request(
                GhostWorld.healthy(10) + [GhostWorld.instance("i-ghost")],
                nodes: nodes + [entry],
                scan: GhostWorld.scan(["i-ghost"])
            )
        )

        #expect(decision.metadata["suspicions"]?.array == ["node_list_unreadable"])
        #expect(decision.recommendations.isEmpty)
    }

    @Test("nodes of one cluster and the name of another are suspicious")
    func mismatch() throws {
        let decision = try decide([GhostWorld.instance("i-ghost", cluster: "bank")], ["cluster_name": "bank"])

        #expect(decision.metadata["suspicions"]?.array?.contains("cluster_name_mismatch") == true)
        #expect(decision.recommendations.isEmpty)
    }

    @Test("nodes and machines that have nothing in common are suspicious")
    func disjoint() throws {
        let decision = try FleetRun.decide(
            GhostProbe.self,
            GhostWorld.request(
                [GhostWorld.instance("i-ghost", cluster: nil)],
                nodes: nodes,
                scan: GhostWorld.scan(["i-ghost"])
            )
        )

        #expect(decision.metadata["suspicions"]?.array == ["no_node_among_instances"])
    }

    // MARK: What is no ghost

    private static let strangers: [([String: String], String)] = [
        (["Name": "web"], "unrelated"), ([:], "unrelated"), (["Cluster": "shop", "eks": "shop"], "unrelated"),
        (["kubernetes.io/cluster/bank": "owned"], "other_cluster"), (["KubernetesCluster": "bank"], "other_cluster"),
        (["kubernetes.io/cluster/shop": "owned", "eks:cluster-name": "bank"], "several_clusters"),
        (["karpenter.sh/nodepool": "default"], "cluster_unknown"),
        (["eks:nodegroup-name": "workers"], "cluster_unknown"),
        (["alpha.eksctl.io/nodegroup-name": "ng"], "cluster_unknown"),
        (["k8s.io/cluster-autoscaler/enabled": "true"], "cluster_unknown"),
    ]

    @Test("no machine without this cluster's own tag is ever terminated", arguments: strangers)
    func foreign(tags: [String: String], reason: String) throws {
        let decision = try decide([GhostWorld.instance("i-ghost", cluster: nil, tags: tags)])

        #expect(terminated(decision).isEmpty && decision.plan.isEmpty)
        #expect(decision.reason(of: "i-ghost") == reason)
    }

    private static let exclusions: [([String: String], JSONObject, String)] = [
        (["k8s.io/role/master": "1"], [:], "control_plane"), (["Name": "shop-bastion-1"], [:], "bastion"),
        (["Name": "shop-control-plane-a"], [:], "control_plane"),
        (
            [:], ["IamInstanceProfile": ["Arn": "arn:aws:iam::1:instance-profile/masters.shop.example.com"]],
            "control_plane"
        ),
        (["cloudoptim:ignore": "true"], [:], "ignored_by_tag"), (["CloudOptim:IGNORE": ""], [:], "ignored_by_tag"),
        (["Owner": "Data"], [:], "ignored_by_tag"),
        (["aws:autoscaling:groupName": "pool"], ["LifecycleState": "Warmed:Running"], "warm_pool"),
        (["aws:autoscaling:groupName": "pool"], ["LifecycleState": "Standby"], "standby"),
        (["aws:autoscaling:groupName": "pool"], ["LifecycleState": "Terminating:Wait"], "asg_transition"),
    ]

    @Test("machines that are meant to be without a node are left alone", arguments: exclusions)
    func excluded(tags: [String: String], more: JSONObject, reason: String) throws {
        let decision = try decide(
            [GhostWorld.instance("i-ghost", tags: tags, more: more)],
            ["ignore_tags": ["owner:data"]]
        )

        #expect(decision.reason(of: "i-ghost") == reason)
        #expect(decision.recommendations.isEmpty)
    }

    private static let goneStates: [(String, String)] = [
        ("terminated", "terminated"), ("shutting-down", "terminated"), ("stopped", "stopped"), ("stopping", "stopped"),
        ("rebooting", "state_unknown"),
    ]

    @Test("what has gone, has stopped, or says nothing of itself is no ghost", arguments: goneStates)
    func states(state: String, reason: String) throws {
        let decision = try decide([GhostWorld.instance("i-ghost", state: state)])

        #expect(decision.recommendations.isEmpty && decision.reason(of: "i-ghost") == reason)
    }

    private static let ages: [(String?, String)] = [
        ("2026-06-03T11:50:00Z", "booting"), ("2026-06-03T11:00:00Z", "within_grace"),
        ("2026-06-02T12:00:00Z", "within_grace"), ("2026-06-02T11:59:59Z", "ghost"),
        ("2026-06-04T12:00:00Z", "launch_time_unknown"), (nil, "launch_time_unknown"),
    ]

    @Test("the young, the booting and those of unknown age wait", arguments: ages)
    func grace(launched: String?, classification: String) throws {
        let decision = try decide([GhostWorld.instance("i-ghost", launched: launched)])

        #expect(decision.recommendations.first?["classification"]?.string == classification)
        #expect(terminated(decision) == (classification == "ghost" ? ["i-ghost"] : []))
    }

    private static let scanCases: [(JSONValue, Bool)] = [
        (GhostWorld.scan(["i-ghost"], at: "2026-06-03T11:00:00Z"), true),
        (GhostWorld.scan(["i-ghost"], at: "2026-06-03T11:00:01Z"), false),
        // It was there then: the clock starts anew.
        (GhostWorld.scan(["i-other"], at: "2026-06-03T08:00:00Z"), false),
        (GhostWorld.scan(["i-ghost"], at: "2026-06-03T13:00:00Z"), false),
        (["scanned_at": "2026-06-03T11:30:00Z", "missing": ["i-ghost": "2026-06-03T09:00:00Z"]], true),
        (["scanned_at": "2026-06-03T09:00:00Z", "missing": ["i-ghost": "not a time"]], false),
        (["scanned_at": "2026-06-03T09:00:00Z"], false),
    ]

    @Test("two scans at least an hour apart", arguments: scanCases)
    func scans(scan: JSONValue, isGhost: Bool) throws {
        let decision = try FleetRun.decide(
            GhostProbe.self,
            GhostWorld.request(GhostWorld.healthy(10) + [GhostWorld.instance("i-ghost")], nodes: nodes, scan: scan)
        )

        #expect(terminated(decision) == (isGhost ? ["i-ghost"] : []))
    }

    @Test("the answer of one scan is the input of the next, and the second finds the ghost")
    func twoScans() throws {
        let machines = GhostWorld.healthy(10) + [GhostWorld.instance("i-ghost")]
        let first = try FleetRun.decide(GhostProbe.self, GhostWorld.request(machines, nodes: nodes))
        #expect(terminated(first).isEmpty)
        #expect(first.items("action", "recheck").count == 1)

        let scan = try #require(first.metadata["scan"])
        let soon = try FleetRun.decide(
            GhostProbe.self,
            GhostWorld.request(machines, nodes: nodes, scan: scan),
            now: Timestamp(milliseconds: FleetRun.now.milliseconds + 3_599_999)
        )
        #expect(terminated(soon).isEmpty)
        let later = try FleetRun.decide(
            GhostProbe.self,
            GhostWorld.request(machines, nodes: nodes, scan: soon.metadata["scan"]),
            now: FleetRun.now.adding(hours: 1)
        )
        #expect(terminated(later) == ["i-ghost"])
    }

    // MARK: What is one

    @Test(
        "every form of the cluster's tag counts",
        arguments: [
            "kubernetes.io/cluster/shop=owned", "eks:cluster-name=shop", "aws:eks:cluster-name=shop",
            "KubernetesCluster=shop", "alpha.eksctl.io/cluster-name=shop", "k8s.io/cluster-autoscaler/shop=owned",
            "eks:eks-cluster-name=shop",
        ]
    )
    func tags(text: String) throws {
        let parts = text.split(separator: "=").map(String.init)
        let decision = try decide([GhostWorld.instance("i-ghost", cluster: nil, tags: [parts[0]: parts[1]])])

        #expect(terminated(decision) == ["i-ghost"])
    }

    @Test(
        "nodes are found by every form of their id",
        arguments: [
            "i-ghost", "aws:///us-east-1a/i-ghost", "aws://us-east-1a/i-ghost", "AWS:///us-east-1a/I-GHOST",
        ]
    )
    func identities(id: String) throws {
        let decision = try FleetRun.decide(
            GhostProbe.self,
            GhostWorld.request(
                GhostWorld.healthy(10) + [GhostWorld.instance("i-ghost")],
                nodes: nodes + [id],
                scan: GhostWorld.scan(["i-ghost"])
            )
        )

        #expect(terminated(decision).isEmpty && decision.rejected.all.isEmpty)
        #expect(decision.metadata["instances_matched_to_nodes"] == 11)
    }

    @Test("nodes of a cluster state count, by name and address too; Fargate, hybrid and other clouds are skipped")
    func nativeNodes() throws {
        var request = GhostWorld.request(
            GhostWorld.healthy(10) + [
                GhostWorld.instance("i-b1"),
                GhostWorld.instance("i-b2", more: ["PrivateDnsName": "ip-10-0-0-2.ec2.internal"]),
                GhostWorld.instance("i-b3", more: ["PrivateIpAddress": "10.0.0.3"]),
            ],
            nodes: nodes + [
                "aws:///us-east-1a/9ca7e-fargate-ip-10-0-0-9.ec2.internal", "mi-0123456789abcdef0", "gce://p/z/n",
            ],
            scan: GhostWorld.scan(["i-b1", "i-b2", "i-b3"])
        )
        if case .object(var object) = request {
            object["cluster_state"] = [
                "nodes": [
                    "kind": "List",
                    "items": [
                        [
                            "apiVersion": "v1", "kind": "Node", "metadata": ["name": "a"],
                            "spec": ["providerID": "aws:///us-east-1b/i-b1"],
                        ],
                        [
                            "apiVersion": "v1", "kind": "Node", "metadata": ["name": "ip-10-0-0-2.ec2.internal"],
                            "spec": [:],
                        ],
                        [
                            "apiVersion": "v1", "kind": "Node", "metadata": ["name": "c"], "spec": [:],
                            "status": ["addresses": [["type": "InternalIP", "address": "10.0.0.3"]]],
                        ],
                    ],
                ]
            ]
            request = .object(object)
        }
        let decision = try FleetRun.decide(GhostProbe.self, request)

        #expect(decision.metadata["status"]?.string == "ok")
        #expect(decision.recommendations.isEmpty && decision.metadata["node_entries_skipped"] == 3)
    }

    @Test("a member of an Auto Scaling group is the group's business")
    func group() throws {
        let decision = try decide([GhostWorld.instance("i-ghost", tags: ["aws:autoscaling:groupName": "workers"])])

        #expect(decision.items("action", "fix_asg").count == 1 && terminated(decision).isEmpty)
        #expect(decision.plan.map(\.action) == ["fix_asg"])
        #expect(decision.estimatedSavings == 0)
    }

    @Test("protected and shared machines are for people to look at")
    func review() throws {
        let decision = try decide(
            [
                GhostWorld.instance("i-ghost"), GhostWorld.instance("i-keep"),
                GhostWorld.instance("i-both", cluster: nil, tags: ["kubernetes.io/cluster/shop": "shared"]),
            ],
            missing: ["i-ghost", "i-keep", "i-both"],
            ["termination_protected": ["i-keep"]]
        )

        #expect(terminated(decision) == ["i-ghost"])
        #expect(decision.items("action", "review").compactMap { $0["instance_id"]?.string } == ["i-both", "i-keep"])
    }

    @Test("the plan is slow: tag, wait, check, approve, stop, wait, terminate; spot requests are cancelled first")
    func plan() throws {
        let decision = try decide(
            [
                GhostWorld.instance("i-ghost"),
                GhostWorld.instance(
                    "i-spot",
                    more: [
                        "InstanceLifecycle": "spot", "SpotInstanceRequestId": "sir-1", "SpotInstanceType": "persistent",
                    ]
                ),
            ],
            missing: ["i-ghost", "i-spot"]
        )

        #expect(
            decision.plan.map(\.action) == [
                "tag_instances", "recheck", "approve_terminations", "cancel_spot_requests", "stop_instances",
                "terminate_instances",
            ]
        )
        #expect(decision.plan.map(\.delaySeconds) == [0, 86_400, 0, 0, 0, 259_200])
        #expect(decision.plan.map(\.requiresConfirmation) == [false, false, true, true, true, true])
        #expect(decision.plan[4].parameters["instance_ids"] == ["i-ghost"])
        FleetRun.expectConfirmations(decision)
    }

    // MARK: Money

    @Test("savings: hours of the way it is paid, disks that go with it, its own address")
    func savings() throws {
        let devices: JSONValue = [
            ["DeviceName": "/dev/xvda", "Ebs": ["VolumeId": "vol-1", "DeleteOnTermination": true]],
            ["DeviceName": "/dev/xvdb", "Ebs": ["VolumeId": "vol-2", "DeleteOnTermination": false]],
        ]
        let decision = try decide(
            [
                GhostWorld.instance("i-ghost", more: ["BlockDeviceMappings": devices, "PublicIpAddress": "52.1.1.1"]),
                GhostWorld.instance("i-spot", more: ["InstanceLifecycle": "spot", "PublicIpAddress": "52.1.1.2"]),
                GhostWorld.instance("i-odd", type: "x9.huge"),
            ],
            missing: ["i-ghost", "i-spot", "i-odd"],
            [
                "volumes": [
                    ["VolumeId": "vol-1", "VolumeType": "gp3", "Size": 100, "State": "in-use"],
                    ["VolumeId": "vol-2", "VolumeType": "gp3", "Size": 50, "State": "in-use"],
                ],
                "elastic_ips": [["PublicIp": "52.1.1.2", "AllocationId": "eipalloc-1"]],
            ]
        )

        let ghost = try #require(decision.items("instance_id", "i-ghost").first)
        #expect(ghost["monthly_savings"]?.number == 0.096 * 730 + 8 + 3.65)
        #expect(ghost["volumes_left_behind"] == ["vol-2"])
        let spot = try #require(decision.items("instance_id", "i-spot").first)
        #expect(spot["monthly_savings"]?.number == 0.04 * 730)
        #expect(spot["price_source"]?["origin"]?.string == "spot_price_history")
        #expect(decision.items("instance_id", "i-odd").first?["monthly_savings"]?.number == 0)
        #expect(decision.metadata["missing_prices"] == ["instance:x9.huge"])
        #expect(abs(decision.estimatedSavings - (0.096 * 730 + 8 + 3.65 + 0.04 * 730)) < 1e-9)
        #expect(decision.dataQuality < 1)
        #expect(Set(decision.sources.map(\.name)) == ["prices", "history", "list"])
    }

    @Test("prices of another region are no prices")
    func otherRegion() throws {
        let decision = try decide([GhostWorld.instance("i-ghost", zone: "eu-west-1a")], ["region": "us-east-1"])

        #expect(decision.estimatedSavings == 0)
        #expect(decision.metadata["missing_prices"] == ["instance:eu-west-1/m5.large"])
    }

    @Test("the caller's own prices count, and are named")
    func ownPrices() throws {
        let decision = try decide(
            [GhostWorld.instance("i-ghost", more: ["PublicIpAddress": "52.1.1.1"])],
            ["service_prices": ["ipv4.public.hour": 0.01, "ipv4.private.hour": 1, "ebs.gp3.gb_month": 0]]
        )

        #expect(decision.recommendations.first?["savings_parts"]?["public_ipv4"]?.number == 7.3)
        #expect(decision.recommendations.first?["price_source"]?["services"]?.string == "caller")
        #expect(decision.itemProblems.count == 2)
        #expect(decision.sources.contains { $0.name == "caller" })
    }

    @Test("stopped machines are reported with what they go on costing, which is nobody's saving")
    func stopped() throws {
        let decision = try decide(
            [
                GhostWorld.instance(
                    "i-cold",
                    state: "stopped",
                    more: ["BlockDeviceMappings": [["Ebs": ["VolumeId": "vol-1", "DeleteOnTermination": true]]]]
                )
            ],
            ["volumes": [["VolumeId": "vol-1", "VolumeType": "gp2", "Size": 30, "State": "in-use"]]]
        )

        #expect(decision.metadata["stopped"]?["count"] == 1)
        #expect(decision.metadata["stopped"]?["monthly_cost"]?.number == 3)
        #expect(decision.estimatedSavings == 0)
    }
}
