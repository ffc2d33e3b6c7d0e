import Contract

/// The steps that carry the first recommendation out.
enum SpotPlan {
    static func steps(_ first: SpotCandidate?, onDemand: SpotCandidate?, _ request: SpotRequest) -> [ExecutionStep] {
        if request.workload == .stateful || first == nil {
            guard let onDemand else { return [] }
            return onDemandSteps(onDemand, spot: request.workload == .stateful ? first : nil, request)
        }
        guard let first else { return [] }
        return [launchSpot(first, request, needsConsent: false)] + moveSteps(to: "spot")
    }

    private static func onDemandSteps(
        _ candidate: SpotCandidate,
        spot: SpotCandidate?,
        _ request: SpotRequest
    ) -> [ExecutionStep] {
        var steps = [
            ExecutionStep(
                "launch_on_demand_instance",
                parameters: parameters(candidate, request),
                description: "Launch on-demand \(candidate.name)"
            )
        ]
        steps += moveSteps(to: "on-demand")
        guard let spot else { return steps }
        // Data and quorum make an interruption costly: a human decides, after the safe capacity stands.
        steps.append(launchSpot(spot, request, needsConsent: true))
        return steps
    }

    private static func launchSpot(
        _ candidate: SpotCandidate,
        _ request: SpotRequest,
        needsConsent: Bool
    ) -> ExecutionStep {
        var parameters = parameters(candidate, request)
        if let zone = candidate.pools.first?.zone { parameters["availability_zone"] = .string(zone) }
        parameters["market"] = "spot"
        parameters["interruption_behavior"] = "terminate"
        return ExecutionStep(
            "launch_spot_instance",
            parameters: parameters,
            requiresConfirmation: needsConsent,
            description: needsConsent
                ? "With approval only: launch spot \(candidate.name) for stateful work"
                : "Launch spot \(candidate.name)"
        )
    }

    private static func parameters(_ candidate: SpotCandidate, _ request: SpotRequest) -> JSONObject {
        ["instance_type": .string(candidate.name), "count": .integer(Int64(request.nodeCount ?? 1))]
    }

    private static func moveSteps(to market: String) -> [ExecutionStep] {
        [
            ExecutionStep("wait_for_ready", description: "Wait until the new node is Ready"),
            ExecutionStep(
                "cordon_old_node",
                description: "Keep new pods off the node to be replaced; undone by uncordon"
            ),
            ExecutionStep(
                "drain_old_node",
                parameters: ["respect_pod_disruption_budgets": true],
                timeoutSeconds: 600,
                requiresConfirmation: true,
                description: "Evict the pods of the old node to the \(market) node"
            ),
            ExecutionStep(
                "terminate_old_node",
                delaySeconds: 60,
                requiresConfirmation: true,
                rollbackOnFailure: false,
                description: "Terminate the old node once nothing but DaemonSets runs on it"
            ),
        ]
    }
}
