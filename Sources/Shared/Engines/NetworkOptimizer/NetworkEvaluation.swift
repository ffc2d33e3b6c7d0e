import Contract

/// The levers applied to the map: the gentlest first, and pods moved only for what is left.
struct NetworkEvaluation {
    /// One way to combine the levers.
    struct Path {
        var zones: [Int]
        /// Edges kept in their zone by routing.
        var local: [Bool]
        var routings: [ZoneRouting]
        var search: PlacementSearch.Outcome?
        var problem: PlacementProblem?
        /// Micro-gigabytes a day that cross in the end.
        var crossing: Int64
        var placementRefusal: String?
    }

    let map: NetworkMap
    let pairs: ServicePairs
    let path: Path
    /// USD per GB and side; nothing when it is not known.
    let price: Double?
    let today: Int64
    let crossingToday: [Int64]
    let crossingAfter: [Int64]
    let moves: [MoveOrder.Step]

    private let request: NetworkRequest
    private let policy: NetworkPolicy

    init(_ request: NetworkRequest, _ map: NetworkMap, price: Double?, policy: NetworkPolicy) {
        self.request = request
        self.policy = policy
        self.map = map
        self.price = price
        pairs = ServicePairs(map, threshold: Self.micro(request.minimumPairGB))
        let zones = map.pods.map(\.zone)
        let none = [Bool](repeating: false, count: map.edges.count)
        today = map.crossing
        crossingToday = pairs.crossing(map, zones, local: none)
        let judge = Judge(request: request, map: map, pairs: pairs, price: price, policy: policy)
        let hasReason = zip(pairs.pairs, crossingToday).contains { $0.isQualified && $1 > 0 }
        let path = hasReason ? judge.best : Path(zones: zones, local: none, routings: [], crossing: today)
        self.path = path
        crossingAfter = pairs.crossing(map, path.zones, local: path.local)
        moves = path.problem.map { MoveOrder.steps($0, to: path.zones) } ?? []
    }

    static func micro(_ gb: Double) -> Int64 { Int64((min(max(gb, 0), 1e9) * 1e6).rounded()) }

    /// USD a month for micro-gigabytes a day.
    func monthly(_ weight: Int64) -> Double? {
        var policy = policy
        policy.daysPerMonth = request.daysPerMonth
        return price.map { policy.monthly(weight, price: $0) }
    }

    /// Micro-gigabytes a day saved by one lever.
    func saved(by lever: NetworkLever) -> Int64 {
        switch lever {
        case .trafficDistribution: path.routings.reduce(0) { $0 + $1.offers.reduce(0) { $0 + $1.saved } }
        case .placement: today - path.crossing - saved(by: .trafficDistribution)
        case .affinity: 0
        }
    }
}

extension NetworkEvaluation {
    /// Tries the combinations and picks one.
    struct Judge {
        let request: NetworkRequest
        let map: NetworkMap
        let pairs: ServicePairs
        let price: Double?
        let policy: NetworkPolicy

        private var none: [Bool] { [Bool](repeating: false, count: map.edges.count) }
        private var now: [Int] { map.pods.map(\.zone) }
        /// With Services to weigh against moves there are two searches, which share the effort.
        private var steps: Int { map.knowsFronts ? request.searchSteps / 2 : request.searchSteps }

        /// Routing first and moves for the rest, unless moving everything saves enough more to be worth its disturbance.
        var best: Path {
            let gentle = routingFirst()
            var path = gentle
            if !gentle.routings.isEmpty, request.levers.contains(.placement) {
                let thorough = placementFirst()
                if thorough.crossing < gentle.crossing, isWorthIt(gentle.crossing - thorough.crossing) {
                    path = thorough
                }
            }
            addRouting(.assumed, to: &path)
            return path
        }

        func isWorthIt(_ weight: Int64) -> Bool {
            guard let price else { return weight > 0 }
            var policy = policy
            policy.daysPerMonth = request.daysPerMonth
            return policy.monthly(weight, price: price) > request.minimumBenefit
        }

        private func routingFirst() -> Path {
            var path = Path(zones: now, local: none, routings: [], crossing: map.crossing)
            addRouting(.seen, to: &path)
            // Whoever takes part in a balance of zones must stay for it to hold.
            var held: Set<Int> = []
            for (number, edge) in map.edges.enumerated() where path.local[number] {
                held.insert(map.pods[edge.first].service)
                held.insert(map.pods[edge.second].service)
            }
            place(&path, held: held)
            return path
        }

        private func placementFirst() -> Path {
            var path = Path(zones: now, local: none, routings: [], crossing: map.crossing)
            place(&path, held: [])
            addRouting(.seen, to: &path)
            return path
        }

        private func addRouting(_ basis: ZoneRouting.Basis, to path: inout Path) {
            guard request.levers.contains(.trafficDistribution), (basis == .seen) == map.knowsFronts else { return }
            let routing = ZoneRouting(
                map,
                pairs,
                zones: path.zones,
                basis: basis,
                done: path.local,
                policy: policy,
                isWorthIt: isWorthIt
            )
            path.local = routing.local
            path.routings.append(routing)
            path.crossing = crossing(path)
        }

        private func crossing(_ path: Path) -> Int64 {
            pairs.crossing(map, path.zones, local: path.local).reduce(0, +)
        }

        private func place(_ path: inout Path, held: Set<Int>) {
            guard request.levers.contains(.placement) else { return }
            let problem = NetworkProblem.make(map, pairs, request, policy, local: path.local, held: held)
            let outcome = PlacementSearch(problem, seed: NetworkProblem.seed(map), steps: steps).run()
            path.problem = problem
            path.search = outcome
            var placed = path
            placed.zones = outcome.zones
            placed.crossing = crossing(placed)
            guard placed.crossing < path.crossing else { return }
            let before = pairs.crossing(map, path.zones, local: path.local)
            let after = pairs.crossing(map, placed.zones, local: path.local)
            let relief = pairs.pairs.indices.reduce(Int64(0)) { sum, pair in
                pairs.pairs[pair].isQualified ? sum + before[pair] - after[pair] : sum
            }
            if relief > 0, isWorthIt(path.crossing - placed.crossing) {
                path = placed
            } else {
                path.placementRefusal = relief > 0 ? "below_min_benefit" : "below_min_traffic"
            }
        }
    }
}
