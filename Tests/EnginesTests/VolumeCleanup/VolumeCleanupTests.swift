import Contract
import Testing

@testable import Engines

@Suite("Volume cleanup")
struct VolumeCleanupTests {
    private func decide(
        _ volumes: [JSONValue],
        state: JSONObject = ["persistent_volumes": []],
        detached: JSONValue? = nil,
        snapshots: JSONValue? = [],
        _ more: JSONObject = [:]
    ) throws -> Decision {
        try FleetRun.decide(
            VolumeCleanup.self,
            VolumeWorld.request(volumes, state: state, detached: detached, snapshots: snapshots, more)
        )
    }

    private func deleted(_ decision: Decision) -> [String] {
        decision.items("action", "delete").compactMap { $0["volume_id"]?.string }
    }

    // MARK: What is left alone

    private static let states: [(String, JSONValue, String)] = [
        ("in-use", [], "in_use"), ("creating", [], "creating"), ("deleting", [], "deleting"), ("error", [], "error"),
        ("optimizing", [], "state_unknown"),
        ("available", [["InstanceId": "i-1", "State": "attached"]], "conflicting_state"),
        ("available", [["InstanceId": "i-1", "State": "detaching"], ["InstanceId": "i-2"]], "conflicting_state"),
        ("in-use", [["InstanceId": "i-1", "State": "attached"]], "in_use"),
    ]

    @Test("only what is available without any attachment can be deleted", arguments: states)
    func busy(state: String, attachments: JSONValue, reason: String) throws {
        let decision = try decide([VolumeWorld.volume("vol-1", state: state, attachments: attachments)])

        #expect(decision.recommendations.isEmpty && decision.plan.isEmpty)
        #expect(decision.reason(of: "vol-1") == reason)
    }

    @Test("a disk whose detachment nobody knows is reported, and its clock starts")
    func unknownDetachment() throws {
        let volume = VolumeWorld.volume("vol-1", created: "2019-01-01T00:00:00Z")
        let first = try decide([volume], detached: [:])
        #expect(deleted(first).isEmpty && first.reason(of: "vol-1") == "detach_time_unknown")
        #expect(first.metadata["first_seen"]?["vol-1"]?.string == FleetRun.now.description)

        let seen = try #require(first.metadata["first_seen"])
        func later(_ days: Int) throws -> Decision {
            try FleetRun.decide(
                VolumeCleanup.self,
                VolumeWorld.request([volume], detached: [:], ["first_seen": seen]),
                now: FleetRun.now.adding(days: days)
            )
        }
        #expect(try later(6).reason(of: "vol-1") == "within_grace")
        let week = try later(7)
        #expect(deleted(week) == ["vol-1"])
        #expect(week.metadata["first_seen"] == seen)
        #expect(week.recommendations.first?["unattached_since_source"]?.string == "first_seen")
    }

    private static let times: [(JSONValue, Bool)] = [
        ("2026-05-27T12:00:00Z", true), ("2026-05-27T12:00:01Z", false), ("2026-05-27T12:00:00+00:00", true),
        ("2026-05-27T14:00:00.123456+02:00", false), ("2026-05-27T13:59:59.999+02:00", true), ("2026-05-27", true),
        ("2026-05-28", false), ("2026-05-27T12:00:00.000000+00:00", true), ("2026-05-27 11:59:59+0000", true),
        (1_779_883_200, true), (1_779_883_201, false), ("2026-06-04T00:00:00Z", false), ("yesterday", false),
        (-1, false), (1e308, false),
    ]

    @Test("every form of a time is understood, and a wrong one is nobody's knowledge", arguments: times)
    func forms(time: JSONValue, isOld: Bool) throws {
        let decision = try decide([VolumeWorld.volume("vol-1")], detached: ["vol-1": time])

        #expect(deleted(decision) == (isOld ? ["vol-1"] : []))
    }

