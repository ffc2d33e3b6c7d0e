import Postgres

/// Where scans begin, so that they do not step over what has long left.
///
/// A snapshot that somebody holds keeps dead entries in the indexes, and most of them lie where everybody starts to read: at
/// the head of the fair order, at the oldest attempt, at the earliest time. Each such scan carries a lower bound. The
/// bounds follow what they bound at a distance, so that whoever has read a clock and commits soon is never passed over; for
/// the others there are ``liftStragglers(everywhere:)`` and ``lowerFloors()``. What is below a floor is late, never lost.
extension JobLedger {
    /// An index that is read from its beginning, in the order of time.
    enum ScanFloor: String {
        /// Running jobs by the start of their attempt.
        case running
        /// Jobs that wait for their time, by that time.
        case due
        case deadline
    }

    /// The floor of a lane is the lane's time of so long ago at least.
    package static let floorLag: Duration = .milliseconds(500)
    /// A floor in the order of time is at least so far behind the moment.
    private static let timeLag: Duration = .seconds(5)
    /// Stragglers of transactions no longer than this are looked for between two bounds, rather than everywhere.
    private static let liftLag: Duration = .seconds(30)

    /// SQL: the least virtual time at which a scan of the lane has to look.
    static func floor(ofLane lane: String) -> String { "(SELECT c.floor FROM lane_clock c WHERE c.lane = \(lane))" }

    /// SQL: the earliest moment at which a scan of the index has to look.
    static func floor(of index: ScanFloor) -> String {
        "(SELECT f.since FROM scan_floor f WHERE f.name = '\(index.rawValue)')"
    }

    /// SQL, an assignment: what becomes ready again does not stand before the lane's time, where no scan would see it.
    static func raisedToClock(_ row: String) -> String {
        "vtime = greatest(\(row).vtime, (SELECT c.vtime FROM lane_clock c WHERE c.lane = \(row).lane))"
    }

    /// Moves each lane's virtual time to its head of queue, or to the last tenant's time when nothing waits; the lanes'
    /// floors follow, but never over what waits.
    ///
    /// Twice a second.
    package func advanceClocks() async throws {
        let movesFloor = "c.floor_at <= now() - make_interval(secs => $1)"
        let movesLift = "c.lift_at <= now() - make_interval(secs => $2)"
        _ = try await query(
            """
            WITH n AS MATERIALIZED (
                SELECT l.lane, h.vtime AS head, CASE WHEN h.vtime IS NULL THEN
                           (SELECT max(vtime) FROM tenant_clock t WHERE t.lane = l.lane) END AS last
                FROM lane_clock l LEFT JOIN LATERAL (
                    SELECT vtime FROM job_live
                    WHERE lane = l.lane AND state = 'queued' AND NOT held AND vtime >= l.floor
                    ORDER BY vtime LIMIT 1) h ON true
            )
            UPDATE lane_clock c
            SET vtime = greatest(c.vtime, n.head, n.last),
                floor = CASE WHEN \(movesFloor) THEN greatest(c.floor, least(c.next_floor, n.head)) ELSE c.floor END,
                next_floor = CASE WHEN \(movesFloor) THEN c.vtime ELSE c.next_floor END,
                floor_at = CASE WHEN \(movesFloor) THEN now() ELSE c.floor_at END,
                lift_from = CASE WHEN \(movesLift) THEN c.next_lift ELSE c.lift_from END,
                next_lift = CASE WHEN \(movesLift) THEN c.floor ELSE c.next_lift END,
                lift_at = CASE WHEN \(movesLift) THEN now() ELSE c.lift_at END
            FROM n
            WHERE n.lane = c.lane AND (greatest(n.head, n.last) > c.vtime OR (c.floor < c.vtime AND \(movesFloor)))
            """,
            [.double(Self.floorLag.inSeconds), .double(Self.liftLag.inSeconds)]
        )
    }

    /// Raises what is ready and stands below its lane's floor to the lane's time, to be rung anew: a transaction that had
    /// read the time long before it was committed left it there, or a program older than the floors.
    ///
    /// Ordinarily it looks from the floor of half a minute ago on; `everywhere` means from the index's beginning, over
    /// whatever lies dead there.
    ///
    /// - Returns: How many were raised.
    package func liftStragglers(everywhere: Bool = false) async throws -> Int {
        let rows = try await query(
            """
            WITH low AS MATERIALIZED (
                SELECT j.id FROM lane_clock c, LATERAL (
                    SELECT id FROM job_live
                    WHERE lane = c.lane AND state = 'queued' AND NOT held AND vtime < c.floor
                      \(everywhere ? "" : "AND vtime >= c.lift_from")
                    ORDER BY vtime, id LIMIT 1000) j
            ), locked AS MATERIALIZED (
                SELECT id FROM job_live WHERE id = ANY (ARRAY(SELECT id FROM low)) AND state::text = 'queued' AND NOT held
                ORDER BY id FOR UPDATE SKIP LOCKED
            )
            UPDATE job_live j SET \(Self.raisedToClock("j")), dispatched_at = NULL
            WHERE j.id = ANY (ARRAY(SELECT id FROM locked)) AND j.state::text = 'queued'
            RETURNING 1
            """,
            []
        )
        return rows.count
    }

    /// Moves the floors in the order of time up to the first that is there, at a distance from now.
    ///
    /// Every second.
    package func raiseFloors() async throws {
        _ = try await query(
            """
            WITH n AS MATERIALIZED (
                SELECT s.name, least(now() - make_interval(secs => $1), \(Self.first(">= s.since"))) AS since
                FROM scan_floor s
            )
            UPDATE scan_floor f SET since = n.since FROM n
            WHERE n.name = f.name AND n.since > f.since
            """,
            [.double(Self.timeLag.inSeconds)]
        )
    }

    /// Moves the floors down to what lies below them, if anything does: the server's clock was set back, or a statement
    /// took very long.
    ///
    /// Reads the indexes from their beginnings, over whatever lies dead there.
    package func lowerFloors() async throws {
        _ = try await query(
            """
            WITH n AS MATERIALIZED (SELECT s.name, \(Self.first("< s.since")) AS since FROM scan_floor s)
            UPDATE scan_floor f SET since = n.since FROM n
            WHERE n.name = f.name AND n.since < f.since
            """,
            []
        )
    }

    /// SQL: the first moment within the bound in the index of the floor `s`; NULL for none.
    private static func first(_ bound: String) -> String {
        func first(_ column: String, _ condition: String) -> String {
            "(SELECT \(column) FROM job_live WHERE \(condition) AND \(column) \(bound) ORDER BY \(column) LIMIT 1)"
        }
        return """
            CASE s.name WHEN 'running' THEN \(first("started_at", "state = 'running'"))
                        WHEN 'due' THEN \(first("run_at", "state IN ('scheduled', 'retrying')"))
                        ELSE \(first("deadline", "deadline IS NOT NULL")) END
            """
    }
}
