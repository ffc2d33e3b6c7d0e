import Compression
import Engines
import FoundationEssentials
package import Jobs
import Postgres

extension DecisionArchive {
    /// Checks that the decision can be made again, without reading what it was made of.
    ///
    /// `tenant` of nil asks for anybody's, as operators may.
    ///
    /// - Throws: ``ArchiveGap``.
    package func check(_ execution: JobID, tenant: String?) async throws {
        _ = try await located(execution, tenant: tenant, columns: "NULL::bytea, NULL::bytea, NULL::bytea, NULL::text")
    }

    /// The decision with all it was made of.
    ///
    /// - Throws: ``ArchiveGap``.
    package func decision(_ execution: JobID, tenant: String?) async throws -> ArchivedDecision {
        let row = try await located(
            execution,
            tenant: tenant,
            columns: "i.input, m.body, m.sha256, r.result"
        )
        return ArchivedDecision(
            execution: execution,
            kind: try row.get(0),
            result: try row.get(7),
            request: try Zlib.unpack(try row.get(4), maxBytes: Self.maxRequestBytes),
            market: try MarketSnapshot.market(body: try row.get(5), sha256: try row.get(6))
        )
    }

    private func located(_ execution: JobID, tenant: String?, columns: String) async throws -> PostgresRow {
        let rows = try await pool.query(
            """
            SELECT r.kind, r.tenant, r.state = 'succeeded', m.sha256 IS NOT NULL, \(columns)
            FROM job_result r
            LEFT JOIN decision_input i
                ON i.day = r.day AND i.execution_id = r.id AND i.lease_epoch = r.lease_epoch
            LEFT JOIN decision_market m ON m.sha256 = i.market_sha256
            WHERE r.day = uuid_v7_day($1) AND r.id = $1 AND r.kind LIKE 'decision.%'
            """,
            [.uuid(execution.uuid)]
        )
        guard let row = rows.first, try tenant == nil || row.get(1, as: String.self) == tenant else {
            throw ArchiveGap.unknown
        }
        guard try row.get(2, as: Bool.self) else { throw ArchiveGap.undecided }
        guard try row.get(3, as: Bool.self) else { throw ArchiveGap.inputGone }
        return row
    }
}