    @Test("age counts from the later of creation and detachment")
    func creation() throws {
        let young = VolumeWorld.volume("vol-1", created: "2026-06-01T00:00:00+00:00")
        let future = VolumeWorld.volume("vol-2", created: "2027-01-01T00:00:00.000Z")
        let decision = try decide([young, future])

        #expect(decision.reason(of: "vol-1") == "within_grace")
        #expect(decision.reason(of: "vol-2") == "created_in_future")
    }

    private static let keepers: [([String: String], String)] = [
        (["keep": ""], "keep_tag"), (["Keep": "true"], "keep_tag"), (["keep": "false"], "detached"),
        (["BackupPlan": "daily"], "keep_tag"), (["aws:backup:source-resource": "x"], "keep_tag"),
        (["aws:dlm:lifecycle-policy-id": "p"], "keep_tag"), (["dlm": "on"], "keep_tag"),
        (["DeletionProtection": "enabled"], "keep_tag"), (["do-not-delete": "1"], "keep_tag"),
        (["cloudoptim:ignore": ""], "ignored_by_tag"), (["team:retain": "yes"], "keep_tag"),
        (["Name": "keep me"], "detached"), (["housekeeping": "x"], "detached"),
    ]

    @Test("tags that keep", arguments: keepers)
    func kept(tags: [String: String], reason: String) throws {
        let decision = try decide([VolumeWorld.volume("vol-1", tags: tags)])

        #expect(deleted(decision) == (reason == "detached" ? ["vol-1"] : []))
        if reason != "detached" { #expect(decision.reason(of: "vol-1") == reason) }
    }

    @Test("snapshots in progress, fast restore and images keep their disk")
    func copies() throws {
        func snapshot(_ volume: String, _ state: String, description: String = "") -> JSONValue {
            [
                "SnapshotId": .string("snap-\(volume)"), "VolumeId": .string(volume), "State": .string(state),
                "StartTime": "2026-06-01T00:00:00Z", "Description": .string(description),
            ]
        }
        let decision = try decide(
            [
                VolumeWorld.volume("vol-1"), VolumeWorld.volume("vol-2", more: ["FastRestored": true]),
                VolumeWorld.volume("vol-3"), VolumeWorld.volume("vol-4"), VolumeWorld.volume("vol-5"),
            ],
            snapshots: [
                snapshot("vol-1", "pending"),
                snapshot("vol-3", "completed", description: "Created by CreateImage(i-1) for ami-1"),
                snapshot("vol-4", "completed"), snapshot("vol-5", "error"),
            ],
            [
                "images": [
                    "Images": [["ImageId": "ami-2", "BlockDeviceMappings": [["Ebs": ["SnapshotId": "snap-vol-4"]]]]]
                ]
            ]
        )

        #expect(decision.reason(of: "vol-1") == "snapshot_in_progress")
        #expect(decision.reason(of: "vol-2") == "fast_restore")
        #expect(decision.reason(of: "vol-3") == "ami_root")
        #expect(decision.reason(of: "vol-4") == "ami_root")
        // A snapshot that failed is no backup.
        #expect(deleted(decision) == ["vol-5"])
    }

    private static let phaseCases: [(String, String, String)] = [
        ("Bound", "Delete", "pv_bound"), ("Available", "Retain", "pv_available"),
        ("Pending", "Delete", "pv_phase_unknown"),
        ("Released", "Retain", "pv_released_retain"), ("Released", "Delete", "pv_released"),
        ("Failed", "Delete", "pv_failed"),
    ]

    @Test("a disk that a cluster refers to is kept or looked at, by its phase", arguments: phaseCases)
    func phases(phase: String, policy: String, reason: String) throws {
        let volume = VolumeWorld.persistentVolume("pv-1", volume: "vol-1", phase: phase, policy: policy)
        let decision = try decide([VolumeWorld.volume("vol-1")], state: ["persistent_volumes": [volume]])

        #expect(decision.recommendations.isEmpty && decision.reason(of: "vol-1") == reason)
        // The same from a second cluster, and whatever the first one says.
        let second = try decide(
            [VolumeWorld.volume("vol-1")],
            ["clusters": [["name": "other", "cluster_state": ["persistent_volumes": ["items": [volume]]]]]]
        )
        #expect(second.recommendations.isEmpty && second.reason(of: "vol-1") == reason)
    }

    @Test("claims that wait, exist, or come back with their set keep the disk made for them")
    func claims() throws {
        func run(_ claims: [JSONValue], sets: [JSONValue] = [], name: String = "data") throws -> Decision {
            var tags = VolumeWorld.clusterTags
            tags["kubernetes.io/created-for/pvc/name"] = name
            return try decide(
                [VolumeWorld.volume("vol-1", tags: tags)],
                state: [
                    "persistent_volumes": [], "pvcs": .array(claims), "statefulsets": .array(sets),
                    "cluster_name": "shop",
                ]
            )
        }
        func set(_ policy: String) -> JSONValue {
            [
                "apiVersion": "apps/v1", "kind": "StatefulSet", "metadata": ["name": "web-db", "namespace": "shop"],
                "spec": [
                    "replicas": 0, "persistentVolumeClaimRetentionPolicy": ["whenScaled": .string(policy)],
                    "volumeClaimTemplates": [["metadata": ["name": "data-x"], "spec": [:]]],
                ],
            ]
        }

        #expect(
            try run([VolumeWorld.claim("data", volume: nil, phase: "Pending")]).reason(of: "vol-1") == "pvc_pending"
        )
        #expect(
            try run([VolumeWorld.claim("data", volume: "pvc-1", phase: "Bound")]).reason(of: "vol-1") == "pvc_exists"
        )
        // Bound to another volume by now, the claim has forgotten the disk.
        #expect(deleted(try run([VolumeWorld.claim("data", volume: "pvc-2", phase: "Bound")])) == ["vol-1"])
        let scaled = try run([], sets: [set("Retain")], name: "data-x-web-db-3")
        #expect(scaled.reason(of: "vol-1") == "statefulset_scaled_down")
        #expect(deleted(try run([], sets: [set("Delete")], name: "data-x-web-db-3")) == ["vol-1"])
    }

    @Test("a cluster's disk waits thirty days, and for its own cluster's list")
    func clusterDisks() throws {
        let volume = VolumeWorld.volume("vol-1", tags: VolumeWorld.clusterTags)
        let named: JSONObject = ["persistent_volumes": [], "cluster_name": "shop"]
        #expect(deleted(try decide([volume], state: named, detached: ["vol-1": "2026-05-04T12:00:00Z"])) == ["vol-1"])
        let young = try decide([volume], state: named, detached: ["vol-1": "2026-05-04T12:00:01Z"])
        #expect(young.reason(of: "vol-1") == "within_grace")

        #expect(try decide([volume], state: [:]).reason(of: "vol-1") == "cluster_not_supplied")
        let unnamed = VolumeWorld.volume("vol-2", tags: ["ebs.csi.aws.com/cluster": "true"])
        #expect(try decide([unnamed], state: [:]).reason(of: "vol-2") == "persistent_volumes_not_supplied")
        let bank: JSONObject = ["persistent_volumes": [], "cluster_name": "bank"]
        #expect(try decide([volume], state: bank).reason(of: "vol-1") == "cluster_not_supplied")
        // The supplied volumes' own disks tell which cluster they are of.
        let sibling = VolumeWorld.volume("vol-9", state: "in-use", tags: VolumeWorld.clusterTags)
        let learned = try decide(
            [volume, sibling],
            state: ["persistent_volumes": [VolumeWorld.persistentVolume("pv-9", volume: "vol-9")]]
        )
        #expect(deleted(learned) == ["vol-1"])
    }

    @Test("a persistent volume that cannot be read could be of any disk")
    func unreadable() throws {
        let decision = try decide([VolumeWorld.volume("vol-1")], state: ["persistent_volumes": [7]])

        #expect(decision.recommendations.isEmpty)
        #expect(decision.reason(of: "vol-1") == "persistent_volumes_unreadable")
        #expect(!decision.itemProblems.isEmpty)
    }

    // MARK: Snapshots

    @Test("disks with snapshots are excluded, or deleted after a copy where none is newer than their last use")
    func snapshotPolicies() throws {
        func snapshot(_ time: String) -> JSONValue {
            [["SnapshotId": "snap-1", "VolumeId": "vol-1", "State": "completed", "StartTime": .string(time)]]
        }
        func run(_ snapshots: JSONValue?, _ policy: String, attach: Bool = false) throws -> Decision {
            let tags = attach ? ["LastAttachTime": "2026-04-04T12:00:00Z"] : [:]
            return try decide(
                [VolumeWorld.volume("vol-1", tags: tags)],
                detached: attach ? [:] : nil,
                snapshots: snapshots,
                ["snapshot_policy": .string(policy)]
            )
        }
        let old = snapshot("2026-04-04T12:00:00Z")
        let recent = snapshot("2026-04-04T12:00:01Z")

        #expect(try run(recent, "exclude").reason(of: "vol-1") == "has_snapshots")
        #expect(try run([], "exclude").recommendations.first?["requires_snapshot"] == true)
        let copied = try #require(try run(old, "snapshot_then_delete").recommendations.first)
        #expect(copied["requires_snapshot"] == true && copied["monthly_savings"]?.number == 3)
        let known = try #require(try run(recent, "snapshot_then_delete").recommendations.first)
        #expect(known["requires_snapshot"] == false && known["recent_snapshot_id"]?.string == "snap-1")
        #expect(known["monthly_savings"]?.number == 8)
        // Attached then, detached nobody knows when: the snapshot may be older than the last write.
        let attached = try run(recent, "snapshot_then_delete", attach: true)
        #expect(attached.recommendations.first?["requires_snapshot"] == true)
        #expect(attached.recommendations.first?["unattached_since_source"]?.string == "last_attach_time_tag")
        let unknown = try run(nil, "exclude")
        #expect(unknown.recommendations.first?["requires_snapshot"] == true)
        #expect(unknown.recommendations.first?["snapshots_known"] == false)
    }

    @Test("the plan marks, tells, checks, copies, asks, deletes and verifies; every disk has its way back")
    func plan() throws {
        let decision = try decide([
            VolumeWorld.volume("vol-1", more: ["Iops": 4000, "Throughput": 250, "Encrypted": true])
        ])

        #expect(
            decision.plan.map(\.action) == [
                "tag_volumes", "notify_owners", "recheck_available", "create_snapshots", "approve_deletions",
                "delete_volumes", "verify",
            ]
        )
        #expect(decision.plan[2].delaySeconds == 7 * 86_400)
        #expect(decision.plan[0].parameters["value"]?.string == "2026-06-10T12:00:00.000Z")
        FleetRun.expectConfirmations(decision)
        #expect(
            decision.recommendations.first?["restore_command"]?.string
                == "aws ec2 create-volume --snapshot-id SNAPSHOT_OF_vol-1 --availability-zone us-east-1a "
                + "--volume-type gp3 --size 100 --iops 4000 --throughput 250 --encrypted"
        )
        let hostile = try decide([VolumeWorld.volume("vol-1", type: "gp3; rm -rf /")])
        #expect(hostile.recommendations.first?["restore_command"] == .null)
    }

    // MARK: Money

    private static let costs: [(String, Int64, JSONObject, Double)] = [
        ("gp3", 100, [:], 8), ("gp3", 100, ["Iops": 3000, "Throughput": 125], 8),
        ("gp3", 100, ["Iops": 5000, "Throughput": 225], 8 + 10 + 4), ("gp2", 250, ["Iops": 750], 25),
        ("io1", 100, ["Iops": 1000], 12.5 + 65), ("io2", 100, ["Iops": 32_000], 12.5 + 2080),
        ("io2", 100, ["Iops": 100_000], 12.5 + 2080 + 1456 + 1146.6), ("st1", 500, [:], 22.5), ("sc1", 1000, [:], 15),
        ("standard", 10, [:], 0.5),
    ]

    @Test("prices by type, size and speed", arguments: costs)
    func prices(type: String, size: Int64, more: JSONObject, monthly: Double) throws {
        let decision = try decide([VolumeWorld.volume("vol-1", type: type, size: size, more: more)])
        let item = try #require(decision.recommendations.first)

        #expect(abs((item["monthly_cost"]?.number ?? 0) - monthly) < 1e-6)
        // A copy of a slow disk at hand costs as much as the disk: it goes to the archive.
        let isSlow = ["st1", "sc1", "standard"].contains(type)
        #expect(item["snapshot_tier"]?.string == (isSlow ? "archive" : "standard"))
        let copy = Double(size) * (isSlow ? 0.0125 : 0.05)
        #expect(abs(decision.estimatedSavings - (monthly - copy)) < 1e-6)
        #expect(decision.plan.contains { $0.action == "archive_snapshots" } == isSlow)
    }

    @Test("where the copy costs more than the disk, people decide")
    func copyCostsMore() throws {
        let decision = try decide(
            [VolumeWorld.volume("vol-1", type: "sc1")],
            ["service_prices": ["ebs.snapshot_archive.gb_month": 0.02]]
        )

        #expect(decision.recommendations.isEmpty && decision.reason(of: "vol-1") == "snapshot_costs_more")
    }

    @Test("what has no price is listed and never guessed")
    func missingPrices() throws {
        let decision = try decide([
            VolumeWorld.volume("vol-1", type: "io1"), VolumeWorld.volume("vol-2", type: "gp9"),
            VolumeWorld.volume("vol-3", more: ["AvailabilityZone": "eu-west-1a"]),
            VolumeWorld.volume("vol-4"),
        ])

        #expect(deleted(decision).count == 4)
        #expect(decision.estimatedSavings == 3)
        #expect(decision.metadata["missing_prices"] == ["iops", "region:eu-west-1", "volume_type:gp9"])
        #expect(decision.dataQuality < 0.8)
        #expect(decision.items("volume_id", "vol-2").first?["monthly_savings"] == .null)
    }

    private static let migrations: [(Int64, Double?, Int64, Int64)] = [
        (100, 2 - 0.12, 3000, 128), (170, 3.4 - 0.12, 3000, 128), (171, nil, 3000, 250), (500, 10 - 5, 3000, 250),
        (2000, 40 - 15 - 5, 6000, 250), (16_384, 0.02 * 16_384 - 65 - 5, 16_000, 250), (6, nil, 0, 0), (1, nil, 0, 0),
    ]

    @Test(
        "gp2 in use becomes gp3 of at least its speed, where that costs less; it is never deleted",
        arguments: migrations
    )
    func gp3(size: Int64, saving: Double?, iops: Int64, throughput: Int64) throws {
        let volume = VolumeWorld.volume(
            "vol-1",
            state: "in-use",
            type: "gp2",
            size: size,
            attachments: [["InstanceId": "i-1"]]
        )
        let decision = try decide([volume])

        #expect(deleted(decision).isEmpty)
        guard let saving else { return #expect(decision.recommendations.isEmpty) }
        let item = try #require(decision.items("action", "modify_volume").first)
        #expect(item["target_iops"] == .integer(iops) && item["target_throughput_mibps"] == .integer(throughput))
        #expect(abs(decision.estimatedSavings - saving) < 1e-6)
        #expect(decision.plan.map(\.action) == ["modify_volumes"])
        FleetRun.expectConfirmations(decision)
    }
}
