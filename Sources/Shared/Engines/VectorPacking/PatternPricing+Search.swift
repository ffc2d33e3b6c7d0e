/// The search in depth behind the pricing.
extension PatternPricing {
    func prepare(depth: Int) {
        while lists.count <= depth {
            lists.append(memory.make(max(1, eligible.count), 0))
            rooms.append(memory.make(axes, 0))
        }
    }

    /// Takes what fits in the order of the list.
    func greedy() {
        var room = Array(instance.capacity(bin))
        var value = Int64(0)
        var contents: [Packing.Content] = []
        for place in 0..<count {
            let number = instance.fitting(item[place], room, atMost: most[place])
            guard number > 0 else { continue }
            for axis in 0..<axes { room[axis] -= sizes[place * axes + axis] * number }
            value = value.saturatingAdd(worth[place].saturatingMultiply(number))
            contents.append(.init(item: item[place], count: number))
        }
        meter.spend(count * axes)
        offer(contents, value)
    }

    func offer(_ contents: [Packing.Content], _ value: Int64) {
        guard value > best else { return }
        best = value
        answer.found.append((contents.sorted { $0.item < $1.item }, value))
    }

    func offer(_ value: Int64) {
        guard value > best else { return }
        var contents: [Packing.Content] = []
        for place in 0..<count where taken[place] > 0 {
            contents.append(.init(item: item[place], count: taken[place]))
        }
        offer(contents, value)
    }

    /// Explores the node; gives a bound of what was left unexplored in it, 0 when nothing was.
    func descend(_ depth: Int, _ length: Int, _ value: Int64, _ room: Int64) -> Int64 {
        let list = lists[depth]
        let rooms = self.rooms[depth]
        var isSound = true
        for axis in 0..<axes where rooms[axis] < 0 { isSound = false }
        if isSound { offer(value) }
        var place = 0
        while place < length {
            let bound = nodeBound(list, place, length, value, room)
            if bound <= best { return 0 }
            if meter.used >= stepLimit || depth >= Self.mostDepth { return bound }
            let chosen = list[place]
            // Items that give room are not cut by what fits: the room is complete only after the last of them.
            if chosen < givers || isSound {
                let unexplored = take(chosen, depth, place, length, value, room)
                if unexplored > 0 { return max(unexplored, bound) }
            }
            place += 1
        }
        return 0
    }

    /// As many of the chosen item as fit, then one fewer each time, and on with the items after it.
    func take(
        _ chosen: Int,
        _ depth: Int,
        _ place: Int,
        _ length: Int,
        _ value: Int64,
        _ room: Int64
    ) -> Int64 {
        prepare(depth: depth + 1)
        let rooms = self.rooms[depth]
        let next = self.rooms[depth + 1]
        let size = sizes + chosen * axes
        var number = most[chosen]
        var axis = 0
        while axis < axes, chosen >= givers {
            if size[axis] > 0 { number = min(number, rooms[axis] / size[axis]) }
            axis += 1
        }
        while number > 0 {
            axis = 0
            while axis < axes {
                next[axis] = rooms[axis] &- size[axis] &* number
                axis += 1
            }
            let kept = keep(after: place, length, depth, chosen, next)
            taken[chosen] = number
            let unexplored = descend(
                depth + 1,
                kept,
                value.saturatingAdd(worth[chosen].saturatingMultiply(number)),
                room.saturatingAdd(-bulk[chosen].saturatingMultiply(number))
            )
            taken[chosen] = 0
            if unexplored > 0 { return unexplored }
            number -= 1
        }
        return 0
    }

    /// The list of the next depth: what still fits, or all of it while items that give room are being chosen.
    func keep(
        after place: Int,
        _ length: Int,
        _ depth: Int,
        _ chosen: Int,
        _ room: UnsafeMutablePointer<Int64>
    ) -> Int {
        let list = lists[depth]
        let target = lists[depth + 1]
        var kept = 0
        var candidate = place + 1
        meter.spend((length - candidate) * 3 + axes * 2)
        while candidate < length {
            let other = list[candidate]
            if chosen < givers || fits(other, room) {
                target[kept] = other
                kept += 1
            }
            candidate += 1
        }
        return kept
    }

    @inline(__always)
    func fits(_ place: Int, _ room: UnsafeMutablePointer<Int64>) -> Bool {
        let size = sizes + place * axes
        var axis = 0
        while axis < axes {
            if size[axis] > room[axis] { return false }
            axis += 1
        }
        return true
    }

    /// What the node is worth at most when it goes on with the list from that place.
    @inline(__always)
    func nodeBound(
        _ list: UnsafeMutablePointer<Int>,
        _ from: Int,
        _ length: Int,
        _ value: Int64,
        _ room: Int64
    ) -> Int64 {
        var value = value
        var room = room
        var place = from
        while place < length {
            let chosen = list[place]
            let each = bulk[chosen]
            let number = most[chosen]
            if each <= 0 || chosen < givers {
                value = value.saturatingAdd(worth[chosen].saturatingMultiply(number))
                room = room.saturatingAdd(max(0, -each).saturatingMultiply(number))
            } else if each.saturatingMultiply(number) <= room {
                value = value.saturatingAdd(worth[chosen].saturatingMultiply(number))
                room -= each * number
            } else {
                meter.spend((place - from + 1) * 2)
                return room <= 0 ? value : value.saturatingAdd(worth[chosen].saturatingMultiply(room) / each + 1)
            }
            place += 1
        }
        meter.spend((place - from + 1) * 2)
        return value
    }
}
