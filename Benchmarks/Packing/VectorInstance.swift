import Engines
import FoundationEssentials

/// One instance of the shared packing data, with what is known about it.
struct VectorInstance {
    var name: String
    var problem: PackingProblem
    var optimum: Int64?
    var published: Int64
    var firstFitSquares: Int64

    /// The dimensions, the capacities, the number of kinds, then sizes and count of each kind.
    static func problem(vbp text: String, seed: UInt64) -> PackingProblem? {
        let lines = text.split(separator: "\n").map { $0.split(separator: " ").compactMap { Int64($0) } }
        guard lines.count >= 3, let axes = lines[0].first else { return nil }
        var items = lines.dropFirst(3).filter { $0.count == Int(axes) + 1 }.map {
            PackingProblem.ItemClass(size: Array($0.dropLast()), count: $0[Int(axes)])
        }
        shuffle(&items, seed: seed)
        return PackingProblem(items: items, bins: [.init(capacity: lines[1])])
    }

    /// A heading, then one line of sizes for each item.
    static func problem(csv text: String, capacity: [Int64], seed: UInt64) -> PackingProblem {
        var items = text.split(separator: "\n").dropFirst().map {
            PackingProblem.ItemClass(size: $0.split(separator: ",").compactMap { Int64($0) })
        }
        shuffle(&items, seed: seed)
        return PackingProblem(items: items, bins: [.init(capacity: capacity)])
    }

    private static func shuffle(_ items: inout [PackingProblem.ItemClass], seed: UInt64) {
        var state = seed
        for place in stride(from: items.count - 1, to: 0, by: -1) {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            items.swapAt(place, Int((state >> 33) % UInt64(place + 1)))
        }
    }
}
