/// Which statements a connection has prepared, least recently used first out.
///
/// Prepared statements belong to one session: a new connection starts with an empty cache.
struct StatementCache {
    /// The text and the declared types: the same text with other types is another statement.
    struct Key: Hashable {
        let sql: String
        let types: [UInt32]
    }

    /// What to do for one use of a statement.
    struct Use: Equatable {
        let name: String
        let mustPrepare: Bool
        /// A statement that made room and should be deallocated on the server.
        let evicted: String?
    }

    private struct Entry {
        let name: String
        var lastUse: UInt64
    }

    private let capacity: Int
    private var entries: [Key: Entry] = [:]
    private var uses: UInt64 = 0

    /// 256 statements cover every statement of a process; the cap only guards against generated SQL text.
    init(capacity: Int = 256) { self.capacity = capacity }

    var count: Int { entries.count }

    mutating func use(_ key: Key) -> Use {
        uses += 1
        if let entry = entries[key] {
            entries[key]?.lastUse = uses
            return Use(name: entry.name, mustPrepare: false, evicted: nil)
        }
        var evicted: String?
        if entries.count >= capacity, let oldest = entries.min(by: { $0.value.lastUse < $1.value.lastUse }) {
            entries[oldest.key] = nil
            evicted = oldest.value.name
        }
        // The counter never repeats a name, so a statement whose deallocation failed is only a small leak.
        let name = "s\(uses)"
        entries[key] = Entry(name: name, lastUse: uses)
        return Use(name: name, mustPrepare: true, evicted: evicted)
    }

    /// Forgets a statement that the server does not have, or has in a form that no longer works.
    ///
    /// - Returns: The name it had, to be deallocated where the server may still hold it.
    @discardableResult
    mutating func forget(_ key: Key) -> String? {
        entries.removeValue(forKey: key)?.name
    }
}
