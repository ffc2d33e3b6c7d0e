/// Candidate moves by gain, the best on top; equal gains come in the order of pods and zones.
struct CandidateHeap {
    struct Candidate {
        var gain: Int64
        var pod: Int32
        var zone: Int32

        func precedes(_ other: Candidate) -> Bool {
            if gain != other.gain { return gain > other.gain }
            return pod != other.pod ? pod < other.pod : zone < other.zone
        }
    }

    private var items: [Candidate] = []

    var isEmpty: Bool { items.isEmpty }

    mutating func push(_ candidate: Candidate) {
        items.append(candidate)
        var child = items.count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            guard candidate.precedes(items[parent]) else { break }
            items[child] = items[parent]
            child = parent
        }
        items[child] = candidate
    }

    mutating func pop() -> Candidate? {
        guard let top = items.first, let last = items.popLast() else { return nil }
        guard !items.isEmpty else { return top }
        var hole = 0
        while true {
            var child = hole * 2 + 1
            guard child < items.count else { break }
            if child + 1 < items.count, items[child + 1].precedes(items[child]) { child += 1 }
            guard items[child].precedes(last) else { break }
            items[hole] = items[child]
            hole = child
        }
        items[hole] = last
        return top
    }
}
