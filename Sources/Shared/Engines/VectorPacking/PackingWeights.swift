/// What each axis counts when sizes are compared, and how a size becomes one number.
enum SizeNorm: Sendable, CaseIterable {
    /// Sum of the parts.
    case sum
    /// Sum of the squares.
    case squares
    /// Largest part.
    case largest
    /// Sum of the parts plus the largest: between the first and the third.
    case mixed
}

/// Sizes of an instance as shares of a reference capacity, in Double: for choosing only, never for fitting.
struct NormalSizes: Sendable {
    let axes: Int
    /// `shares[item * axes + axis]`.
    let shares: [Double]
    /// Share of all items of the class together, by axis.
    let demand: [Double]
    /// The capacity that sizes are a share of, by axis.
    let reference: [Double]

    /// The reference is the largest capacity of each axis.
    init(_ instance: PackingInstance) {
        axes = instance.axes
        var reference = Array(repeating: Int64(1), count: axes)
        for bin in 0..<instance.bins {
            for (axis, capacity) in instance.capacity(bin).enumerated() {
                reference[axis] = max(reference[axis], capacity)
            }
        }
        var shares: [Double] = []
        shares.reserveCapacity(instance.sizes.count)
        var demand = Array(repeating: 0.0, count: axes)
        for item in 0..<instance.items {
            for (axis, size) in instance.size(item).enumerated() {
                let share = Double(size) / Double(reference[axis])
                shares.append(share)
                demand[axis] += share * Double(instance.counts[item])
            }
        }
        self.shares = shares
        self.demand = demand
        self.reference = reference.map { Double($0) }
    }

    /// Axes weighed by how scarce they are: the share of the demand, the scarcest 1.
    var scarcity: [Double] {
        let most = demand.max() ?? 0
        return most > 0 ? demand.map { $0 / most } : demand.map { _ in 1 }
    }

    func measure(_ item: Int, _ norm: SizeNorm, _ weights: [Double]) -> Double {
        var sum = 0.0
        var squares = 0.0
        var largest = 0.0
        for axis in 0..<axes {
            let share = shares[item * axes + axis]
            sum += weights[axis] * share
            squares += weights[axis] * share * share
            largest = max(largest, weights[axis] * share)
        }
        switch norm {
        case .sum: return sum
        case .squares: return squares
        case .largest: return largest
        case .mixed: return sum + largest
        }
    }

    /// Largest first; equal ones in the order of the instance.
    func order(_ norm: SizeNorm, _ weights: [Double]) -> [Int] {
        let measures = (0..<(shares.count / max(1, axes))).map { measure($0, norm, weights) }
        return measures.indices.sorted { (-measures[$0], $0) < (-measures[$1], $1) }
    }
}
