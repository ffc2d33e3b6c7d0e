import Contract

/// Turns deletions and migrations into the items of a reply.
struct VolumeReport {
    let request: VolumeRequest
    let services: ServiceTariff
    let now: Timestamp
    /// 0 to 1, of the whole answer.
    let confidence: Double

    func deletion(_ item: VolumeEvaluation.Deletion) -> JSONValue {
        let verdict = item.verdict
        var json = common(verdict.volume)
        json["action"] = "delete"
        json["reason"] = .string(reason(verdict))
        json["unattached_since"] = .optional(verdict.unattached?.since.description)
        json["unattached_since_source"] = .optional(verdict.unattached?.source.rawValue)
        json["unattached_days"] = verdict.unattached.map { .rounded($0.days(until: now), 2) } ?? .null
        json["grace_days"] = .double(verdict.graceDays)
        json["requires_snapshot"] = .bool(verdict.requiresSnapshot)
        json["recent_snapshot_id"] = .optional(verdict.recentSnapshot)
        json["snapshots_known"] = .bool(request.snapshots != nil && request.snapshotsAreComplete)
        json["monthly_cost"] = money(item.cost.isComplete ? item.cost.monthly : nil)
        json["snapshot_tier"] =
            verdict.requiresSnapshot ? .string(item.archivesSnapshot ? "archive" : "standard") : .null
        json["snapshot_monthly_cost"] = money(item.snapshot?.monthly)
        json["monthly_savings"] = money(item.netMonthly)
        json["price_source"] = origin(item.used)
        json["missing_prices"] = .array(item.missing.map { .string($0) })
        json["delete_after"] = .string(deleteAfter.description)
        json["restore_command"] = .optional(Self.restoreCommand(verdict))
        json["requires_approval"] = true
        json["confidence_score"] = .rounded(confidence, 4)
        return .object(json)
    }

    func migration(_ item: VolumeMigration) -> JSONValue {
        var json = common(item.volume)
        json["action"] = "modify_volume"
        json["reason"] = "gp3 gives at least the same IOPS and throughput for less"
        json["target_volume_type"] = "gp3"
        json["target_iops"] = .integer(item.iops)
        json["target_throughput_mibps"] = .integer(item.throughput)
        json["monthly_cost"] = money(item.before)
        json["target_monthly_cost"] = money(item.after)
        json["monthly_savings"] = money(item.monthlySavings)
        json["price_source"] = origin(item.used)
        json["requires_approval"] = true
        json["confidence_score"] = .rounded(confidence, 4)
        return .object(json)
    }

    /// When the mark runs out.
    var deleteAfter: Timestamp {
        Timestamp(milliseconds: now.milliseconds + Int64(request.policy.noticeDays * 86_400_000))
    }

    private func common(_ volume: EBSVolume) -> JSONObject {
        [
            "volume_id": .string(volume.id),
            "volume_type": .string(volume.type),
            "size_gib": volume.sizeGiB.map { .integer($0) } ?? .null,
            "availability_zone": .optional(volume.zone),
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

    private func origin(_ items: Set<ServiceItem>) -> JSONValue {
        .optional(items.sorted { $0.rawValue < $1.rawValue }.first.flatMap(services.origin))
    }

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
