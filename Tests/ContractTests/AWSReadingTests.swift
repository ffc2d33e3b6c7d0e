import Contract
import FoundationEssentials
import OracleSupport
import Testing

@Suite("AWS descriptions")
struct AWSReadingTests {
    private static func reader(_ text: String) throws -> JSONReader {
        JSONReader(try JSONParser.parse(text), path: .key(.root, "requirements"))
    }

    @Test(
        "instances are found in every shape",
        arguments: [
            #"{"Reservations":[{"Instances":[INSTANCE]}]}"#, #"[{"Instances":[INSTANCE]}]"#, #"[INSTANCE]"#, "INSTANCE",
            #"[{"Reservations":[{"Instances":[INSTANCE]}]},{"Reservations":[]}]"#, #"{"Instances":[INSTANCE]}"#,
            #"{"i-0a":INSTANCE}"#,
        ]
    )
    func shapes(text: String) throws {
        let instance =
            #"{"InstanceId":"i-0a","InstanceType":"m5.large","State":{"Code":16,"Name":"running"},"LaunchTime":"2026-01-01T00:00:00+00:00","Tags":[{"Key":"aws:autoscaling:groupName","Value":"g"}],"Placement":{"AvailabilityZone":"us-east-1a"},"Platform":"windows","Architecture":"arm64"}"#
        let text = text.split(separator: "INSTANCE", omittingEmptySubsequences: false).joined(separator: instance)
        let listing = EC2Instance.listing(try Self.reader(text))
        #expect(listing.problems.isEmpty)
        try #require(listing.items.count == 1)
        let read = listing.items[0]
        #expect(read.id == "i-0a" && read.state == .running && read.region == "us-east-1" && !read.isSpot)
        #expect(read.autoScalingGroup == "g" && read.operatingSystem == "Windows" && read.architecture == "arm64")
    }

    @Test("the small shape and plain ids are read, and nothing is invented")
    func small() throws {
        let listing = EC2Instance.listing(
            try Self.reader(
                #"["i-1",{"instance_id":"i-2","instance_type":"c5.large","state":"Stopped","launch_time":"2026-01-01T00:00:00","tags":{"a":"b"},"lifecycle":"spot"}]"#
            )
        )
        #expect(listing.problems.isEmpty)
        #expect(listing.items.map(\.state) == [.unknown, .stopped])
        #expect(listing.items.map(\.isSpot) == [false, true])
        #expect(listing.items[1].tags == ["a": "b"])
        #expect(listing.items[0].launchTime == nil && listing.items[0].isTerminationProtected == nil)
    }

