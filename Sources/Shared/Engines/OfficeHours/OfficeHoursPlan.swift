import Contract

/// The steps for what is due now, in waves.
struct OfficeHoursPlan {
    let request: OfficeHoursRequest
    let evaluation: OfficeHoursEvaluation

    /// Seconds for pods to end before what they use goes too.
    private static let pause = 60

    var steps: [ExecutionStep] { sleepSteps + releaseStep + startStep + wakeSteps }

    private var sleepSteps: [ExecutionStep] {
        let due = evaluation.verdicts.filter { $0.finding == .sleep }
        return (1...3).compactMap { wave in
            let members = due.filter { OfficeHoursReport.wave($0, kind($0)) == wave }
            guard !members.isEmpty else { return nil }
            return ExecutionStep(
                wave == 1 ? "suspend_cron_jobs" : "scale_down",
                parameters: ["workloads": names(members), "wave": .integer(Int64(wave))],
                delaySeconds: wave == 3 ? Self.pause : 0,
                requiresConfirmation: true,
                description: Self.sleepText[wave - 1]
            )
        }
    }

    private static let sleepText = [
        "Suspend the CronJobs; Jobs that run are left to end",
        "Scale down Deployments and the like, remembering their replicas in an annotation",
        "Scale down StatefulSets once what uses them is gone; their claims and data stay",
    ]

    private var wakeSteps: [ExecutionStep] {
        let due = evaluation.verdicts.filter { $0.finding == .wake }
        return (1...3).compactMap { wave in
            let members = due.filter { OfficeHoursReport.wave($0, kind($0)) == wave }
            guard !members.isEmpty else { return nil }
            return ExecutionStep(
                wave == 3 ? "resume_cron_jobs" : "scale_up",
                parameters: ["workloads": names(members), "wave": .integer(Int64(wave))],
                delaySeconds: wave == 2 ? Self.pause : 0,
                description: Self.wakeText[wave - 1]
            )
        }
    }

    private static let wakeText = [
        "Scale StatefulSets back to their remembered replicas",
        "Scale Deployments and the like back to their remembered replicas",
        "Resume the CronJobs that were suspended by the schedule",
    ]

    /// Nodes go last, and only those on which nothing is left.
    private var releaseStep: [ExecutionStep] {
        let isSleeping = evaluation.verdicts.contains { $0.finding == .sleep || $0.finding == .alreadyDown }
        let nodes = evaluation.nodes.items.filter(\.isOffNow).map(\.node.name)
        guard isSleeping, !nodes.isEmpty else { return [] }
        return [
            ExecutionStep(
                "release_nodes",
                parameters: [
                    "nodes": .array(nodes.map { .string($0) }), "only_if": "no_pods_but_daemonsets",
                    "respect_pod_disruption_budgets": true,
                ],
                delaySeconds: 300,
                timeoutSeconds: 1800,
                requiresConfirmation: true,
                description: "Cordon these nodes and let their group shrink by them, once only DaemonSets run there"
            )
        ]
    }

    /// Nodes come first: within the lead before the hours, or when something is to wake now.
    private var startStep: [ExecutionStep] {
        let lead = request.policy.leadMinutes * 60
        let waking = evaluation.verdicts.contains { $0.finding == .wake }
        let soon = evaluation.statuses.compactMap(\.next)
            .filter { $0.state == .on && Double($0.at - evaluation.frame.now) <= lead }
            .map(\.at).min()
        let sleeps = evaluation.verdicts.contains { $0.finding == .alreadyDown }
        guard waking || (soon != nil && sleeps) else { return [] }
        return [
            ExecutionStep(
                "start_nodes",
                parameters: ["for": soon.map { .string(Timestamp(seconds: $0).description) } ?? "now"],
                timeoutSeconds: 900,
                description: "Let the node groups grow back before their workloads"
            )
        ]
    }

    private func kind(_ verdict: WorkloadVerdict) -> Workload.Kind { request.entries[verdict.entry].workload.kind }

    private func names(_ verdicts: [WorkloadVerdict]) -> JSONValue {
        .array(
            verdicts.map { verdict in
                let workload = request.entries[verdict.entry].workload
                return .string("\(workload.kind.rawValue)/\(workload.key)")
            }
        )
    }
}
