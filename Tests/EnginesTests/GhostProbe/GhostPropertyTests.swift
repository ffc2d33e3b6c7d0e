import Contract
import OracleSupport
import Testing

@testable import Engines

@Suite("Ghost probe on anything")
struct GhostPropertyTests {
    /// Machines of every kind, and the ids of those that are ghosts by the rules.
    private static func world(_ random: inout SeededGenerator) -> (document: JSONValue, ghosts: Set<String>) {
        let healthy = Int.random(in: 40...80, using: &random)
        var machines = GhostWorld.healthy(healthy)
        var ghosts: Set<String> = []
        var missing: [String] = []
        for number in 0..<Int.random(in: 5...60, using: &random) {
            let id = "i-b\(number)"
            missing.append(id)
            switch Int.random(in: 0..<8, using: &random) {
            case 0 where ghosts.count < 8:
                machines.append(GhostWorld.instance(id))
                ghosts.insert(id)
            case 1: machines.append(GhostWorld.instance(id, cluster: "bank"))
            case 2: machines.append(GhostWorld.instance(id, state: "stopped"))
            case 3: machines.append(GhostWorld.instance(id, state: "terminated"))
            case 4: machines.append(GhostWorld.instance(id, launched: "2026-06-03T11:55:00Z"))
            case 5: machines.append(GhostWorld.instance(id, tags: ["cloudoptim:ignore": "yes"]))
            default: machines.append(GhostWorld.instance(id, cluster: nil, tags: ["Name": "web-\(number)"]))
            }
        }
        let document = GhostWorld.request(
            machines,
            nodes: (0..<healthy).map(GhostWorld.name),
            scan: GhostWorld.scan(missing)
        )
        return (document, ghosts)
    }

    @Test("all injected ghosts and nothing else, whatever the order", arguments: 0..<25)
    func found(seed: Int) throws {
        var random = SeededGenerator(seed: UInt64(seed))
        let (document, ghosts) = Self.world(&random)
        let decision = try FleetRun.decide(GhostProbe.self, document)

        #expect(Set(decision.items("action", "terminate").compactMap { $0["instance_id"]?.string }) == ghosts)
        FleetRun.expectConfirmations(decision)
        let other = try FleetRun.decide(GhostProbe.self, FleetRun.shuffled(document, &random))
        FleetRun.expectSame(other, decision)
        FleetRun.expectSame(try FleetRun.decide(GhostProbe.self, document), decision)
    }

    @Test("a machine described twice and differently is not judged, in whichever order")
    func conflicting() throws {
        let one = GhostWorld.instance("i-ghost")
        let two = GhostWorld.instance("i-ghost", cluster: nil)
        for pair in [[one, two], [two, one]] {
            let decision = try FleetRun.decide(
                GhostProbe.self,
                GhostWorld.request(
                    GhostWorld.healthy(10) + pair,
                    nodes: (0..<10).map(GhostWorld.name),
                    scan: GhostWorld.scan(["i-ghost"])
                )
            )
            #expect(decision.recommendations.isEmpty)
            #expect(decision.reason(of: "i-ghost") == "conflicting_descriptions")
        }
    }

    @Test(
        "on recorded descriptions without cluster tags nothing is terminated",
        .enabled(if: SharedData.isPresent),
        arguments: [
            "test_action_filter_call", "test_asg_tag", "test_ec2_autorecover_alarm", "test_ec2_normalize_tag",
            "test_ec2_offhours_filter", "test_ec2_propagate_spot_tags", "test_ec2_resize",
            "test_ec2_state_transition_age_filter", "test_ec2_stop_hibernate", "test_ec2_termination-protected_filter",
            "test_ecs_cluster_storage", "test_iam_instance_profile_unused", "test_offhours_records",
        ]
    )
    func recorded(name: String) throws {
        let recorded = try JSONParser.parse(try SharedData.bytes("ec2/describe-instances__\(name)__1.json"))
        let ids = EC2Instance.listing(JSONReader(recorded)).items.map(\.id)
        #expect(!ids.isEmpty)
        for cluster in [nil, "shop", "c7n"] as [String?] {
            for nodes in [[], ["i-0000000000000001"], Array(ids.prefix(1))] {
                var requirements: JSONObject = [
                    "ec2_instances": recorded, "k8s_node_instance_ids": .array(nodes.map { .string($0) }),
                    "previous_scan": GhostWorld.scan(ids),
                ]
                if let cluster { requirements["cluster_name"] = .string(cluster) }
                let decision = try FleetRun.decide(GhostProbe.self, ["requirements": .object(requirements)])
                #expect(decision.items("action", "terminate").isEmpty && decision.plan.isEmpty)
            }
        }
    }

    @Test(
        "tagged ghosts among recorded machines are all found",
        .enabled(if: SharedData.isPresent),
        arguments: ["test_action_filter_call", "test_asg_tag", "test_ec2_resize"]
    )
    func injected(name: String) throws {
        let recorded = try JSONParser.parse(try SharedData.bytes("ec2/describe-instances__\(name)__1.json"))
        let ghosts = ["i-0ddddddddddddddd1", "i-0ddddddddddddddd2"]
        let mixed: JSONValue = [
            recorded, .array(GhostWorld.healthy(12)), .array(ghosts.map { GhostWorld.instance($0, cluster: "shop") }),
        ]
        let decision = try FleetRun.decide(
            GhostProbe.self,
            [
                "requirements": [
                    "ec2_instances": mixed, "previous_scan": GhostWorld.scan(ghosts),
                    "k8s_node_instance_ids": .array((0..<12).map { .string(GhostWorld.name($0)) }),
                ]
            ]
        )
        #expect(decision.items("action", "terminate").compactMap { $0["instance_id"]?.string }.sorted() == ghosts)
    }

    @Test(
        "hostile input: a clear error or a flagged answer, never a termination",
        arguments: [
            #"{"requirements":{}}"#, #"{"requirements":{"ec2_instances":null}}"#,
            #"{"requirements":{"ec2_instances":[],"k8s_node_instance_ids":"i-1"}}"#,
            #"{"requirements":{"ec2_instances":[1,null,[],{}],"k8s_node_instance_ids":[1,null,{}]}}"#,
            #"{"requirements":{"ec2_instances":{"Reservations":{"Instances":7}},"k8s_node_instance_ids":["i-1"]}}"#,
            #"{"requirements":{"ec2_instances":[{"InstanceId":"i-1","LaunchTime":1e308}],"k8s_node_instance_ids":["i-2"]}}"#,
            #"{"requirements":{"ec2_instances":[{"InstanceId":"i-1"}],"grace_hours":-1}}"#,
            #"{"requirements":{"ec2_instances":[{"InstanceId":"i-1"}],"max_ghost_share":1}}"#,
            #"{"requirements":{"ec2_instances":[{"InstanceId":""}],"k8s_node_instance_ids":["i-2"]}}"#,
            #"{"requirements":{"ec2_instances":[],"k8s_node_instance_ids":[],"previous_scan":[]}}"#,
            #"{"requirements":{"ec2_instances":[],"volumes":[{"VolumeId":"v","Size":-1}],"k8s_node_instance_ids":["i-2"]}}"#,
        ]
    )
    func hostile(body: String) throws {
        do {
            let decision = try FleetRun.decide(GhostProbe.self, try JSONParser.parse(body))
            #expect(decision.items("action", "terminate").isEmpty && decision.plan.isEmpty)
        } catch let error as APIError {
            #expect((400..<500).contains(error.status) && error.field != nil)
        }
    }
}
