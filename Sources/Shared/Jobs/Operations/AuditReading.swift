import FoundationEssentials
import Postgres

/// One audit's work within its snapshot.
struct AuditReading {
    /// An hour younger than this is still written to; ids are made a moment before their jobs are accepted.
    private static let settling: TimeInterval = 600
    private static let mostTwice = 100

    let transaction: PostgresTransaction
    let now: Date

    private struct DayTenant: Hashable {
        let day: Date
        let tenant: String
    }

    /// The report, and the hours worth remembering.
    func report(all: Bool) async throws -> (AuditReport, [AuditHour]) {
        let tally = try await tally(all: all)
        let days = try await days(tally: tally, all: all)
        guard let first = days.first, let last = days.last else {
            return (Self.report(at: now, all: all, tally: [:], counts: [:], twice: [], counted: 0, remembered: 0), [])
        }
        let hours = stride(from: first.timeIntervalSince1970, to: last.timeIntervalSince1970 + 86_400, by: 3600)
            .map { Date(timeIntervalSince1970: $0) }
            .filter { hour in days.contains(hour.startOfDay) }
        var live = try await liveCounts(hours)
        let memory = all ? [:] : try await memory(from: first)
        var ended: [Date: [String: StateCounts]] = [:]
        var toCount: [Date] = []
        for hour in hours {
            if let known = memory[hour],
                known.mapValues(\.live).filter({ $0.value > 0 }) == live[hour, default: [:]].mapValues(\.live)
            {
                ended[hour] = known.mapValues(\.ended)
            } else {
                // Hours to come as well: a clock that runs ahead makes ids of theirs.
                toCount.append(hour)
            }
        }
        let remembered = ended.count
        try await count(toCount, into: &ended)
        var lines = Self.sum(hours, live, ended)
        // Nothing is said about a job from memory: where the sums differ, the day is counted afresh.
        let doubtful = Set(
            Set(tally.keys).union(lines.keys).filter { key in
                Self.line(key, tally, lines).difference != 0
            }.map(\.day)
        )
        let afresh = hours.filter { doubtful.contains($0.startOfDay) && !toCount.contains($0) }
        if !afresh.isEmpty {
            try await count(afresh, into: &ended)
            lines = Self.sum(hours, live, ended)
        }
        let twice = try await twice(all ? days : doubtful.sorted())
        let report = Self.report(
            at: now,
            all: all,
            tally: tally,
            counts: lines,
            twice: twice,
            counted: toCount.count + afresh.count,
            remembered: remembered - afresh.count
        )
        let settled = (toCount + afresh).filter { $0.timeIntervalSince(now) < -3600 - Self.settling }
        return (
            report,
            settled.map { hour in
                var kept = AuditHour(start: hour)
                for (tenant, counts) in ended[hour] ?? [:] { kept.rows[tenant, default: StateCounts()].add(counts) }
                for (tenant, counts) in live.removeValue(forKey: hour) ?? [:] {
                    kept.rows[tenant, default: StateCounts()].add(counts)
                }
                return kept
            }
        )
    }

    // MARK: Reading

    /// Counting takes as long as it takes.
    private func read(_ sql: String, _ parameters: [PostgresValue]) async throws -> PostgresRows {
        try await transaction.query(sql, parameters, deadline: .seconds(600))
    }

    /// What was accepted and dropped; days of which everything has been dropped only in a complete audit.
    private func tally(all: Bool) async throws -> [DayTenant: (accepted: Int, dropped: Int)] {
        let rows = try await read(
            """
            SELECT day::timestamp AT TIME ZONE 'UTC', tenant, accepted, dropped FROM job_tally_now
            WHERE \(all ? "true" : "accepted <> dropped")
            """,
            []
        )
        var tally: [DayTenant: (accepted: Int, dropped: Int)] = [:]
        for row in rows {
            let key = DayTenant(day: try row.get(0), tenant: try row.get(1))
            tally[key] = (Int(try row.get(2, as: Int64.self)), Int(try row.get(3, as: Int64.self)))
        }
        return tally
    }

    /// The days there is something to count of, in order.
    private func days(tally: [DayTenant: (accepted: Int, dropped: Int)], all: Bool) async throws -> [Date] {
        var days = Set(tally.keys.map(\.day))
        // The live jobs' own days, by skipping from one to the next.
        var after: Date?
        while true {
            let rows = try await read(
                """
                SELECT uuid_v7_day(id)::timestamp AT TIME ZONE 'UTC' FROM job_live
                WHERE id >= $1 ORDER BY id LIMIT 1
                """,
                [.uuid(JobID.lowest(at: after ?? Date(timeIntervalSince1970: 0)).uuid)]
            )
            guard let day = try rows.first?.get(0, as: Date.self) else { break }
            days.insert(day)
            after = day.addingTimeInterval(86_400)
        }
        if all {
            let rows = try await read(
                "SELECT day::timestamp AT TIME ZONE 'UTC' FROM job_result GROUP BY day",
                []
            )
            for row in rows { days.insert(try row.get(0)) }
        } else {
            days.insert(now.startOfDay)
        }
        return days.sorted()
    }

    /// Live jobs by hour and tenant; an id's hour is found among the hours' least ids.
    private func liveCounts(_ hours: [Date]) async throws -> [Date: [String: StateCounts]] {
        let rows = try await read(
            """
            SELECT width_bucket(id, $1::uuid[])::bigint, tenant, state::text, count(*) FROM job_live GROUP BY 1, 2, 3
            """,
            [.uuids(hours.map { JobID.lowest(at: $0).uuid })]
        )
        return try Self.byHour(rows, hours)
    }

