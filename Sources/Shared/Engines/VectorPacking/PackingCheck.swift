/// What is wrong with a packing; it shares nothing with the search.
package enum PackingCheck {
    /// Every broken rule in words; empty when the packing is sound.
    package static func faults(of packing: Packing, in problem: PackingProblem) -> [String] {
        var faults: [String] = []
        var placed = Array(repeating: Int128(0), count: problem.items.count)
        var used = Array(repeating: Int128(0), count: problem.bins.count)
        for (place, pattern) in packing.patterns.enumerated() {
            guard problem.bins.indices.contains(pattern.bin), pattern.multiplicity > 0 else {
                faults.append("pattern \(place) is of no bin class or stands for no bin")
                continue
            }
            used[pattern.bin] += Int128(pattern.multiplicity)
            faults += load(pattern, place, problem)
            for content in pattern.contents where problem.items.indices.contains(content.item) {
                placed[content.item] += Int128(content.count) * Int128(pattern.multiplicity)
            }
        }
        for content in packing.unplaced where problem.items.indices.contains(content.item) {
            placed[content.item] += Int128(content.count)
            if content.count <= 0 { faults.append("item class \(content.item): \(content.count) unplaced") }
        }
        for (index, item) in problem.items.enumerated() where placed[index] != Int128(max(0, item.count)) {
            faults.append("item class \(index): \(placed[index]) of \(item.count) accounted for")
        }
        for (index, bin) in problem.bins.enumerated() {
            if let available = bin.available, used[index] > Int128(max(0, available)) {
                faults.append("bin class \(index): \(used[index]) of \(available) used")
            }
        }
        return faults
    }

    private static func load(_ pattern: Packing.Pattern, _ place: Int, _ problem: PackingProblem) -> [String] {
        let bin = problem.bins[pattern.bin]
        var faults: [String] = []
        var load = Array(repeating: Int128(0), count: problem.dimensions)
        for content in pattern.contents {
            guard problem.items.indices.contains(content.item), content.count > 0 else {
                faults.append("pattern \(place) holds \(content.count) of item class \(content.item)")
                continue
            }
            if let compatible = bin.compatible, !compatible.contains(content.item) {
                faults.append("pattern \(place) holds item class \(content.item), which must not go in")
            }
            for (axis, size) in problem.items[content.item].size.enumerated() {
                load[axis] += Int128(size) * Int128(content.count)
            }
        }
        for (axis, sum) in load.enumerated() {
            let capacity = axis < bin.capacity.count ? max(0, bin.capacity[axis]) : 0
            if sum > Int128(capacity) { faults.append("pattern \(place) holds \(sum) of \(capacity) in axis \(axis)") }
        }
        return faults
    }
}