    @Test(
        "a malformed instance is one problem, and its id is kept",
        arguments: [
            (#"{"InstanceId":"i-2","LaunchTime":"soon"}"#, ["i-2"]), (#"{"InstanceId":"i-2","Tags":[5]}"#, ["i-2"]),
            (#"{"InstanceId":5}"#, []), ("null", []), (#"{"x":1}"#, []), ("5", []),
            (#"{"InstanceId":"i-2","BlockDeviceMappings":{}}"#, ["i-2"]),
        ] as [(String, [String])]
    )
    func malformed(item: String, ids: [String]) throws {
        let listing = EC2Instance.listing(try Self.reader(#"[{"InstanceId":"i-1"},\#(item)]"#))
        #expect(listing.items.map(\.id) == ["i-1"])
        #expect(listing.problems.count == 1)
        #expect(listing.problems[0].field.hasPrefix("requirements[1]"))
        #expect(listing.unreadable == ids)
    }

    @Test("a description with more pages is incomplete; duplicates are reported and doubted when they differ")
    func incomplete() throws {
        let listing = EBSVolume.listing(
            try Self.reader(
                #"{"NextToken":"x","Volumes":[{"VolumeId":"v","State":"available"},{"VolumeId":"v","State":"in-use"},{"VolumeId":"w"},{"VolumeId":"w"}]}"#
            )
        )
        #expect(listing.isIncomplete)
        #expect(listing.items.map(\.id) == ["v", "w"])
        #expect(listing.items[1].state == .unknown)
        #expect(listing.problems.map(\.code) == ["incomplete_list", "duplicate", "duplicate"])
        #expect(listing.unreadable == ["v"])
    }

    @Test("members of Auto Scaling groups are joined to their instances")
    func members() throws {
        let groups = AutoScalingMember.listing(
            try Self.reader(
                #"{"AutoScalingGroups":[{"AutoScalingGroupName":"g","Instances":[{"InstanceId":"i-1","LifecycleState":"Standby","ProtectedFromScaleIn":true}]},{"AutoScalingGroupName":"empty","Instances":[]}]}"#
            )
        )
        let alone = AutoScalingMember.listing(
            try Self.reader(
                #"{"AutoScalingInstances":[{"InstanceId":"i-2","AutoScalingGroupName":"h","LifecycleState":"Warmed:Stopped","ProtectedFromScaleIn":false}]}"#
            )
        )
        #expect(groups.problems.isEmpty && alone.problems.isEmpty)
        let joined = EC2Instance.joined(
            [EC2Instance(id: "i-1"), EC2Instance(id: "i-2"), EC2Instance(id: "i-3")],
            groups.items + alone.items
        )
        #expect(joined.map(\.autoScalingGroup) == ["g", "h", nil])
        #expect(joined.map(\.autoScalingLifecycleState) == ["Standby", "Warmed:Stopped", nil])
        #expect(groups.items[0].isProtectedFromScaleIn)
    }

    @Test(
        "times of every tool are understood",
        arguments: [
            (#""2026-01-31T08:30:00Z""#, "2026-01-31T08:30:00.000Z"),
            (#""2026-01-31T08:30:00+02:00""#, "2026-01-31T06:30:00.000Z"),
            (#""2026-01-31T08:30:00.123456+00:00""#, "2026-01-31T08:30:00.123Z"),
            (#""2026-01-31T08:30:00+0000""#, "2026-01-31T08:30:00.000Z"),
            (#""2026-01-31T08:30:00-05""#, "2026-01-31T13:30:00.000Z"), (#""2026-01-31""#, "2026-01-31T00:00:00.000Z"),
            (#""2026-01-31 08:30:00""#, "2026-01-31T08:30:00.000Z"),
            (#""2026-01-31T08:30""#, "2026-01-31T08:30:00.000Z"),
            ("1769848200", "2026-01-31T08:30:00.000Z"), ("1769848200000", "2026-01-31T08:30:00.000Z"),
            ("1769848200.5", "2026-01-31T08:30:00.500Z"),
        ]
    )
    func times(text: String, expected: String) throws {
        #expect(try Self.reader(text).moment().description == expected)
    }

    @Test(
        "what is no time is refused",
        arguments: [
            #""""#, #""yesterday""#, #""2026-13-01""#, #""2026-02-30""#, #""2026-01-31T25:00:00Z""#, "-1", "1e300",
            "true",
            "[]", #""2026-01-31T08:30:00+1""#, #""20260131T083000Z""#, #""2026-01-31T08:30:00 UTC""#,
        ]
    )
    func noTimes(text: String) throws {
        let reader = try Self.reader(text)
        #expect(throws: APIError.self) { try reader.moment() }
    }

    @Test(
        "every recorded description is read as Python reads it, with no problem but ids that come twice",
        .enabled(if: SharedData.isPresent && PythonOracle.isPresent, "needs ../shared and python3")
    )
    func recorded() async throws {
        let root = try SharedData.url("ec2")
        let files = try FileManager.default.contentsOfDirectory(atPath: root.path()).sorted()
            .filter { $0.hasPrefix("describe-") && $0.hasSuffix(".json") }
        try #require(files.count >= 30)
        func operation(_ file: String) -> String { String(file.prefix { $0 != "_" }) }
        let arguments = files.map { "\(operation($0))=\(root.appending(path: $0).path())" }
        let oracle = try #require(try await PythonOracle.run("aws_facts.py", arguments).array)
        for (file, expected) in zip(files, oracle) {
            let reader = JSONReader(try JSONParser.parse(try SharedData.bytes("ec2/\(file)")))
            let (rows, problems) = AWSRows.rows(of: operation(file), reader)
            #expect(problems.count == expected[1]?.integer.map(Int.init), "\(file)")
            #expect(problems.allSatisfy { $0.code == "duplicate" }, "\(file)")
            #expect(rows == expected[0]?.array, "\(file)")
        }
    }
}

/// The rows that Tests/Oracles/aws_facts.py prints, from our values.
private enum AWSRows {
    static func rows(of operation: String, _ reader: JSONReader) -> ([JSONValue], [ItemProblem]) {
        switch operation {
        case "describe-instances": rows(EC2Instance.listing(reader), instance)
        case "describe-volumes": rows(EBSVolume.listing(reader), volume)
        case "describe-snapshots":
            rows(EBSSnapshot.listing(reader)) { snapshot in
                [
                    text(snapshot.id), text(snapshot.volumeID), text(snapshot.state.rawValue), time(snapshot.startedAt),
                    .integer(snapshot.volumeSizeGiB ?? -1), tags(snapshot.tags),
                ]
            }
        case "describe-addresses":
            rows(ElasticAddress.listing(reader)) { address in
                [
                    text(address.publicIP), text(address.allocationID), text(address.associationID),
                    text(address.instanceID), tags(address.tags),
                ]
            }
        default:
            rows(AutoScalingMember.listing(reader)) { member in
                [
                    text(member.instanceID), text(member.group), text(member.lifecycleState),
                    .bool(member.isProtectedFromScaleIn),
                ]
            }
        }
    }

    private static func rows<Item>(
        _ listing: AWSListing<Item>,
        _ row: (Item) -> JSONValue
    ) -> ([JSONValue], [ItemProblem]) {
        (listing.items.map(row), listing.problems)
    }

    private static func text(_ text: String?) -> JSONValue { .string(text ?? "") }
    private static func time(_ time: Timestamp?) -> JSONValue { .integer(time?.milliseconds ?? 0) }
    private static func tags(_ tags: Labels) -> JSONValue {
        text(tags.map { "\($0.key)=\($0.value)" }.sorted().joined(separator: ";"))
    }
    private static func word(_ flag: Bool?) -> String { flag.map { $0 ? "True" : "False" } ?? "None" }

    private static func instance(_ instance: EC2Instance) -> JSONValue {
        let disks = instance.blockDevices.map { "\($0.volumeID):\(word($0.deleteOnTermination))" }
        return [
            text(instance.id), text(instance.type), text(instance.state.rawValue), time(instance.launchTime),
            text(instance.zone), text(instance.lifecycle.rawValue), text(instance.spotRequestID),
            text(instance.publicIP),
            text(instance.privateDNSName), tags(instance.tags), text(disks.joined(separator: ",")),
            text(instance.autoScalingGroup),
        ]
    }

    private static func volume(_ volume: EBSVolume) -> JSONValue {
        let attachments = volume.attachments.map {
            "\($0.instanceID):\($0.state):\($0.attachedAt?.milliseconds ?? 0)"
        }
        return [
            text(volume.id), text(volume.type), .integer(volume.sizeGiB ?? -1), .integer(volume.iops ?? -1),
            text(volume.state.rawValue), time(volume.createdAt), text(volume.zone), .bool(volume.isEncrypted),
            text(volume.snapshotID), tags(volume.tags), text(attachments.joined(separator: ",")),
        ]
    }
}
