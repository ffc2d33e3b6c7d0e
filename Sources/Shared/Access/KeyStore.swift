package import FoundationEssentials
package import Postgres

/// The keys in PostgreSQL.
package struct KeyStore: Sendable {
    private let pool: PostgresPool

    package init(pool: PostgresPool) {
        self.pool = pool
    }

    /// A stored key, without its secret.
    package struct Record: Sendable {
        package let identity: Identity
        package let secretHash: [UInt8]
        package let name: String
        package let createdAt: Date
        package let expiresAt: Date?
        package let isUsable: Bool
    }

    /// Makes and stores a key.
    ///
    /// - Returns: The key; nothing can show it again.
    package func create(tenant: String, name: String, scopes: Set<Scope>, expiresAt: Date? = nil) async throws -> APIKey
    {
        let key = APIKey.make()
        _ = try await pool.query(
            """
            INSERT INTO api_key (key_id, secret_hash, tenant, name, scopes, expires_at)
            VALUES ($1, $2, $3, $4, $5, $6)
            """,
            [
                .text(key.keyID), .bytes(key.secretHash), .text(tenant), .text(name),
                .texts(scopes.map(\.rawValue).sorted()), expiresAt.map { .timestamp($0) } ?? .null,
            ]
        )
        return key
    }

    /// The stored key of this id, usable or not.
    package func find(_ keyID: String) async throws -> Record? {
        try await records(where: "key_id = $1", [.text(keyID)]).first
    }

    /// All keys, oldest first.
    package func list() async throws -> [Record] {
        try await records(where: "true", [])
    }

    /// Ends a key's use; API processes notice within ``KeyCache/timeToLive``.
    ///
    /// - Returns: Whether there was such a key in use.
    package func revoke(_ keyID: String) async throws -> Bool {
        try await pool.query(
            "UPDATE api_key SET revoked_at = now() WHERE key_id = $1 AND revoked_at IS NULL RETURNING 1",
            [.text(keyID)]
        ).count == 1
    }

    /// Notes that keys were used; to the minute is enough.
    package func touch(_ keyIDs: [String]) async throws {
        _ = try await pool.query(
            """
            UPDATE api_key SET last_used_at = now()
            WHERE key_id = ANY ($1) AND (last_used_at IS NULL OR last_used_at < now() - interval '1 minute')
            """,
            [.texts(keyIDs)]
        )
    }

    private func records(where condition: String, _ parameters: [PostgresValue]) async throws -> [Record] {
        try await pool.query(
            """
            SELECT key_id, tenant, scopes, secret_hash, name, created_at, expires_at,
                   revoked_at IS NULL AND (expires_at IS NULL OR expires_at > now())
            FROM api_key WHERE \(condition) ORDER BY created_at, key_id
            """,
            parameters
        ).map { row in
            let scopes = try row.get(2, as: [String].self).compactMap(Scope.init(rawValue:))
            return Record(
                identity: Identity(keyID: try row.get(0), tenant: try row.get(1), scopes: Set(scopes)),
                secretHash: try row.get(3),
                name: try row.get(4),
                createdAt: try row.get(5),
                expiresAt: try row.get(6),
                isUsable: try row.get(7)
            )
        }
    }
}
