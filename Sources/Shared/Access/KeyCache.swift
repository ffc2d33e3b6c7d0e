import Synchronization

/// Remembers keys for a few seconds, so that a request costs no query.
package final class KeyCache: Sendable {
    /// A revoked key works for this long at most.
    package static let timeToLive: Duration = .seconds(10)
    /// Unknown ids are remembered too; a flood of them must not fill the memory.
    private static let capacity = 10_000

    private struct Entry {
        let record: KeyStore.Record?
        let readAt: ContinuousClock.Instant
    }

    private let store: KeyStore
    private let entries = Mutex<[String: Entry]>([:])

    package init(store: KeyStore) {
        self.store = store
    }

    /// Whose key this is, or nil when it is unknown, wrong, expired or revoked.
    package func identity(of key: APIKey) async throws -> Identity? {
        let now = ContinuousClock.now
        let known = entries.withLock { $0[key.keyID] }
        let record: KeyStore.Record?
        if let known, now - known.readAt < Self.timeToLive {
            record = known.record
        } else {
            record = try await store.find(key.keyID)
            entries.withLock { entries in
                if entries.count >= Self.capacity { entries.removeAll() }
                entries[key.keyID] = Entry(record: record, readAt: now)
            }
            if record != nil { Task { try? await store.touch([key.keyID]) } }
        }
        guard let record, record.isUsable, key.matches(record.secretHash) else { return nil }
        return record.identity
    }
}
