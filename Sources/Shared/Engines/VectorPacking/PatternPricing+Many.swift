/// Many columns at once, without asking for the best.
extension PatternPricing {
    /// Good fillings around each item, without a search: many columns at once.
    func seeded(values: [Int64], counts: [Int64], floor: Int64, most: Int) -> [[Packing.Content]] {
        answer = Answer()
        best = floor
        load(values, counts)
        guard count > 0, tuneWeights() > floor else { return [] }
        var found: [(value: Int64, contents: [Packing.Content])] = []
        for place in 0..<count where !meter.isExhausted {
            let (value, contents) = filling(from: place)
            if value > floor { found.append((value, contents)) }
        }
        let order = found.indices.sorted { (-found[$0].value, $0) < (-found[$1].value, $1) }
        return order.prefix(most).map { found[$0].contents }
    }

    /// For each item the best fillings around it, by a search in depth of so many steps for each.
    func around(values: [Int64], counts: [Int64], floor: Int64, steps: Int) -> [[Packing.Content]] {
        best = floor
        load(values, counts)
        guard count > 0, tuneWeights() > floor else { return [] }
        prepare(depth: 1)
        var found: [[Packing.Content]] = []
        for place in 0..<count where !meter.isExhausted {
            best = floor
            answer = Answer()
            stepLimit = meter.used + min(steps, meter.left)
            var kept = 0
            for axis in 0..<axes {
                rooms[1][axis] = instance.capacities[bin * axes + axis] - sizes[place * axes + axis]
            }
            for other in 0..<count where other != place && (other < givers || fits(other, rooms[1])) {
                lists[1][kept] = other
                kept += 1
            }
            meter.spend(count * axes)
            taken[place] = 1
            _ = descend(1, kept, worth[place], Self.unit * weightTotal - bulk[place])
            taken[place] = 0
            found += answer.found.suffix(2).map(\.contents)
        }
        return found
    }

    /// The item of that place first, then what fits in the order of the list.
    func filling(from first: Int) -> (Int64, [Packing.Content]) {
        prepare(depth: 0)
        let room = rooms[0]
        for axis in 0..<axes { room[axis] = instance.capacities[bin * axes + axis] }
        var value = Int64(0)
        var contents: [Packing.Content] = []
        func take(_ place: Int, atMost most: Int64) {
            var number = most
            let size = sizes + place * axes
            var axis = 0
            while axis < axes {
                if size[axis] > room[axis] { return }
                if size[axis] > 0 { number = min(number, room[axis] / size[axis]) }
                axis += 1
            }
            axis = 0
            while axis < axes {
                room[axis] -= size[axis] * number
                axis += 1
            }
            value = value.saturatingAdd(worth[place].saturatingMultiply(number))
            contents.append(.init(item: item[place], count: number))
        }
        take(first, atMost: min(1, most[first]))
        for place in 0..<count where place != first { take(place, atMost: most[place]) }
        meter.spend(count * axes)
        return (value, contents.sorted { $0.item < $1.item })
    }
}
