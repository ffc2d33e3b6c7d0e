/// The lightest pods of one node that make room for another: those that must go anyway and up to three more.
struct EjectionChoice {
    private let short: [(resource: Int, amount: Int64)]
    private var need: [Int64]
    private var pods: [Int] = []
    private var weights: [Int32] = []
    /// What each pod frees of each short resource.
    private var freed: [Int64] = []
    private var forced: [Int] = []
    private var forcedWeight: Int32 = 0
    private var lightest: Int32
    private var ties = 0
    private var looked = 0
    private(set) var found: (pods: [Int], weight: Int32)?

    /// In fuller nodes three at a time are too many to look at, and two go far.
    private static let mostForTriples = 12
    /// Of fuller nodes only so many pods are looked at.
    private static let most = 48

    /// - Parameters:
    ///   - short: What is missing, by resource.
    ///   - best: Heavier ones are of no use.
    init(short: [(resource: Int, amount: Int64)], best: Int32) {
        self.short = short
        need = short.map(\.amount)
        lightest = best
    }

    mutating func add(_ pod: Int, weight: Int32, frees request: [Int64], mustGo: Bool) {
        if mustGo {
            forced.append(pod)
            forcedWeight += weight
            for (place, resource) in short.enumerated() { need[place] -= request[resource.resource] }
        } else if pods.count < Self.most {
            pods.append(pod)
            weights.append(weight)
            for resource in short { freed.append(request[resource.resource]) }
        }
    }

    /// Looks for them; `found` has the answer.
    ///
    /// - Returns: How many sets were looked at.
    mutating func find(_ random: inout DeterministicRandom) -> Int {
        if need.allSatisfy({ $0 <= 0 }) {
            offer([], 0, &random)
            return 1
        }
        for first in pods.indices where forcedWeight + weights[first] <= lightest {
            if makesRoom(first, -1, -1) {
                offer([first], weights[first], &random)
            } else {
                findPairs(first, &random)
            }
        }
        return looked
    }

    private mutating func findPairs(_ first: Int, _ random: inout DeterministicRandom) {
        for second in pods.indices.dropFirst(first + 1) {
            let weight = weights[first] + weights[second]
            guard forcedWeight + weight <= lightest else { continue }
            if makesRoom(first, second, -1) {
                offer([first, second], weight, &random)
            } else if pods.count <= Self.mostForTriples {
                for third in pods.indices.dropFirst(second + 1)
                where forcedWeight + weight + weights[third] <= lightest && makesRoom(first, second, third) {
                    offer([first, second, third], weight + weights[third], &random)
                }
            }
        }
    }

    private mutating func makesRoom(_ first: Int, _ second: Int, _ third: Int) -> Bool {
        looked += 1
        for place in need.indices {
            var sum = freed[first * need.count + place]
            if second >= 0 { sum += freed[second * need.count + place] }
            if third >= 0 { sum += freed[third * need.count + place] }
            if sum < need[place] { return false }
        }
        return true
    }

    private mutating func offer(_ chosen: [Int], _ weight: Int32, _ random: inout DeterministicRandom) {
        let weight = forcedWeight + weight
        guard weight <= lightest else { return }
        if weight == lightest, found != nil {
            ties += 1
            guard random.below(ties) == 0 else { return }
        } else {
            ties = 1
        }
        lightest = weight
        found = (forced + chosen.map { pods[$0] }, weight)
    }
}
