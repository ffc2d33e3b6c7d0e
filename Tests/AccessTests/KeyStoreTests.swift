import FoundationEssentials
import Logging
import Postgres
import Schema
import Support
import Testing

@testable import Access

@Suite("API keys in the database")
struct KeyStoreTests {
    private func withStore(_ body: (KeyStore, PostgresPool) async throws -> Void) async throws {
        let configuration = try await PrivateServers.freshDatabase()
        let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        _ = try await SchemaCheck.migrate(configuration, logger: logger)
        let pool = try PostgresPool(configuration: configuration, size: 2, logger: logger)
        do {
            try await body(KeyStore(pool: pool), pool)
        } catch {
            await pool.shutdown()
            throw error
        }
        await pool.shutdown()
    }

    @Test("a stored key is found with its tenant and scopes, and its secret is nowhere in the row")
    func create() async throws {
        try await withStore { store, pool async throws in
            let key = try await store.create(tenant: "acme", name: "it's \"mine\"", scopes: [.read, .submit])

            let identity = try await KeyCache(store: store).identity(of: key)
            #expect(identity == Identity(keyID: key.keyID, tenant: "acme", scopes: [.read, .submit]))
            let row: String = try await pool.query("SELECT k::text FROM api_key k", [])[0].get(0)
            #expect(!row.contains(key.text.suffix(64)))
            #expect(try await store.list().map(\.name) == ["it's \"mine\""])
        }
    }

    @Test("a wrong secret, an unknown id, an expired and a revoked key are nobody's")
    func unusable() async throws {
        try await withStore { store, pool async throws in
            let key = try await store.create(tenant: "acme", name: "a", scopes: [.admin])
            let expired = try await store.create(
                tenant: "acme",
                name: "b",
                scopes: [.admin],
                expiresAt: Date(timeIntervalSinceNow: -1)
            )
            let later = try await store.create(
                tenant: "acme",
                name: "c",
                scopes: [.admin],
                expiresAt: Date(timeIntervalSinceNow: 60)
            )
            let revoked = try await store.create(tenant: "acme", name: "d", scopes: [.admin])
            #expect(try await store.revoke(revoked.keyID))
            #expect(try await !store.revoke(revoked.keyID))
            #expect(try await !store.revoke("nobody"))
            let cache = KeyCache(store: store)
            let forged = try #require(APIKey("sk_\(key.keyID)_" + String(repeating: "0", count: 64)))

            #expect(try await cache.identity(of: forged) == nil)
            #expect(try await cache.identity(of: .make()) == nil)
            #expect(try await cache.identity(of: expired) == nil)
            #expect(try await cache.identity(of: revoked) == nil)
            #expect(try await cache.identity(of: key) != nil)
            #expect(try await cache.identity(of: later) != nil)
        }
    }

    @Test("a scope this build does not know grants nothing")
    func unknownScope() async throws {
        try await withStore { store, pool async throws in
            let key = try await store.create(tenant: "acme", name: "a", scopes: [.read])
            _ = try await pool.query("UPDATE api_key SET scopes = '{read,launch_missiles}'", [])

            #expect(try await KeyCache(store: store).identity(of: key)?.scopes == [.read])
        }
    }

    @Test("a known key costs no query, and its end is noticed when its time in the cache is over")
    func cache() async throws {
        try await withStore { store, pool async throws in
            let key = try await store.create(tenant: "acme", name: "a", scopes: [.read])
            let cache = KeyCache(store: store)
            #expect(try await cache.identity(of: key) != nil)
            _ = try await store.revoke(key.keyID)

            #expect(try await cache.identity(of: key) != nil, "still remembered")
            #expect(try await KeyCache(store: store).identity(of: key) == nil)
            try await Condition.holds(within: KeyCache.timeToLive + .seconds(1)) {
                try await cache.identity(of: key) == nil
            }
        }
    }

    @Test("use is noted")
    func touch() async throws {
        try await withStore { store, pool async throws in
            let key = try await store.create(tenant: "acme", name: "a", scopes: [.read])

            _ = try await KeyCache(store: store).identity(of: key)

            try await Condition.holds {
                try await pool.query("SELECT 1 FROM api_key WHERE last_used_at IS NOT NULL", []).count == 1
            }
        }
    }

    @Test("a database that is away is an error, never a refusal or an admission")
    func away() async throws {
        try await withStore { store, pool async throws in
            let key = try await store.create(tenant: "acme", name: "a", scopes: [.read])
            _ = try await pool.query("ALTER TABLE api_key RENAME TO gone", [])

            await #expect(throws: PostgresError.self) { try await KeyCache(store: store).identity(of: key) }
        }
    }
}
