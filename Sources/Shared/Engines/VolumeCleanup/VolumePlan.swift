import Contract

/// The steps that carry deletions out: marked, announced, checked again, copied, approved, and only then deleted.
enum VolumePlan {
    static func steps(
        _ deletions: [VolumeEvaluation.Deletion],
        _ migrations: [VolumeMigration],
        _ report: VolumeReport
    ) -> [ExecutionStep] {
        deletionSteps(deletions, report) + migrationSteps(migrations)
    }

    private static func deletionSteps(
        _ deletions: [VolumeEvaluation.Deletion],
        _ report: VolumeReport
    ) -> [ExecutionStep] {
        guard !deletions.isEmpty else { return [] }
        let all = ids(deletions.map(\.verdict.volume.id))
        let copied = deletions.filter(\.verdict.requiresSnapshot).map(\.verdict.volume.id)
        let notice = Int(min(report.request.policy.noticeDays, 365)) * 86_400
        var steps = [
            ExecutionStep(
                "tag_volumes",
                parameters: [
                    "volume_ids": all, "tag": "cloudoptim:delete-after",
                    "value": report.deleteAfterText,
                ],
                description: "Mark the disks with the day after which they may go"
            ),
            ExecutionStep("notify_owners", parameters: ["volume_ids": all], description: "Tell the owners"),
            ExecutionStep(
                "recheck_available",
                parameters: ["volume_ids": all, "drop_if": "attached_or_untagged_or_wanted_by_a_persistent_volume"],
                delaySeconds: notice,
                description: "After the notice look again; whatever is attached, untagged or wanted drops out"
            ),
        ]
        if !copied.isEmpty {
            steps.append(
                ExecutionStep(
                    "create_snapshots",
                    parameters: ["volume_ids": ids(copied)],
                    timeoutSeconds: 86_400,
                    description: "Snapshot every disk without a recent one, and wait until each snapshot is complete"
                )
            )
        }
        let archived = deletions.filter(\.archivesSnapshot).map(\.verdict.volume.id)
        return steps + finalSteps(all) + (archived.isEmpty ? [] : [archiveStep(archived)])
    }

    private static func finalSteps(_ all: JSONValue) -> [ExecutionStep] {
        [
            ExecutionStep(
                "approve_deletions",
                parameters: ["volume_ids": all],
                requiresConfirmation: true,
                description: "A human approves the list"
            ),
            ExecutionStep(
                "delete_volumes",
                parameters: ["volume_ids": all, "require": "available_and_snapshot_completed"],
                requiresConfirmation: true,
                rollbackOnFailure: false,
                description: "Delete the disks; each recommendation holds the command that makes its disk again"
            ),
            ExecutionStep(
                "verify",
                parameters: ["volume_ids": all],
                description: "Check that the disks are gone and their snapshots are there"
            ),
        ]
    }

    private static func archiveStep(_ volumes: [String]) -> ExecutionStep {
        ExecutionStep(
            "archive_snapshots",
            parameters: ["snapshots_of_volume_ids": ids(volumes)],
            timeoutSeconds: 259_200,
            requiresConfirmation: true,
            rollbackOnFailure: false,
            description: "Move these disks' snapshots to the archive, where each stays for 90 days at least"
        )
    }

    private static func migrationSteps(_ migrations: [VolumeMigration]) -> [ExecutionStep] {
        guard !migrations.isEmpty else { return [] }
        return [
            ExecutionStep(
                "modify_volumes",
                parameters: ["volume_ids": ids(migrations.map(\.volume.id)), "volume_type": "gp3"],
                timeoutSeconds: 86_400,
                requiresConfirmation: true,
                description: "Change gp2 to gp3 while in use, with the IOPS and throughput of each recommendation"
            )
        ]
    }

    private static func ids(_ volumes: [String]) -> JSONValue {
        .array(IdentifierOrder.positions(volumes.count, id: { volumes[$0] }).map { .string(volumes[$0]) })
    }
}
