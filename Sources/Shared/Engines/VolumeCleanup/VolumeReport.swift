import Contract

/// Turns deletions and migrations into the items of a reply.
struct VolumeReport {
    let request: VolumeRequest
    let services: ServiceTariff
    let now: Timestamp
    /// 0 to 1, of the whole answer.
    let confidence: Double
    /// When the mark runs out.
    let deleteAfterText: JSONValue

    init(request: VolumeRequest, services: ServiceTariff, now: Timestamp, confidence: Double) {
        self.request = request
        self.services = services
        self.now = now
        self.confidence = confidence
        let notice = Int64(request.policy.noticeDays * 86_400_000)
        deleteAfterText = .string(Timestamp(milliseconds: now.milliseconds + notice).description)
    }

    /// Members are listed, not inserted one by one: there may be tens of thousands of disks.
    func deletion(_ item: VolumeEvaluation.Deletion) -> JSONValue {
        let verdict = item.verdict
        var members = common(verdict.volume)
        members.reserveCapacity(25)
        let uses: [JSONObject.Member] = [
            .init(key: "action", value: "delete"),
            .init(key: "reason", value: .string(reason(verdict))),
            .init(key: "unattached_since", value: .optional(verdict.unattached?.since.description)),
            .init(key: "unattached_since_source", value: .optional(verdict.unattached?.source.rawValue)),
            .init(
                key: "unattached_days",
                value: verdict.unattached.map { .rounded($0.days(until: now), 2) } ?? .null
            ),
            .init(key: "grace_days", value: .double(verdict.graceDays)),
            .init(key: "requires_snapshot", value: .bool(verdict.requiresSnapshot)),
            .init(key: "recent_snapshot_id", value: .optional(verdict.recentSnapshot)),
            .init(key: "snapshots_known", value: .bool(request.snapshots != nil && request.snapshotsAreComplete)),
        ]
        members += uses
        addMoney(item, &members)
        let ending: [JSONObject.Member] = [
            .init(key: "delete_after", value: deleteAfterText),
            .init(key: "restore_command", value: .optional(Self.restoreCommand(verdict))),
            .init(key: "requires_approval", value: true),
            .init(key: "confidence_score", value: .rounded(confidence, 4)),
        ]
        members += ending
        return .object(JSONObject(distinct: members))
    }

    private func addMoney(_ item: VolumeEvaluation.Deletion, _ members: inout [JSONObject.Member]) {
        let tier: JSONValue =
            item.verdict.requiresSnapshot ? .string(item.archivesSnapshot ? "archive" : "standard") : .null
        let money: [JSONObject.Member] = [
            .init(key: "monthly_cost", value: money(item.cost.isComplete ? item.cost.monthly : nil)),
            .init(key: "snapshot_tier", value: tier),
            .init(key: "snapshot_monthly_cost", value: money(item.snapshot?.monthly)),
            .init(key: "monthly_savings", value: money(item.netMonthly)),
            .init(key: "price_source", value: origin(item.used)),
            .init(key: "missing_prices", value: .array(item.missing.map { .string($0) })),
        ]
        members += money
    }

    func migration(_ item: VolumeMigration) -> JSONValue {
        let members: [JSONObject.Member] = [
            .init(key: "action", value: "modify_volume"),
            .init(key: "reason", value: "gp3 gives at least the same IOPS and throughput for less"),
            .init(key: "target_volume_type", value: "gp3"),
            .init(key: "target_iops", value: .integer(item.iops)),
            .init(key: "target_throughput_mibps", value: .integer(item.throughput)),
            .init(key: "monthly_cost", value: money(item.before)),
            .init(key: "target_monthly_cost", value: money(item.after)),
            .init(key: "monthly_savings", value: money(item.monthlySavings)),
            .init(key: "price_source", value: origin(item.used)),
            .init(key: "requires_approval", value: true),
            .init(key: "confidence_score", value: .rounded(confidence, 4)),
        ]
        return .object(JSONObject(distinct: common(item.volume) + members))
    }

    private func common(_ volume: EBSVolume) -> [JSONObject.Member] {
        [
            .init(key: "volume_id", value: .string(volume.id)),
            .init(key: "volume_type", value: .string(volume.type)),
            .init(key: "size_gib", value: volume.sizeGiB.map { .integer($0) } ?? .null),
            .init(key: "availability_zone", value: .optional(volume.zone)),
        ]
    }

    private func reason(_ verdict: VolumeVerdict) -> String {
        let origin =
            verdict.isOfCluster ? "made by a cluster, wanted by none that was supplied" : "wanted by no cluster"
        switch verdict.unattached?.source {
        case .attachTag: return "\(origin); last attached long ago, detached at an unknown time since"
        case .history: return "\(origin); first seen unattached long ago"
        default: return "\(origin); detached long ago"
        }
    }

    private func origin(_ items: ServiceItemSet) -> JSONValue { .optional(items.first.flatMap(services.origin)) }

    private func money(_ value: Double?) -> JSONValue { value.map { .rounded($0, 4) } ?? .null }

    /// The command that makes the disk again from its snapshot, out of words that are safe in a shell; nothing when one
    /// is not.
    static func restoreCommand(_ verdict: VolumeVerdict) -> String? {
        let volume = verdict.volume
        let words = [volume.id, volume.type, volume.zone ?? "", verdict.recentSnapshot ?? "snap"]
        guard words.allSatisfy(Self.isPlain), let size = volume.sizeGiB else { return nil }
        var command = "aws ec2 create-volume --snapshot-id \(verdict.recentSnapshot ?? "SNAPSHOT_OF_\(volume.id)")"
        command += " --availability-zone \(volume.zone ?? "") --volume-type \(volume.type) --size \(size)"
        if let iops = volume.iops, ["io1", "io2", "gp3"].contains(volume.type) { command += " --iops \(iops)" }
        if let throughput = volume.throughput, volume.type == "gp3" { command += " --throughput \(throughput)" }
        if volume.isEncrypted { command += " --encrypted" }
        if volume.isMultiAttach { command += " --multi-attach-enabled" }
        return command
    }

    private static func isPlain(_ word: String) -> Bool {
        !word.isEmpty && word.utf8.count <= 64
            && word.utf8.allSatisfy { $0 &- 0x30 < 10 || $0 | 0x20 &- 0x61 < 26 || $0 == 0x2D || $0 == 0x5F }
    }
}
