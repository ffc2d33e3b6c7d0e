/// One way to fill a bin of one class: a column of the master program.
struct PackingColumn: Sendable, Hashable {
    var bin: Int
    /// In the order of the items, each at most once, counts above 0.
    var contents: [Packing.Content]
}
