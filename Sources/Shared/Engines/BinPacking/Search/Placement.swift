/// Where every pod is, with all counts the rules need; each change can be taken back.
///
/// A value: a copy is a snapshot. Changes cost what the pod's own terms cost, not what the cluster's size costs.
struct Placement: Sendable {
    enum Entry: Sendable {
        case bound(pod: Int32, node: Int32)
        case evicted(pod: Int32, node: Int32)
        case cordoned(node: Int32)
        case uncordoned(node: Int32)
        case closed(node: Int32)
        case opened(node: Int32)
    }

    let model: PackModel
    /// Node by pod; -1 while it has none.
    private(set) var nodeOf: [Int32]
    /// What is left below the limit, by node and dimension.
    private(set) var free: [Int64]
    private(set) var podsOn: [[Int32]]
    /// The node takes pods: it exists, is not being drained, and is open to pods at all.
    private(set) var open: NodeSet
    private(set) var isAlive: [Bool]
    private(set) var isDraining: [Bool]
    private(set) var journal: [Entry] = []

    private let offsets: [Int]
    private(set) var matches: [Int32]
    private(set) var owners: [Int32]
    /// Nodes that count, by domain; used for spread.
    private var presence: [Int32]
    /// Domains whose affinity was broken when the cluster came.
    private var wasBroken: [Bool]
    private var matchTotal: [Int]
    private(set) var tallies: [SpreadTally]
    /// Pods that wait are being placed: Kubernetes looks at nobody's constraints but theirs.
    var isAdmitting = false
    let spreadCounters: [Int]
    /// Domains that went without the company their pods require, and had it before.
    private(set) var brokenAffinity = 0
    private var portsOn: [Int: [Int32]] = [:]
    private(set) var aliveIn: [Int]
    private(set) var aliveCount = 0
    private(set) var aliveSpot = 0
    /// Movable pods that are on another node than the one they came with.
    private(set) var moved = 0

    init(_ model: PackModel) {
        self.model = model
        let count = model.nodes.count
        nodeOf = Array(repeating: -1, count: model.pods.count)
        free = model.limit
        podsOn = Array(repeating: [], count: count)
        open = NodeSet(capacity: count)
        isAlive = Array(repeating: false, count: count)
        isDraining = Array(repeating: false, count: count)
        aliveIn = Array(repeating: 0, count: model.zones.count)
        var sum = 0
        var offsets: [Int] = []
        var tallies: [SpreadTally] = []
        for counter in model.counters {
            offsets.append(sum)
            sum += model.topologies[counter.topology].domainCount
            if case .spread(let maxSkew, let minDomains) = counter.kind {
                tallies.append(SpreadTally(maxSkew: maxSkew, minDomains: minDomains))
            } else {
                tallies.append(SpreadTally(maxSkew: 0, minDomains: 0))
            }
        }
        spreadCounters = model.counters.indices.filter {
            if case .spread = model.counters[$0].kind { true } else { false }
        }
        self.offsets = offsets
        self.tallies = tallies
        matches = Array(repeating: 0, count: sum)
        owners = Array(repeating: 0, count: sum)
        presence = Array(repeating: 0, count: sum)
        wasBroken = Array(repeating: false, count: sum)
        matchTotal = Array(repeating: 0, count: model.counters.count)
        for node in 0..<model.nodeCount { raise(node) }
        for (index, pod) in model.pods.enumerated() where pod.home >= 0 { put(index, pod.home) }
        rememberFaults()
        journal = []
    }

    /// What is wrong already is nobody's fault later.
    private mutating func rememberFaults() {
        for (index, counter) in model.counters.enumerated() {
            switch counter.kind {
            case .spread: tallies[index].toleratedSkew = max(tallies[index].maxSkew, tallies[index].skew)
            case .exclusion: break
            case .affinity:
                for slot in offsets[index]..<offsets[index] + model.topologies[counter.topology].domainCount
                where owners[slot] > 0 && matches[slot] == 0 {
                    wasBroken[slot] = true
                }
            }
        }
        brokenAffinity = 0
    }

    // MARK: Changes

    mutating func bind(_ pod: Int, _ node: Int) {
        put(pod, node)
        journal.append(.bound(pod: Int32(pod), node: Int32(node)))
    }

    mutating func evict(_ pod: Int) {
        let node = Int(nodeOf[pod])
        take(pod, node)
        journal.append(.evicted(pod: Int32(pod), node: Int32(node)))
    }

