/// Building a packing out of patterns.
extension PackingDraft {
    /// So many bins of the pattern, less what is not needed any more.
    mutating func append(_ column: PackingColumn, times: Int64, _ instance: PackingInstance) {
        var left = times
        while left > 0 {
            var room = Array(instance.capacity(column.bin))
            var contents: [Packing.Content] = []
            var repeats = left
            for content in order(column, instance) {
                let wanted = min(content.count, unplaced[content.item])
                let count = instance.fitting(content.item, room, atMost: wanted)
                guard count > 0 else { continue }
                for (axis, size) in instance.size(content.item).enumerated() { room[axis] -= size * count }
                contents.append(.init(item: content.item, count: count))
                repeats = min(repeats, unplaced[content.item] / count)
            }
            guard !contents.isEmpty else { return }
            for content in contents { unplaced[content.item] -= content.count * repeats }
            groups.append(
                Group(
                    bin: column.bin,
                    contents: contents.sorted { $0.item < $1.item },
                    room: room,
                    multiplicity: repeats
                )
            )
            left -= repeats
        }
    }

    /// Items that give room first.
    private func order(_ column: PackingColumn, _ instance: PackingInstance) -> [Packing.Content] {
        let gives = column.contents.filter { instance.size($0.item).contains { $0 < 0 } }
        return gives.isEmpty ? column.contents : gives + column.contents.filter { !gives.contains($0) }
    }

    /// What is still to be packed, and with which bins.
    func rest(_ instance: PackingInstance) -> PackingInstance {
        instance.with(counts: unplaced, available: left(instance))
    }

    /// This packing and one of the rest together.
    func joined(_ rest: PackingDraft) -> PackingDraft {
        var joined = self
        joined.groups += rest.groups
        joined.unplaced = rest.unplaced
        return joined
    }
}