    private func memory(from first: Date) async throws -> [Date: [String: Remembered]] {
        let rows = try await read(
            "SELECT hour, tenant, live, succeeded, failed, cancelled, dead FROM audit_hour WHERE hour >= $1",
            [.timestamp(first)]
        )
        var memory: [Date: [String: Remembered]] = [:]
        for row in rows {
            func number(_ column: Int) throws -> Int { Int(try row.get(column, as: Int64.self)) }
            var ended = StateCounts()
            for (column, state) in [(3, JobState.succeeded), (4, .failed), (5, .cancelled), (6, .dead)] {
                ended[state] = try number(column)
            }
            memory[try row.get(0), default: [:]][try row.get(1)] = Remembered(live: try number(2), ended: ended)
        }
        return memory
    }

    private struct Remembered {
        let live: Int
        let ended: StateCounts
    }

    /// Counts the ended jobs of these hours, day by day: each statement reads one partition's range of ids.
    private func count(_ hours: [Date], into ended: inout [Date: [String: StateCounts]]) async throws {
        for (day, ofDay) in Dictionary(grouping: hours, by: \.startOfDay).sorted(by: { $0.key < $1.key }) {
            // Neighbouring hours are one range; a day with holes is several.
            for range in Self.ranges(ofDay.sorted()) {
                guard let first = range.first, let last = range.last else { continue }
                let rows = try await read(
                    """
                    SELECT width_bucket(id, $1::uuid[])::bigint, tenant, state::text, count(*) FROM job_result
                    WHERE day = $2::text::date AND id >= $3 AND id < $4 GROUP BY 1, 2, 3
                    """,
                    [
                        .uuids(range.map { JobID.lowest(at: $0).uuid }), .text(day.dayText),
                        .uuid(JobID.lowest(at: first).uuid),
                        .uuid(JobID.lowest(at: last.addingTimeInterval(3600)).uuid),
                    ]
                )
                let counted = try Self.byHour(rows, range)
                for hour in range { ended[hour] = counted[hour] ?? [:] }
            }
        }
    }

    private func twice(_ days: [Date]) async throws -> [JobID] {
        var found: [JobID] = []
        for day in days where found.count < Self.mostTwice {
            let rows = try await read(
                """
                SELECT j.id FROM job_live j JOIN job_result r ON r.day = $1::text::date AND r.id = j.id
                WHERE j.id >= $2 AND j.id < $3 ORDER BY 1 LIMIT \(Self.mostTwice)
                """,
                [
                    .text(day.dayText), .uuid(JobID.lowest(at: day).uuid),
                    .uuid(JobID.lowest(at: day.addingTimeInterval(86_400)).uuid),
                ]
            )
            found += try rows.map { JobID(try $0.get(0, as: UUID.self)) }
        }
        return found
    }

    // MARK: Sums

    private static func byHour(_ rows: PostgresRows, _ hours: [Date]) throws -> [Date: [String: StateCounts]] {
        var result: [Date: [String: StateCounts]] = [:]
        for row in rows {
            let bucket = Int(try row.get(0, as: Int64.self)) - 1
            guard hours.indices.contains(bucket), let state = JobState(rawValue: try row.get(2)) else { continue }
            result[hours[bucket], default: [:]][try row.get(1), default: StateCounts()][state] += Int(
                try row.get(3, as: Int64.self)
            )
        }
        return result
    }

    private static func ranges(_ hours: [Date]) -> [[Date]] {
        hours.reduce(into: []) { ranges, hour in
            if let last = ranges.last?.last, hour.timeIntervalSince(last) == 3600 {
                ranges[ranges.count - 1].append(hour)
            } else {
                ranges.append([hour])
            }
        }
    }

    private static func sum(
        _ hours: [Date],
        _ live: [Date: [String: StateCounts]],
        _ ended: [Date: [String: StateCounts]]
    ) -> [DayTenant: StateCounts] {
        var sums: [DayTenant: StateCounts] = [:]
        for hour in hours {
            for part in [live[hour], ended[hour]] {
                for (tenant, counts) in part ?? [:] where !tenant.isEmpty {
                    sums[DayTenant(day: hour.startOfDay, tenant: tenant), default: StateCounts()].add(counts)
                }
            }
        }
        return sums
    }

    private static func line(
        _ key: DayTenant,
        _ tally: [DayTenant: (accepted: Int, dropped: Int)],
        _ counts: [DayTenant: StateCounts]
    ) -> AuditLine {
        AuditLine(
            day: key.day,
            tenant: key.tenant,
            accepted: tally[key]?.accepted ?? 0,
            counts: (counts[key]?.values ?? [:]).filter { $0.value != 0 },
            dropped: tally[key]?.dropped ?? 0
        )
    }

    private static func report(
        at: Date,
        all: Bool,
        tally: [DayTenant: (accepted: Int, dropped: Int)],
        counts: [DayTenant: StateCounts],
        twice: [JobID],
        counted: Int,
        remembered: Int
    ) -> AuditReport {
        let lines = Set(tally.keys).union(counts.keys).map { line($0, tally, counts) }
            .sorted { ($1.day, $0.tenant) < ($0.day, $1.tenant) }
        return AuditReport(
            at: at,
            isComplete: all,
            lines: lines,
            twice: twice,
            hoursCounted: counted,
            hoursRemembered: remembered
        )
    }
}