    /// Keeps new pods away; some spread constraints stop counting the node.
    mutating func cordon(_ node: Int) {
        setDraining(node, true)
        journal.append(.cordoned(node: Int32(node)))
    }

    mutating func uncordon(_ node: Int) {
        setDraining(node, false)
        journal.append(.uncordoned(node: Int32(node)))
    }

    /// Ends a node; what is still on it ends with it.
    mutating func close(_ node: Int) {
        lower(node)
        journal.append(.closed(node: Int32(node)))
    }

    /// Brings a node back as it was, with the pods that belong to it alone; or starts a replacement in its slot.
    mutating func reopen(_ node: Int) {
        raise(node)
        for pod in podsOn[node] { count(Int(pod), node, 1) }
        journal.append(.opened(node: Int32(node)))
    }

    var mark: Int { journal.count }

    mutating func rollback(to mark: Int) {
        while journal.count > mark, let entry = journal.popLast() {
            switch entry {
            case .bound(let pod, let node): take(Int(pod), Int(node))
            case .evicted(let pod, let node): put(Int(pod), Int(node))
            case .cordoned(let node): setDraining(Int(node), false)
            case .uncordoned(let node): setDraining(Int(node), true)
            case .closed(let node):
                raise(Int(node))
                for pod in podsOn[Int(node)] { count(Int(pod), Int(node), 1) }
            case .opened(let node): lower(Int(node))
            }
        }
    }

    mutating func forgetJournal() { journal.removeAll(keepingCapacity: true) }

    // MARK: Parts of changes

    private mutating func put(_ pod: Int, _ node: Int) {
        let podClass = model.pods[pod].podClass
        let base = node * model.dimensions
        for (index, amount) in model.classes[podClass].request.enumerated() { free[base + index] -= amount }
        nodeOf[pod] = Int32(node)
        if model.pods[pod].role == .movable, model.pods[pod].home != node { moved += 1 }
        podsOn[node].append(Int32(pod))
        for port in model.classes[podClass].ports { portsOn[node, default: []].append(Int32(port)) }
        if isAlive[node] { count(pod, node, 1) }
    }

    private mutating func take(_ pod: Int, _ node: Int) {
        let podClass = model.pods[pod].podClass
        let base = node * model.dimensions
        for (index, amount) in model.classes[podClass].request.enumerated() { free[base + index] += amount }
        nodeOf[pod] = -1
        if model.pods[pod].role == .movable, model.pods[pod].home != node { moved -= 1 }
        if let place = podsOn[node].lastIndex(of: Int32(pod)) { podsOn[node].remove(at: place) }
        for port in model.classes[podClass].ports {
            guard let place = portsOn[node]?.firstIndex(of: Int32(port)) else { continue }
            portsOn[node]?.remove(at: place)
        }
        if isAlive[node] { count(pod, node, -1) }
    }

    /// Adds the pod to, or takes it from, every count it belongs to.
    private mutating func count(_ pod: Int, _ node: Int, _ sign: Int32) {
        let index = model.pods[pod].podClass
        guard model.classes[index].hasTerms else { return }
        for counter in model.classes[index].counted {
            let domain = model.topologies[model.counters[counter].topology].domain[node]
            if domain < 0 || (model.counters[counter].dropsCordoned && isDraining[node]) { continue }
            countMatch(counter, offsets[counter] + Int(domain), sign)
        }
        for counter in model.classes[index].exclusion {
            let domain = model.topologies[model.counters[counter].topology].domain[node]
            if domain >= 0 { owners[offsets[counter] + Int(domain)] += sign }
        }
        for counter in model.classes[index].affinity {
            let domain = model.topologies[model.counters[counter].topology].domain[node]
            if domain < 0 { continue }
            let slot = offsets[counter] + Int(domain)
            let before = isBroken(slot)
            owners[slot] += sign
            brokenAffinity += isBroken(slot) - before
        }
    }

    private mutating func countMatch(_ counter: Int, _ slot: Int, _ sign: Int32) {
        switch model.counters[counter].kind {
        case .exclusion: matches[slot] += sign
        case .affinity:
            let before = isBroken(slot)
            matches[slot] += sign
            matchTotal[counter] += Int(sign)
            brokenAffinity += isBroken(slot) - before
        case .spread:
            if isCounted(counter, slot) { tallies[counter].change(Int(matches[slot]), Int(matches[slot] + sign)) }
            matches[slot] += sign
        }
    }

