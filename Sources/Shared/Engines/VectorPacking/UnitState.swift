/// Single items in open bins, for moves of one item at a time; lists of members are linked through arrays.
///
/// All memory is flat and unchecked: indices of units are below `units`, of bins below `bins`.
final class UnitState {
    let axes: Int
    let units: Int
    /// Places for bins; not all of them need be open.
    let bins: Int
    /// `size[unit * axes + axis]`.
    let size: Scratch<Int64>
    let itemOf: Scratch<Int>
    /// `room[bin * axes + axis]`.
    let room: Scratch<Int64>
    /// Bin class of each place, or -1 where no bin is open.
    let classOf: Scratch<Int>
    /// Bin of each unit, or -1 outside.
    let binOf: Scratch<Int>
    let head: Scratch<Int>
    let next: Scratch<Int>
    let previous: Scratch<Int>
    private let allowed: Scratch<Bool>
    private let items: Int
    let capacity: Scratch<Int64>

    /// Units of the item classes, one for each entry; places for so many bins.
    init(_ instance: PackingInstance, units classes: [Int], bins: Int) {
        axes = instance.axes
        units = classes.count
        self.bins = bins
        items = instance.items
        size = Scratch(classes.count * instance.axes, 0)
        itemOf = Scratch(classes, or: 0)
        for (unit, item) in classes.enumerated() {
            for (axis, value) in instance.size(item).enumerated() { size.base[unit * instance.axes + axis] = value }
        }
        room = Scratch(bins * instance.axes, 0)
        classOf = Scratch(bins, -1)
        binOf = Scratch(classes.count, -1)
        head = Scratch(bins, -1)
        next = Scratch(classes.count, -1)
        previous = Scratch(classes.count, -1)
        capacity = Scratch(instance.capacities, or: 0)
        allowed = Scratch(max(1, instance.bins * instance.items), false)
        for bin in 0..<instance.bins {
            for item in 0..<instance.items where instance.eligible[bin].contains(item) {
                allowed.base[bin * instance.items + item] = true
            }
        }
    }

    // MARK: Bins

    func open(_ bin: Int, as kind: Int) {
        classOf.base[bin] = kind
        for axis in 0..<axes { room.base[bin * axes + axis] = capacity.base[kind * axes + axis] }
    }

    /// Takes the bin and gives back its units.
    func close(_ bin: Int) -> [Int] {
        var members: [Int] = []
        while head.base[bin] >= 0 {
            members.append(head.base[bin])
            take(head.base[bin])
        }
        classOf.base[bin] = -1
        return members
    }

    func members(_ bin: Int) -> [Int] {
        var members: [Int] = []
        var unit = head.base[bin]
        while unit >= 0 {
            members.append(unit)
            unit = next.base[unit]
        }
        return members
    }

    // MARK: Units

    /// Whether the bin may hold the unit at all and has room for it.
    @inline(__always)
    func fits(_ unit: Int, _ bin: Int) -> Bool {
        let kind = classOf.base[bin]
        guard kind >= 0, allowed.base[kind * items + itemOf.base[unit]] else { return false }
        let sizes = size.base + unit * axes
        let rooms = room.base + bin * axes
        var axis = 0
        while axis < axes {
            if sizes[axis] > rooms[axis] { return false }
            axis += 1
        }
        return true
    }

    @inline(__always)
    func mayHold(_ bin: Int, _ unit: Int) -> Bool {
        let kind = classOf.base[bin]
        return kind >= 0 && allowed.base[kind * items + itemOf.base[unit]]
    }

    /// Whether the bin has room for the unit once another unit of its own is gone.
    @inline(__always)
    func fits(_ unit: Int, _ bin: Int, without gone: Int) -> Bool {
        let sizes = size.base + unit * axes
        let freed = size.base + gone * axes
        let rooms = room.base + bin * axes
        var axis = 0
        while axis < axes {
            if sizes[axis] > rooms[axis] &+ freed[axis] { return false }
            axis += 1
        }
        return true
    }

    func put(_ unit: Int, _ bin: Int) {
        binOf.base[unit] = bin
        let first = head.base[bin]
        next.base[unit] = first
        previous.base[unit] = -1
        if first >= 0 { previous.base[first] = unit }
        head.base[bin] = unit
        var axis = 0
        while axis < axes {
            room.base[bin * axes + axis] &-= size.base[unit * axes + axis]
            axis += 1
        }
    }

    func take(_ unit: Int) {
        let bin = binOf.base[unit]
        let (before, after) = (previous.base[unit], next.base[unit])
        if before >= 0 { next.base[before] = after } else { head.base[bin] = after }
        if after >= 0 { previous.base[after] = before }
        binOf.base[unit] = -1
        var axis = 0
        while axis < axes {
            room.base[bin * axes + axis] &+= size.base[unit * axes + axis]
            axis += 1
        }
    }

    func copy(from other: UnitState) {
        room.copy(from: other.room)
        classOf.copy(from: other.classOf)
        binOf.copy(from: other.binOf)
        head.copy(from: other.head)
        next.copy(from: other.next)
        previous.copy(from: other.previous)
    }
}
