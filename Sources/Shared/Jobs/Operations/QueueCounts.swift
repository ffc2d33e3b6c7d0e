package import FoundationEssentials
import Postgres

/// How many jobs of one lane, kind and state there are.
package struct QueueCount: Sendable, Equatable {
    package let lane: Lane
    package let kind: String
    package let state: JobState
    /// A rule keeps them from starting.
    package let isHeld: Bool
    package var count: Int
    /// Counted from a sample, since there are too many to count each time somebody asks.
    package var isEstimated: Bool
    /// Since when the longest waiting of them could have run; nil when that cannot be told.
    package var oldest: Date?
}

extension JobLedger {
    /// Up to this many jobs of a lane are counted one by one; that takes some tens of milliseconds.
    static let exactCount = 100_000
    /// Pages of `job_live` that stand for all of them: about 16 MB, and some 50,000 jobs.
    private static let samplePages = 2000

    /// The jobs that have not ended and the dead letters, by lane, kind and state; never more work for a longer queue.
    ///
    /// Up to `exactly` per lane are counted one by one; tests choose a small number.
    package func queueCounts(exactly: Int = JobLedger.exactCount) async throws -> [QueueCount] {
        let counted = try await query(Self.countSQL(Lane.allCases), [.int(Int64(exactly))])
        var counts: [QueueCount] = []
        var overflowing: Set<String> = []
        for row in counted {
            guard let count = try Self.queueCount(row) else { continue }
            counts.append(count)
            // Each part was cut at the bound: reaching it means that there may be more.
            if Int(try row.get(6, as: Int64.self)) >= exactly { overflowing.insert(try row.get(7)) }
        }
        guard !overflowing.isEmpty else { return counts }
        return Self.merge(counts, overflowing: overflowing, sample: try await sample(), heads: try await oldestHeads())
    }

    /// Parts that follow an index each and stop at `$1` rows; a part's name comes back with its total.
    private static func countSQL(_ lanes: [Lane]) -> String {
        var parts = lanes.map { lane in
            (
                "ready:\(lane.rawValue)",
                """
                SELECT lane, kind, state, held, run_at FROM job_live
                WHERE lane = '\(lane.rawValue)' AND state = 'queued' AND NOT held
                  AND vtime >= \(Self.floor(ofLane: "'\(lane.rawValue)'")) ORDER BY vtime, id LIMIT $1
                """
            )
        }
        parts.append(("held", "SELECT lane, kind, state, held, run_at FROM job_live WHERE held LIMIT $1"))
        parts.append(
            (
                "running",
                """
                SELECT lane, kind, state, held, run_at FROM job_live
                WHERE state = 'running' AND started_at >= \(Self.floor(of: .running)) LIMIT $1
                """
            )
        )
        parts.append(
            (
                "due",
                """
                SELECT lane, kind, state, held, run_at FROM job_live
                WHERE state IN ('scheduled', 'retrying') AND run_at >= \(Self.floor(of: .due)) ORDER BY run_at LIMIT $1
                """
            )
        )
        parts.append(
            (
                "dead",
                """
                SELECT lane, kind, state, false, finished_at FROM job_result
                WHERE state = 'dead' AND discarded_at IS NULL LIMIT $1
                """
            )
        )
        return parts.map { name, sql in
            """
            SELECT lane::text, kind, state::text, held, count(*), min(run_at), (sum(count(*)) OVER ())::bigint, '\(name)'
            FROM (\(sql)) part(lane, kind, state, held, run_at) GROUP BY 1, 2, 3, 4
            """
        }.joined(separator: " UNION ALL ")
    }

    private static func queueCount(_ row: PostgresRow) throws -> QueueCount? {
        guard let lane = Lane(rawValue: try row.get(0)), let state = JobState(rawValue: try row.get(2)) else {
            return nil
        }
        let oldest = try row.get(5, as: Date?.self)
        return QueueCount(
            lane: lane,
            kind: try row.get(1),
            state: state,
            isHeld: try row.get(3),
            count: Int(try row.get(4, as: Int64.self)),
            isEstimated: false,
            oldest: oldest.flatMap { $0.timeIntervalSinceReferenceDate.isFinite ? $0 : nil }
        )
    }

    /// Counts over random pages, scaled up by how many pages there are.
    private func sample() async throws -> [QueueCount] {
        let rows = try await query(
            """
            SELECT greatest(1, pg_relation_size('job_live') / current_setting('block_size')::int)::bigint
            """,
            []
        )
        let pages = Double(try rows[0].get(0, as: Int64.self))
        let share = min(1, Double(Self.samplePages) / pages)
        return try await query(
            """
            SELECT lane::text, kind, state::text, held, greatest(1, round(count(*) / $1))::bigint, NULL::timestamptz
            FROM job_live TABLESAMPLE SYSTEM ($1 * 100) GROUP BY 1, 2, 3, 4
            """,
            [.double(share)]
        ).compactMap { row in
            var count = try Self.queueCount(row)
            count?.isEstimated = share < 1
            return count
        }
    }

    /// The longest waiting job of each lane among the oldest 20,000 that live, for lanes too long to be read.
    private func oldestHeads() async throws -> [Lane: Date] {
        let rows = try await query(
            """
            SELECT lane::text, min(run_at) FROM (
                SELECT lane, state, held, run_at FROM job_live ORDER BY id LIMIT 20000) head
            WHERE state = 'queued' AND NOT held GROUP BY 1
            """,
            []
        )
        var heads: [Lane: Date] = [:]
        for row in rows { if let lane = Lane(rawValue: try row.get(0)) { heads[lane] = try row.get(1) } }
        return heads
    }

    /// The sample's counts where a part was cut, never less than what was seen there.
    static func merge(
        _ counts: [QueueCount],
        overflowing: Set<String>,
        sample: [QueueCount],
        heads: [Lane: Date]
    ) -> [QueueCount] {
        func isCut(_ count: QueueCount) -> Bool {
            switch count.state {
            case .queued: overflowing.contains(count.isHeld ? "held" : "ready:\(count.lane.rawValue)")
            case .running: overflowing.contains("running")
            case .scheduled, .retrying: overflowing.contains("due")
            case .dead: overflowing.contains("dead")
            case .succeeded, .failed, .cancelled: false
            }
        }
        var merged = counts
        for index in merged.indices where isCut(merged[index]) {
            merged[index].isEstimated = true
            if merged[index].state == .queued, let head = heads[merged[index].lane] {
                merged[index].oldest = min(merged[index].oldest ?? head, head)
            }
        }
        for estimate in sample where isCut(estimate) {
            let same = merged.firstIndex {
                ($0.lane, $0.kind, $0.state, $0.isHeld)
                    == (estimate.lane, estimate.kind, estimate.state, estimate.isHeld)
            }
            if let same {
                merged[same].count = max(merged[same].count, estimate.count)
            } else {
                merged.append(estimate)
            }
        }
        return merged
    }
}
