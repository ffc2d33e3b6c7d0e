import Contract

/// The steps that carry terminations out: slowly, and never without a human's consent.
enum GhostPlan {
    private static let day = 86_400
    private static let pauseBeforeTermination = 3 * day

    static func steps(_ terminations: [GhostAnswer.Item], groups: [GhostAnswer.Item]) -> [ExecutionStep] {
        fixSteps(groups) + terminationSteps(terminations.map(\.verdict.instance).sorted { $0.id < $1.id })
    }

    /// A group's machine goes when the group lets it go, so the group is what has to be repaired.
    private static func fixSteps(_ groups: [GhostAnswer.Item]) -> [ExecutionStep] {
        let byGroup = Dictionary(grouping: groups) { $0.verdict.detail ?? "" }
        return byGroup.keys.sorted().map { name in
            ExecutionStep(
                "fix_asg",
                parameters: [
                    "auto_scaling_group": .string(name),
                    "instance_ids": ids((byGroup[name] ?? []).map(\.verdict.instance)),
                ],
                requiresConfirmation: true,
                description:
                    "Find out why machines of \(name) do not join; terminating them only makes the group start others"
            )
        }
    }

    private static func terminationSteps(_ instances: [EC2Instance]) -> [ExecutionStep] {
        guard !instances.isEmpty else { return [] }
        // One-time spot requests cannot be stopped, and a root disk in the instance store does not survive a stop.
        let stoppable = instances.filter { !$0.isSpot && !$0.bootsFromInstanceStore }
        let requests = instances.filter { $0.isSpot && $0.isPersistentSpotRequest != false }
        var steps = [
            ExecutionStep(
                "tag_instances",
                parameters: ["instance_ids": ids(instances), "tag": "cloudoptim:ghost"],
                description: "Mark the machines, so that their owners can object"
            ),
            ExecutionStep(
                "recheck",
                parameters: [
                    "instance_ids": ids(instances), "drop_if": "node_joined_or_tag_removed_or_termination_protected",
                ],
                delaySeconds: day,
                description: "After 24 hours compare once more; whatever joined, was untagged or is protected drops out"
            ),
            ExecutionStep(
                "approve_terminations",
                parameters: ["instance_ids": ids(instances)],
                requiresConfirmation: true,
                description: "A human approves the list"
            ),
        ]
        if !requests.isEmpty { steps.append(cancelStep(requests)) }
        if !stoppable.isEmpty { steps.append(stopStep(stoppable)) }
        steps.append(
            ExecutionStep(
                "terminate_instances",
                parameters: ["instance_ids": ids(instances)],
                delaySeconds: pauseBeforeTermination,
                requiresConfirmation: true,
                rollbackOnFailure: false,
                description: "72 hours later terminate what nobody has missed"
            )
        )
        return steps
    }

    private static func cancelStep(_ instances: [EC2Instance]) -> ExecutionStep {
        ExecutionStep(
            "cancel_spot_requests",
            parameters: [
                "instance_ids": ids(instances),
                "spot_request_ids": .array(instances.compactMap(\.spotRequestID).map { .string($0) }),
                "only_if": "persistent",
            ],
            requiresConfirmation: true,
            rollbackOnFailure: false,
            description: "Cancel the spot requests that are persistent: they would start the machines again"
        )
    }

    private static func stopStep(_ instances: [EC2Instance]) -> ExecutionStep {
        ExecutionStep(
            "stop_instances",
            parameters: ["instance_ids": ids(instances)],
            requiresConfirmation: true,
            description: "Stop first: a stopped machine can be started again, apart from data in its instance store"
        )
    }

    private static func ids(_ instances: [EC2Instance]) -> JSONValue {
        .array(instances.map(\.id).sorted().map { .string($0) })
    }
}
