import Contract

/// Puts the answer together from the verdicts.
struct VolumeAnswer {
    let request: VolumeRequest
    let evaluation: VolumeEvaluation
    let services: ServiceTariff
    let market: RegionMarket
    let now: Timestamp

    /// Disks spelled out in a list of the metadata; counts cover all.
    private static let listed = 200

    private var deletions: [VolumeEvaluation.Deletion] { evaluation.deletions }
    private var migrations: [VolumeMigration] { evaluation.migrations }

    var decision: Decision {
        let quality = quality
        let report = VolumeReport(request: request, services: services, now: now, confidence: 0.9 * quality)
        return Decision(
            type: .volumeCleanup,
            recommendations: deletions.map(report.deletion) + migrations.map(report.migration),
            confidence: 0.9 * quality,
            estimatedSavings: deletionSavings + migrationSavings,
            plan: VolumePlan.steps(deletions, migrations, report),
            metadata: metadata,
            evidence: request.explains ? evidence : nil,
            riskAssessment: [
                "deletions": .integer(Int64(deletions.count)),
                "deletions_with_a_snapshot_first": .integer(Int64(deletions.count { $0.verdict.requiresSnapshot })),
                "every_deletion_needs_approval": true,
            ],
            usesFallback: false,
            dataQuality: quality,
            warnings: warnings,
            sources: sources,
            rejected: rejected,
            itemProblems: request.itemProblems,
            engineVersion: VolumeCleanup.version,
            snapshotID: market.snapshotID
        )
    }

    private var deletionSavings: Double { deletions.reduce(0) { $0 + max(0, $1.netMonthly ?? 0) } }
    private var migrationSavings: Double { migrations.reduce(0) { $0 + $1.monthlySavings } }

    private var sources: [DataSource] {
        var used = ServiceItemSet()
        for index in deletions.indices { used.formUnion(deletions[index].used) }
        for migration in migrations { used.formUnion(migration.used) }
        return services.sources(of: used)
    }

    private var rejected: Rejections {
        var rejected = Rejections()
        let moved = Set(migrations.map(\.volume.id))
        let verdicts = evaluation.verdicts
        for index in verdicts.indices where verdicts[index].finding != .zombie {
            let id = verdicts[index].volume.id
            if !moved.contains(id) {
                rejected.add(Rejection(id, verdicts[index].finding.rawValue, detail: verdicts[index].detail))
            }
        }
        return rejected
    }

    private var quality: Double {
        var quality = 1.0
        let unpriced = deletions.count { !$0.missing.isEmpty }
        if unpriced > 0 { quality *= 1 - 0.3 * Double(unpriced) / Double(deletions.count) }
        if request.snapshots == nil || !request.snapshotsAreComplete { quality *= 0.9 }
        if !request.clusters.contains(where: \.hasVolumeList) { quality *= 0.8 }
        let entries = request.volumes.count + request.itemProblems.count
        if entries > 0 { quality *= 1 - 0.5 * Double(request.itemProblems.count) / Double(entries) }
        if sources.contains(where: \.isSample) { quality = min(quality, 0.5) }
        return quality
    }

    private var warnings: [String] {
        var warnings = request.warnings
        if request.snapshots == nil, !deletions.isEmpty {
            warnings.append("no list of snapshots was supplied: every disk is copied before it is deleted")
        } else if !request.snapshotsAreComplete {
            warnings.append("the list of snapshots is not complete: a disk without one in it is copied first")
        }
        if !request.clusters.contains(where: \.hasVolumeList), !request.volumes.isEmpty {
            warnings.append("no list of persistent volumes was supplied: disks that a cluster made are not deleted")
        }
        let attachOnly = deletions.count { $0.verdict.unattached?.source == .attachTag }
        if attachOnly > 0 {
            warnings.append(
                "of \(attachOnly) disks to delete it is only known when they were last attached, not when they were "
                    + "detached: send requirements.last_detach to be sure"
            )
        }
        if evaluation.verdicts.contains(where: { $0.finding == .detachUnknown }) {
            warnings.append(
                "it is not known when some disks were detached: send this answer's metadata.first_seen as "
                    + "requirements.first_seen next time"
            )
        }
        return warnings
    }

    private var metadata: JSONObject {
        var counts = JSONObject()
        var totals: [VolumeVerdict.Finding: Int] = [:]
        for index in evaluation.verdicts.indices { totals[evaluation.verdicts[index].finding, default: 0] += 1 }
        for finding in VolumeVerdict.Finding.allCases {
            if let count = totals[finding] { counts[finding.rawValue] = .integer(Int64(count)) }
        }
        let missing = Set(deletions.flatMap(\.missing)).sorted()
        return [
            "region": .string(market.region),
            "volumes": .integer(Int64(request.volumes.count)),
            "by_finding": .object(counts),
            "snapshot_policy": .string(request.policy.snapshots.rawValue),
            "grace_days": .double(request.policy.graceDays),
            "cluster_grace_days": .double(request.policy.clusterGraceDays),
            "deletion_savings": .rounded(deletionSavings, 2),
            "migration_savings": .rounded(migrationSavings, 2),
            "review": review,
            "first_seen": firstSeen,
            "missing_prices": .array(missing.prefix(Self.listed).map { .string($0) }),
            "currency": "USD",
            "assumed": .array(request.assumed.map { .string($0) }),
        ]
    }

    /// What people should look at: never deleted by us.
    private var review: JSONValue {
        let all = evaluation.verdicts
        let verdicts = all.indices.filter { all[$0].finding.needsReview }.map { all[$0] }
        return [
            "count": .integer(Int64(verdicts.count)),
            "volumes": .array(
                verdicts.prefix(Self.listed).map { verdict in
                    [
                        "volume_id": .string(verdict.volume.id), "reason": .string(verdict.finding.rawValue),
                        "detail": .optional(verdict.detail),
                    ]
                }
            ),
        ]
    }

    /// Since when each unattached disk has been seen so; a disk that is seen for the first time starts its clock now.
    private var firstSeen: JSONValue {
        let verdicts = evaluation.verdicts
        let text = now.description
        var members: [JSONObject.Member] = []
        for index in verdicts.indices where verdicts[index].isUnattached {
            let id = verdicts[index].volume.id
            let known = request.firstSeen[id].flatMap { $0 <= now ? $0 : nil }
            members.append(JSONObject.Member(key: id, value: .string(known?.description ?? text)))
        }
        return .object(JSONObject(distinct: members))
    }

    private var evidence: JSONObject {
        let members = evaluation.verdicts.map { verdict in
            JSONObject.Member(
                key: verdict.volume.id,
                value: [
                    "finding": .string(verdict.finding.rawValue),
                    "detail": .optional(verdict.detail),
                    "state": .string(verdict.volume.state.rawValue),
                    "attachments": .integer(Int64(verdict.volume.attachments.count)),
                    "created_at": .optional(verdict.volume.createdAt?.description),
                    "unattached_since": .optional(verdict.unattached?.since.description),
                    "unattached_since_source": .optional(verdict.unattached?.source.rawValue),
                    "made_by_a_cluster": .bool(verdict.isOfCluster),
                ]
            )
        }
        return ["volumes": .object(JSONObject(distinct: members))]
    }
}
