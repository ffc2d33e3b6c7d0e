import Contract

/// Pair by pair, pod by pod and zone by zone: what the answer rests on.
struct NetworkEvidence {
    let evaluation: NetworkEvaluation
    let report: NetworkReport
    let verdicts: PairVerdicts

    private var map: NetworkMap { evaluation.map }

    var json: JSONObject {
        ["pairs": .array(pairs), "pods": .array(pods), "zones": .array(zones), "traffic_distribution": .array(routing)]
    }

    private var pairs: [JSONValue] {
        verdicts.verdicts.map { verdict in
            let pair = evaluation.pairs.pairs[verdict.pair]
            return [
                "services": [.string(map.services[pair.first].name), .string(map.services[pair.second].name)],
                "daily_gb": NetworkReport.gigabytes(pair.weight),
                "cross_zone_daily_gb_now": NetworkReport.gigabytes(evaluation.crossingToday[verdict.pair]),
                "cross_zone_daily_gb_after": NetworkReport.gigabytes(evaluation.crossingAfter[verdict.pair]),
                "qualifies": .bool(pair.isQualified),
                "blocked_by": .optional(verdict.reason),
                "detail": .optional(verdict.detail),
            ]
        }
    }

    private var pods: [JSONValue] {
        map.pods.enumerated().map { position, pod in
            [
                "pod": .string(pod.name),
                "service": .string(map.services[pod.service].name),
                "zone_now": .string(map.zones[pod.zone]),
                "zone_after": .string(map.zones[evaluation.path.zones[position]]),
                "pinned_by": .optional(pod.pin),
                "cpu_millicores": .integer(pod.demand.millicores),
                "memory_mib": .integer(pod.demand.mebibytes),
            ]
        }
    }

    private var zones: [JSONValue] {
        var left = map.room
        for step in evaluation.moves {
            left[step.from] = left[step.from] + map.pods[step.pod].demand
            left[step.to] = left[step.to] - map.pods[step.pod].demand
        }
        return map.zones.indices.map { zone in
            let isKnown = !map.unknownCapacity.contains(map.zones[zone]) && map.eligible.contains(zone)
            return [
                "zone": .string(map.zones[zone]),
                "capacity_known": .bool(isKnown),
                "free_cpu_millicores_now": isKnown ? Self.amount(map.room[zone].millicores) : .null,
                "free_cpu_millicores_after": isKnown ? Self.amount(left[zone].millicores) : .null,
                "free_memory_mib_now": isKnown ? Self.amount(map.room[zone].mebibytes) : .null,
                "free_memory_mib_after": isKnown ? Self.amount(left[zone].mebibytes) : .null,
            ]
        }
    }

    /// What nobody told us stays untold.
    private static func amount(_ value: Int64) -> JSONValue { value >= 100_000_000_000 ? .null : .integer(value) }

    private var routing: [JSONValue] {
        evaluation.path.routings.flatMap { routing in
            routing.offers.map { report.routing($0, routing.basis) }
                + routing.refusals.map { refusal in
                    ["service": .string(map.services[refusal.service].name), "blocked_by": .string(refusal.reason)]
                }
        }
    }
}
