import Contract
import OracleSupport
import Testing

@testable import Engines

@Suite("Volume cleanup on anything")
struct VolumePropertyTests {
    private static func world(_ random: inout SeededGenerator) -> JSONValue {
        var volumes: [JSONValue] = []
        var detached = JSONObject()
        var claims: [JSONValue] = []
        for number in 0..<Int.random(in: 1...60, using: &random) {
            let id = "vol-\(number)"
            let isAvailable = Bool.random(using: &random)
            let isOfCluster = Int.random(in: 0..<3, using: &random) == 0
            let types = ["gp2", "gp3", "io1", "io2", "st1", "sc1", "standard"]
            volumes.append(
                VolumeWorld.volume(
                    id,
                    state: isAvailable ? "available" : "in-use",
                    type: types[Int.random(in: types.indices, using: &random)],
                    size: Int64.random(in: 1...2000, using: &random),
                    tags: isOfCluster ? VolumeWorld.clusterTags : [:],
                    attachments: isAvailable ? [] : [["InstanceId": "i-1"]],
                    more: ["Iops": .integer(Int64.random(in: 100...60_000, using: &random))]
                )
            )
            if Bool.random(using: &random) {
                let age = Int.random(in: 0...60, using: &random)
                detached[id] = .string(FleetRun.now.adding(days: -age).description)
            }
            if Int.random(in: 0..<5, using: &random) == 0 {
                claims.append(VolumeWorld.persistentVolume("pv-\(number)", volume: id))
            }
        }
        return VolumeWorld.request(
            volumes,
            state: ["persistent_volumes": .array(claims), "cluster_name": "shop"],
            detached: .object(detached)
        )
    }

    @Test("never in use, never of unknown age, never referred to; the same in any order", arguments: 0..<25)
    func safe(seed: Int) throws {
        var random = SeededGenerator(seed: UInt64(seed))
        let document = Self.world(&random)
        let decision = try FleetRun.decide(VolumeCleanup.self, document)

        let detached = document["requirements"]?["last_detach"]
        let volumes = document["requirements"]?["volumes"]?.array ?? []
        let referred = Set(
            (document["cluster_state"]?["persistent_volumes"]?.array ?? [])
                .compactMap { $0["spec"]?["csi"]?["volumeHandle"]?.string }
        )
        for item in decision.items("action", "delete") {
            let id = try #require(item["volume_id"]?.string)
            let volume = try #require(volumes.first { $0["VolumeId"]?.string == id })
            let isOfCluster = volume["Tags"]?.array?.isEmpty == false
            #expect(volume["State"]?.string == "available")
            #expect(!referred.contains(id))
            let time = try #require(detached?[id]?.string.flatMap { Timestamp($0) })
            #expect(FleetRun.now.hours(since: time) >= (isOfCluster ? 720 : 168))
        }
        FleetRun.expectConfirmations(decision)
        #expect(decision.estimatedSavings >= 0)
        let other = try FleetRun.decide(VolumeCleanup.self, FleetRun.shuffled(document, &random))
        FleetRun.expectSame(other, decision)
    }

