import Contract

/// What became of every pair of services, and which rule holds those that still cross.
struct PairVerdicts {
    struct Verdict: Sendable, Hashable {
        var pair: Int
        /// A reason code; nothing for pairs that were helped or need no help.
        var reason: String?
        var detail: String?
        /// The service of the pair that could move at all, if one could.
        var movable: Int?
    }

    private static let rules: Set<String> = ["spread", "no_room", "move_limit"]

    let verdicts: [Verdict]

    init(_ evaluation: NetworkEvaluation) {
        let map = evaluation.map
        var heaviest = [Int](repeating: -1, count: evaluation.pairs.pairs.count)
        let zones = evaluation.path.zones
        for (number, edge) in map.edges.enumerated()
        where !evaluation.path.local[number] && zones[edge.first] != zones[edge.second] {
            let pair = evaluation.pairs.pairOfEdge[number]
            if heaviest[pair] < 0 || map.edges[heaviest[pair]].weight < edge.weight { heaviest[pair] = number }
        }
        let state = Self.state(evaluation)
        let refusals = Dictionary(
            evaluation.path.routings.flatMap(\.refusals).map { ($0.service, $0.reason) },
            uniquingKeysWith: { first, _ in first }
        )
        verdicts = evaluation.pairs.pairs.indices.map { number in
            let pair = evaluation.pairs.pairs[number]
            let now = evaluation.crossingToday[number]
            guard now > 0 || evaluation.crossingAfter[number] > 0 else { return Verdict(pair: number) }
            guard pair.isQualified else {
                return Verdict(pair: number, reason: "below_min_traffic", detail: Self.amount(pair.weight))
            }
            guard heaviest[number] >= 0, evaluation.crossingAfter[number] > 0 else { return Verdict(pair: number) }
            let edge = map.edges[heaviest[number]]
            let sides = [(edge.first, edge.second), (edge.second, edge.first)].map { own, other in
                (service: map.pods[own].service, reason: Self.obstacle(own, to: zones[other], evaluation, state))
            }
            let routing = [pair.first, pair.second].compactMap { refusals[$0] }.first
            // A rule that stops a side which could move tells most, and a side that cannot move at all least.
            let open = sides.filter { !$0.reason.isPin }
            let main = open.first { Self.rules.contains($0.reason.code) } ?? open.first ?? sides[0]
            let detail =
                "\(Self.amount(evaluation.crossingAfter[number])); "
                + sides.map { "\(map.services[$0.service].name): \($0.reason.code)" }.joined(separator: ", ")
                + (routing.map { "; traffic distribution: \($0)" } ?? "")
            return Verdict(
                pair: number,
                reason: main.reason.code,
                detail: detail,
                movable: main.reason.isPin ? nil : main.service
            )
        }
    }

    private static func amount(_ weight: Int64) -> String { "\(NetworkReport.gigabytes(weight).text()) GB/day" }

    private static func state(_ evaluation: NetworkEvaluation) -> PlacementState? {
        guard let problem = evaluation.path.problem else { return nil }
        var state = PlacementState(problem)
        for pod in problem.free { state.apply(.init(pod: pod, zone: evaluation.path.zones[pod])) }
        return state
    }

    private static func obstacle(
        _ pod: Int,
        to zone: Int,
        _ evaluation: NetworkEvaluation,
        _ state: PlacementState?
    ) -> (code: String, isPin: Bool) {
        if let pin = evaluation.map.pods[pod].pin { return (pin, true) }
        guard let state else { return ("placement_not_allowed", false) }
        guard state.problem.pods[pod].isFree else { return ("held_by_traffic_distribution", true) }
        if let rule = state.obstacle(.init(pod: pod, zone: zone)) { return (rule, rule == "zone_not_allowed") }
        if let refusal = evaluation.path.placementRefusal { return (refusal, false) }
        return ("other_traffic_weighs_more", false)
    }
}
