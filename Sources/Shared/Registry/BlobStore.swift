package import Postgres

/// Bytes by their hash, kept in pieces in PostgreSQL.
package struct BlobStore: Sendable {
    /// Bytes of a piece: what one statement carries.
    static let chunkBytes = 1 << 20

    let pool: PostgresPool

    package init(pool: PostgresPool) {
        self.pool = pool
    }

    /// Stores a file in the caller's transaction, unless it is there already.
    ///
    /// Of two who store the same bytes at once the second waits for the first, and then finds them.
    ///
    /// - Returns: The hash.
    package static func store(_ file: SpooledFile, in transaction: PostgresTransaction) async throws -> [UInt8] {
        let hash = file.digest
        guard try await begin(hash, size: file.size, in: transaction) else { return hash }
        var offset: Int64 = 0
        var place: Int64 = 0
        while case let piece = try await file.read(at: offset, count: chunkBytes), !piece.isEmpty {
            try await put(piece, at: place, of: hash, in: transaction)
            offset += Int64(piece.count)
            place += 1
        }
        return hash
    }

    /// - Returns: Whether the bytes are still to be written.
    private static func begin(_ hash: [UInt8], size: Int64, in transaction: PostgresTransaction) async throws -> Bool {
        while true {
            let rows = try await transaction.query(
                "INSERT INTO model_blob (sha256, size) VALUES ($1, $2) ON CONFLICT (sha256) DO NOTHING RETURNING 1",
                [.bytes(hash), .int(size)]
            )
            if rows.count == 1 { return true }
            // Held until the commit, so that no deletion takes it away; gone when one was faster.
            let kept = try await transaction.query(
                "SELECT 1 FROM model_blob WHERE sha256 = $1 FOR KEY SHARE",
                [.bytes(hash)]
            )
            if kept.count == 1 { return false }
        }
    }

    private static func put(_ piece: [UInt8], at place: Int64, of hash: [UInt8], in transaction: PostgresTransaction)
        async throws
    {
        try await transaction.query(
            "INSERT INTO model_chunk (sha256, n, data) VALUES ($1, $2::int8::int4, $3)",
            [.bytes(hash), .int(place), .bytes(piece)]
        )
    }

    /// One piece of a blob, counted from 0; nil behind its end, and where there is no such blob.
    package func piece(_ place: Int, of hash: [UInt8]) async throws -> [UInt8]? {
        try await pool.query(
            "SELECT data FROM model_chunk WHERE sha256 = $1 AND n = $2::int8::int4",
            [.bytes(hash), PostgresValue(place)]
        ).first?.get(0)
    }

    /// A blob appended to a file.
    ///
    /// - Throws: ``RegistryError/unreadable(_:)`` when it is not there whole, errors of file and store.
    package func copy(_ hash: [UInt8], to file: SpooledFile) async throws {
        let rows = try await pool.query("SELECT size FROM model_blob WHERE sha256 = $1", [.bytes(hash)])
        let before = file.size
        var place = 0
        while let piece = try await piece(place, of: hash) {
            try await file.append(piece)
            place += 1
        }
        guard let size: Int64 = try rows.first?.get(0), file.size - before == size else {
            throw RegistryError.unreadable("the bytes of \(hash.hexadecimal) are not there whole")
        }
    }

    /// Removes blobs that nothing refers to; one that somebody is about to refer to stays.
    static func sweep(_ hashes: [[UInt8]], in transaction: PostgresTransaction) async throws {
        let free = try await transaction.query(
            "SELECT sha256 FROM model_blob WHERE sha256 = ANY ($1) ORDER BY sha256 FOR UPDATE SKIP LOCKED",
            [.bytesArray(hashes)]
        ).map { try $0.get(0, as: [UInt8].self) }
        try await transaction.query(
            """
            DELETE FROM model_blob b WHERE sha256 = ANY ($1)
                AND NOT EXISTS (SELECT FROM ml_models m WHERE m.sha256 = b.sha256 OR m.form_sha256 = b.sha256)
                AND NOT EXISTS (SELECT FROM model_part p WHERE p.sha256 = b.sha256)
            """,
            [.bytesArray(free)]
        )
    }
}
