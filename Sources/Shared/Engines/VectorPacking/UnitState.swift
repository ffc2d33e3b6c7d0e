/// Single items in open bins, for moves of one item at a time; lists of members are linked through arrays.
///
/// All memory is flat and unchecked: indices of units are below `units`, of bins below `bins`.
final class UnitState {
    private let memory = ScratchArena()
    let axes: Int
    let units: Int
    /// Places for bins; not all of them need be open.
    let bins: Int
    /// `size[unit * axes + axis]`.
    let size: UnsafeMutablePointer<Int64>
    let itemOf: UnsafeMutablePointer<Int>
    /// `room[bin * axes + axis]`.
    let room: UnsafeMutablePointer<Int64>
    /// Bin class of each place, or -1 where no bin is open.
    let classOf: UnsafeMutablePointer<Int>
    /// Bin of each unit, or -1 outside.
    let binOf: UnsafeMutablePointer<Int>
    let head: UnsafeMutablePointer<Int>
    let next: UnsafeMutablePointer<Int>
    let previous: UnsafeMutablePointer<Int>
    private let allowed: UnsafeMutablePointer<Bool>
    private let items: Int
    let capacity: UnsafeMutablePointer<Int64>

    /// Units of the item classes, one for each entry; places for so many bins.
    init(_ instance: PackingInstance, units classes: [Int], bins: Int) {
        axes = instance.axes
        units = classes.count
        self.bins = bins
        items = instance.items
        size = memory.make(classes.count * instance.axes, 0)
        itemOf = memory.make(classes, or: 0)
        for (unit, item) in classes.enumerated() {
            for (axis, value) in instance.size(item).enumerated() { size[unit * instance.axes + axis] = value }
        }
        room = memory.make(bins * instance.axes, 0)
        classOf = memory.make(bins, -1)
        binOf = memory.make(classes.count, -1)
        head = memory.make(bins, -1)
        next = memory.make(classes.count, -1)
        previous = memory.make(classes.count, -1)
        capacity = memory.make(instance.capacities, or: 0)
        allowed = memory.make(max(1, instance.bins * instance.items), false)
        for bin in 0..<instance.bins {
            for item in 0..<instance.items where instance.eligible[bin].contains(item) {
                allowed[bin * instance.items + item] = true
            }
        }
    }

    // MARK: Bins

    func open(_ bin: Int, as kind: Int) {
        classOf[bin] = kind
        for axis in 0..<axes { room[bin * axes + axis] = capacity[kind * axes + axis] }
    }

    /// Takes the bin and gives back its units.
    func close(_ bin: Int) -> [Int] {
        var members: [Int] = []
        while head[bin] >= 0 {
            members.append(head[bin])
            take(head[bin])
        }
        classOf[bin] = -1
        return members
    }

    func members(_ bin: Int) -> [Int] {
        var members: [Int] = []
        var unit = head[bin]
        while unit >= 0 {
            members.append(unit)
            unit = next[unit]
        }
        return members
    }

    // MARK: Units

    /// Whether the bin may hold the unit at all and has room for it.
    @inline(__always)
    func fits(_ unit: Int, _ bin: Int) -> Bool {
        let kind = classOf[bin]
        guard kind >= 0, allowed[kind * items + itemOf[unit]] else { return false }
        let sizes = size + unit * axes
        let rooms = room + bin * axes
        var axis = 0
        while axis < axes {
            if sizes[axis] > rooms[axis] { return false }
            axis += 1
        }
        return true
    }

    @inline(__always)
    func mayHold(_ bin: Int, _ unit: Int) -> Bool {
        let kind = classOf[bin]
        return kind >= 0 && allowed[kind * items + itemOf[unit]]
    }

    /// Whether the bin has room for the unit once another unit of its own is gone.
    @inline(__always)
    func fits(_ unit: Int, _ bin: Int, without gone: Int) -> Bool {
        let sizes = size + unit * axes
        let freed = size + gone * axes
        let rooms = room + bin * axes
        var axis = 0
        while axis < axes {
            if sizes[axis] > rooms[axis] &+ freed[axis] { return false }
            axis += 1
        }
        return true
    }

    func put(_ unit: Int, _ bin: Int) {
        binOf[unit] = bin
        let first = head[bin]
        next[unit] = first
        previous[unit] = -1
        if first >= 0 { previous[first] = unit }
        head[bin] = unit
        var axis = 0
        while axis < axes {
            room[bin * axes + axis] &-= size[unit * axes + axis]
            axis += 1
        }
    }

    func take(_ unit: Int) {
        let bin = binOf[unit]
        let (before, after) = (previous[unit], next[unit])
        if before >= 0 { next[before] = after } else { head[bin] = after }
        if after >= 0 { previous[after] = before }
        binOf[unit] = -1
        var axis = 0
        while axis < axes {
            room[bin * axes + axis] &+= size[unit * axes + axis]
            axis += 1
        }
    }

    /// Of the same units and as many bins.
    func copy(from other: UnitState) {
        room.update(from: other.room, count: bins * axes)
        classOf.update(from: other.classOf, count: bins)
        head.update(from: other.head, count: bins)
        binOf.update(from: other.binOf, count: units)
        next.update(from: other.next, count: units)
        previous.update(from: other.previous, count: units)
    }
}