    @Test(
        "recorded volumes: those in use are never listed for deletion, none at first sight",
        .enabled(if: SharedData.isPresent),
        arguments: [
            "cost_opt_hub_ebs__1", "csi_pvc_example__1", "test_ebs_aws_managed_kms_keys__1", "test_ebs_detach__1",
            "test_ebs_detach__2", "test_ebs_instance_filter__1", "test_ebs_modifyable_action__1",
            "test_ebs_modifyable_action__2", "test_ebs_snapshot_description__1", "test_ebs_volume_snapshots_filter__1",
            "test_encrypt_volumes__1", "test_encrypt_volumes__2", "test_encrypt_volumes__3",
        ]
    )
    func recorded(name: String) throws {
        let recorded = try JSONParser.parse(try SharedData.bytes("ec2/describe-volumes__\(name).json"))
        let volumes = EBSVolume.listing(JSONReader(recorded)).items
        #expect(!volumes.isEmpty)
        let state: JSONValue = ["persistent_volumes": []]
        let first = try FleetRun.decide(
            VolumeCleanup.self,
            ["cluster_state": state, "requirements": ["volumes": recorded]]
        )
        // One recorded volume carries LastAttachTime. The rule counts that tag as knowledge of the past, ahead of our own
        // history, so such a disk may be proposed at first sight; every other one is not. What the tag does not say is when
        // the disk was detached: whoever writes it copies the time of the attachment and never looks again. So the answer
        // warns, no snapshot older than this day counts as the last state, and people approve after the notice.
        for item in first.items("action", "delete") {
            #expect(item["unattached_since_source"]?.string == "last_attach_time_tag")
            #expect(item["requires_snapshot"] == true)
            #expect(first.warnings.contains { $0.contains("last attached") })
        }
        let tagged = Set(volumes.filter { $0.tags["LastAttachTime"] != nil }.map(\.id))
        let deleted = first.items("action", "delete").compactMap { $0["volume_id"]?.string }
        #expect(deleted.allSatisfy(tagged.contains))

        let later = try FleetRun.decide(
            VolumeCleanup.self,
            [
                "cluster_state": state,
                "requirements": ["volumes": recorded, "first_seen": first.metadata["first_seen"] ?? [:]],
            ],
            now: FleetRun.now.adding(days: 31)
        )
        let unattached = volumes.filter { $0.state == .available }.map(\.id).sorted()
        #expect(later.items("action", "delete").compactMap { $0["volume_id"]?.string }.sorted() == unattached)
    }

    @Test(
        "hostile input: a clear error or a flagged answer, never a deletion",
        arguments: [
            #"{"cluster_state":{},"requirements":{}}"#, #"{"cluster_state":{},"requirements":{"volumes":7}}"#,
            #"{"cluster_state":{},"requirements":{"volumes":[null,1,[],{},{"VolumeId":""}]}}"#,
            #"{"cluster_state":{},"requirements":{"volumes":[{"VolumeId":"v","State":"available","Size":-5}]}}"#,
            #"{"cluster_state":{},"requirements":{"volumes":[{"VolumeId":"v","State":"available","Size":1e308}]}}"#,
            #"{"cluster_state":{},"requirements":{"volumes":[{"VolumeId":"v","State":"available","CreateTime":"x"}],"first_seen":{"v":"2020-01-01"}}}"#,
            #"{"cluster_state":{},"requirements":{"volumes":[{"VolumeId":"v","State":"available"}],"first_seen":[]}}"#,
            #"{"cluster_state":{},"requirements":{"volumes":[{"VolumeId":"v"}],"first_seen":{"v":"2020-01-01"}}}"#,
            #"{"cluster_state":{},"requirements":{"volumes":[],"clusters":[7]}}"#,
            #"{"cluster_state":{},"requirements":{"volumes":[],"grace_days":-1}}"#,
            #"{"cluster_state":{},"requirements":{"volumes":[],"snapshot_policy":"none"}}"#,
            #"{"cluster_state":{},"requirements":{"volumes":[{"VolumeId":"v","State":"available","Tags":[1]}],"first_seen":{"v":"2020-01-01"}}}"#,
        ]
    )
    func hostile(body: String) throws {
        do {
            let decision = try FleetRun.decide(VolumeCleanup.self, try JSONParser.parse(body))
            #expect(decision.items("action", "delete").isEmpty)
        } catch let error as APIError {
            #expect((400..<500).contains(error.status) && error.field != nil)
        }
    }

    @Test("a grace below the least that is safe is raised")
    func leastGrace() throws {
        let decision = try FleetRun.decide(
            VolumeCleanup.self,
            VolumeWorld.request(
                [VolumeWorld.volume("vol-1")],
                detached: ["vol-1": "2026-06-01T00:00:00Z"],
                ["grace_days": 0]
            )
        )
        #expect(decision.reason(of: "vol-1") == "within_grace")
        #expect(decision.warnings.contains { $0.contains("grace_days") })
    }
}
