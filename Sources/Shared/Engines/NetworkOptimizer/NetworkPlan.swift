import Contract

/// The steps that carry the recommendations out, the gentlest first.
struct NetworkPlan {
    let evaluation: NetworkEvaluation
    let report: NetworkReport

    private var map: NetworkMap { evaluation.map }

    var steps: [ExecutionStep] {
        var steps = routing
        // Without a price it is not proven that a restart pays.
        if evaluation.price != nil { steps += placement }
        guard !steps.isEmpty else { return [] }
        steps.append(
            ExecutionStep(
                "measure_cross_zone_traffic",
                delaySeconds: 86_400,
                rollbackOnFailure: false,
                description: "Measure again after a day: at least the named saving, or take the changes back"
            )
        )
        return steps
    }

    private var routing: [ExecutionStep] {
        evaluation.path.routings.flatMap { routing in
            routing.offers.flatMap { offer -> [ExecutionStep] in
                let service = map.services[offer.service]
                let names = offer.fronts.isEmpty ? [service.name] : offer.fronts
                return names.map { name in
                    ExecutionStep(
                        "set_traffic_distribution",
                        parameters: [
                            "namespace": .optional(service.namespace.isEmpty ? nil : service.namespace),
                            "service": .string(name),
                            "patch": ["spec": ["trafficDistribution": .string(report.distribution)]],
                            "undo": ["spec": ["trafficDistribution": .null]],
                            "max_endpoint_load": .rounded(1 + report.policy.loadTolerance, 2),
                        ],
                        requiresConfirmation: routing.basis == .assumed,
                        description: "Let Service \(name) prefer endpoints in the client's zone; nothing restarts"
                    )
                }
            }
        }
    }

    private var placement: [ExecutionStep] {
        report.moveGroups.flatMap { group -> [ExecutionStep] in
            let service = map.services[group.service]
            let affinity = report.affinity(of: group.service, zones: evaluation.path.zones)
            var parameters: JSONObject = [
                "namespace": .optional(service.namespace.isEmpty ? nil : service.namespace),
                "workload": .string(service.name),
                "moves": .array(group.moves.map(report.move)),
                "respect_pod_disruption_budgets": true,
                "max_pods_at_once": 1,
            ]
            parameters["affinity"] = affinity ?? .null
            return [
                ExecutionStep(
                    "move_pods_to_zone",
                    parameters: parameters,
                    timeoutSeconds: 900,
                    requiresConfirmation: true,
                    description: "Restart \(group.moves.count) pods of \(service.name) one by one in the named zones, "
                        + "with a preferred affinity"
                ),
                ExecutionStep(
                    "verify_zones",
                    parameters: [
                        "workload": .string(service.name), "replicas_per_zone": report.zoneCounts(group.service),
                    ],
                    timeoutSeconds: 600,
                    description: "All replicas of \(service.name) are ready and spread as planned"
                ),
            ]
        }
    }
}