    private func isBroken(_ slot: Int) -> Int { owners[slot] > 0 && matches[slot] == 0 && !wasBroken[slot] ? 1 : 0 }

    /// Whether a domain takes part: it has nodes, or it had some and lasts.
    private func isCounted(_ counter: Int, _ slot: Int) -> Bool { presence[slot] != 0 }

    private mutating func setPresence(_ node: Int, _ sign: Int32, onlyDroppingCordoned: Bool = false) {
        for index in spreadCounters {
            let dropsCordoned = model.counters[index].dropsCordoned
            if onlyDroppingCordoned, !dropsCordoned { continue }
            if !onlyDroppingCordoned, dropsCordoned, isDraining[node] { continue }
            let slot = slot(index, node)
            if slot < 0 { continue }
            let before = presence[slot]
            // A lasting domain never falls back to nothing: the first node leaves a mark of its own.
            let isLasting = model.topologies[model.counters[index].topology].isLasting
            presence[slot] += before == 0 && sign > 0 && isLasting ? 2 : sign
            if before == 0 { tallies[index].addDomain(Int(matches[slot])) }
            if presence[slot] == 0 { tallies[index].removeDomain(Int(matches[slot])) }
        }
    }

    private mutating func raise(_ node: Int) {
        isAlive[node] = true
        if model.nodes[node].closedTo == nil, !isDraining[node] { open.insert(node) }
        setPresence(node, 1)
        if model.zoneOf[node] >= 0 { aliveIn[model.zoneOf[node]] += 1 }
        aliveCount += 1
        if model.nodes[node].isSpot { aliveSpot += 1 }
    }

    private mutating func lower(_ node: Int) {
        for pod in podsOn[node] { count(Int(pod), node, -1) }
        isAlive[node] = false
        open.remove(node)
        setPresence(node, -1)
        if model.zoneOf[node] >= 0 { aliveIn[model.zoneOf[node]] -= 1 }
        aliveCount -= 1
        if model.nodes[node].isSpot { aliveSpot -= 1 }
    }

    private mutating func setDraining(_ node: Int, _ value: Bool) {
        if value { dropCounts(node, -1) }
        isDraining[node] = value
        if !value { dropCounts(node, 1) }
        if value { open.remove(node) } else if model.nodes[node].closedTo == nil, isAlive[node] { open.insert(node) }
    }

    /// For constraints that honour taints: the cordon's taint takes the node and its pods out of the counts.
    private mutating func dropCounts(_ node: Int, _ sign: Int32) {
        guard isAlive[node] else { return }
        for pod in podsOn[node] {
            for counter in model.classes[model.pods[Int(pod)].podClass].countedSpread
            where model.counters[counter].dropsCordoned {
                let domain = model.topologies[model.counters[counter].topology].domain[node]
                if domain >= 0 { countMatch(counter, offsets[counter] + Int(domain), sign) }
            }
        }
        setPresence(node, sign, onlyDroppingCordoned: true)
    }

    /// Gives a slot the room of a machine; the caller takes it back the same way.
    mutating func addRoom(_ node: Int, _ amounts: [Int64], sign: Int64) {
        let base = node * model.dimensions
        for (index, amount) in amounts.enumerated() { free[base + index] += sign * amount }
    }

    /// What waiting pods did to the spread of others is as it came from here on.
    mutating func acceptSkew() {
        isAdmitting = false
        for counter in spreadCounters {
            tallies[counter].toleratedSkew = max(tallies[counter].toleratedSkew, tallies[counter].skew)
        }
    }

    /// As ``acceptSkew()`` after the first cordon: what the cordon took out of the counts is not accepted.
    mutating func acceptSkew(beside start: Placement) {
        for counter in spreadCounters where model.counters[counter].dropsCordoned {
            tallies[counter].toleratedSkew = max(start.tallies[counter].toleratedSkew, tallies[counter].skew)
        }
    }

    // MARK: For the rules

    func slot(_ counter: Int, _ node: Int) -> Int {
        let domain = model.topologies[model.counters[counter].topology].domain[node]
        return domain < 0 ? -1 : offsets[counter] + Int(domain)
    }

    func hasMatches(_ counters: [Int]) -> Bool { counters.contains { matchTotal[$0] > 0 } }
    func ports(_ node: Int) -> [Int32] { portsOn[node] ?? [] }
}
