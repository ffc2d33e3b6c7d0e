/// The counts of one spread constraint by value, so that the least and the greatest are always at hand.
struct SpreadTally: Sendable {
    /// How many domains have each count.
    private var histogram: [Int32] = [0]
    private(set) var domains = 0
    private var least = 0
    private(set) var greatest = 0
    /// Pods in all domains.
    private(set) var total = 0

    let maxSkew: Int
    let minDomains: Int
    /// What the cluster had when it came; a plan must not make it worse, nor need it make it better.
    var toleratedSkew = 0

    init(maxSkew: Int, minDomains: Int) {
        self.maxSkew = maxSkew
        self.minDomains = minDomains
        toleratedSkew = maxSkew
    }

    /// The global minimum; with fewer domains than asked for it counts as 0.
    var minimum: Int { domains < minDomains ? 0 : least }
    var skew: Int { domains == 0 ? 0 : greatest - minimum }
    var isSound: Bool { skew <= toleratedSkew }

    mutating func addDomain(_ count: Int) {
        grow(count)
        histogram[count] += 1
        least = domains == 0 ? count : min(least, count)
        greatest = domains == 0 ? count : max(greatest, count)
        domains += 1
        total += count
    }

    mutating func removeDomain(_ count: Int) {
        histogram[count] -= 1
        domains -= 1
        total -= count
        settle()
    }

    mutating func change(_ from: Int, _ to: Int) {
        grow(to)
        histogram[from] -= 1
        histogram[to] += 1
        total += to - from
        least = min(least, to)
        greatest = max(greatest, to)
        settle()
    }

    /// The skew once one more pod is in a domain that has `count` now.
    func skew(afterAddingTo count: Int) -> Int {
        let top = max(greatest, count + 1)
        if domains < minDomains { return top }
        return top - (count == least && histogram[count] == 1 ? count + 1 : least)
    }

    /// Whether one more pod in a domain that has `count` now leaves enough of the total to fill up the other domains.
    func mayEndWell(adding count: Int, total most: Int) -> Bool {
        if domains < minDomains { return count < toleratedSkew }
        let need = max(greatest, count + 1) - toleratedSkew
        // A domain that lacks pods itself takes them in any case.
        if count < need { return true }
        var missing = 0
        for level in 0..<max(0, min(need, histogram.count)) { missing += Int(histogram[level]) * (need - level) }
        return missing <= most - total - 1
    }

    private mutating func grow(_ count: Int) {
        while histogram.count <= count { histogram.append(0) }
    }

    private mutating func settle() {
        guard domains > 0 else {
            least = 0
            greatest = 0
            return
        }
        while histogram[least] == 0 { least += 1 }
        while histogram[greatest] == 0 { greatest -= 1 }
    }
}
