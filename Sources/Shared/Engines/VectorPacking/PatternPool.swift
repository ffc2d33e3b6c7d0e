/// Patterns met on the way: the column generation begins with them instead of with nothing.
final class PatternPool {
    private(set) var columns: [PackingColumn] = []
    private var known: Set<PackingColumn> = []
    private let most: Int

    init(most: Int) { self.most = most }

    var isFull: Bool { columns.count >= most }

    func add(_ column: PackingColumn) {
        guard !isFull, known.insert(column).inserted else { return }
        columns.append(column)
    }

    func add(_ draft: PackingDraft) {
        for group in draft.groups { add(PackingColumn(bin: group.bin, contents: group.contents)) }
    }
}
