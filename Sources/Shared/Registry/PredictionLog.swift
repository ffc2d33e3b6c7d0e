package import Contract
package import FoundationEssentials
package import Postgres
import Synchronization

/// What was predicted, written in batches and never waited for: a prediction takes microseconds, a commit milliseconds.
///
/// A sample, by configuration. What is lost when a process dies or PostgreSQL is away are lines of a sample, no answers.
package final class PredictionLog: Sendable {
    package struct Entry: Sendable {
        package let model: UUID?
        package let tenant: String
        package let type: String
        /// JSON; PostgreSQL's has no NUL.
        let inputText: String
        let outputText: String
        package let confidence: Double?
        package let microseconds: Int
        package let isShadow: Bool
        package let at: Date

        package init(
            model: UUID?,
            tenant: String,
            type: String,
            input: JSONValue,
            output: JSONValue,
            confidence: Double?,
            microseconds: Int,
            isShadow: Bool
        ) {
            self.model = model
            self.tenant = tenant
            self.type = type
            inputText = Self.storable(input)
            outputText = Self.storable(output)
            self.confidence = confidence
            self.microseconds = microseconds
            self.isShadow = isShadow
            at = Date()
        }

        private static func storable(_ json: JSONValue) -> String {
            let text = json.text()
            return text.contains("\\u0000") ? text.replacing("\\u0000", with: "\\ufffd") : text
        }

        fileprivate var size: Int { inputText.utf8.count + outputText.utf8.count }
    }

    /// Beyond it entries are dropped and counted: memory is not the place to wait for a database.
    private static let mostWaiting = 10_000
    private static let mostBytes = 64 << 20
    private static let pause: Duration = .milliseconds(250)
    private static let keptDays = 30

    private struct State {
        var waiting: [Entry] = []
        var bytes = 0
        var dropped = 0
        var listeners: [UUID: AsyncStream<Entry>.Continuation] = [:]
    }

    private let pool: PostgresPool
    private let share: Double
    private let state = Mutex(State())

    /// - Parameters:
    ///   - pool: Where it is written.
    ///   - share: 0 to 1: of the predictions.
    package init(pool: PostgresPool, share: Double) {
        self.pool = pool
        self.share = share
    }

    /// Takes an entry, or leaves it out of the sample.
    package func note(_ entry: @autoclosure () -> Entry) {
        let isKept = share >= 1 || Double.random(in: 0..<1) < share
        let hears = state.withLock { !$0.listeners.isEmpty }
        guard isKept || hears else { return }
        let entry = entry()
        state.withLock { state in
            for listener in state.listeners.values { listener.yield(entry) }
            guard isKept else { return }
            guard state.waiting.count < Self.mostWaiting, state.bytes + entry.size <= Self.mostBytes else {
                state.dropped += 1
                return
            }
            state.waiting.append(entry)
            state.bytes += entry.size
        }
    }

    /// Entries as they come, of one tenant or of all; a reader that falls behind misses the oldest.
    package func follow(tenant: String?) -> AsyncStream<Entry> {
        let id = UUID()
        let (all, continuation) = AsyncStream.makeStream(of: Entry.self, bufferingPolicy: .bufferingNewest(256))
        continuation.onTermination = { [weak self] _ in
            self?.state.withLock { $0.listeners[id] = nil }
        }
        state.withLock { $0.listeners[id] = continuation }
        guard let tenant else { return all }
        let (own, filtered) = AsyncStream.makeStream(of: Entry.self, bufferingPolicy: .bufferingNewest(256))
        let task = Task {
            for await entry in all where entry.tenant == tenant { filtered.yield(entry) }
            filtered.finish()
        }
        filtered.onTermination = { _ in task.cancel() }
        return own
    }

    /// Writes what waits, again and again, until the task is cancelled; then once more.
    package func run() async {
        var nextSweep = ContinuousClock.now + .seconds(60)
        while !Task.isCancelled {
            try? await Task.sleep(for: Self.pause)
            await flush()
            if ContinuousClock.now >= nextSweep {
                _ = try? await pool.query(
                    "DELETE FROM predictions_log WHERE created_at < now() - interval '\(Self.keptDays) days'"
                )
                nextSweep = .now + .seconds(3600)
            }
        }
        await flush()
    }

    private func flush() async {
        let entries = state.withLock { state in
            defer {
                state.waiting.removeAll(keepingCapacity: true)
                state.bytes = 0
            }
            return state.waiting
        }
        await write(entries)
    }

    /// Entries that cannot be stored are dropped, each for itself; while the database is away all of them wait.
    private func write(_ entries: [Entry]) async {
        guard !entries.isEmpty else { return }
        do {
            try await insert(entries)
        } catch let error as PostgresError where error.code == .server {
            guard entries.count > 1 else { return state.withLock { $0.dropped += 1 } }
            await write(Array(entries.prefix(entries.count / 2)))
            await write(Array(entries.dropFirst(entries.count / 2)))
        } catch {
            // They go back in front of those that came meanwhile, as far as there is room.
            state.withLock { state in
                let room = max(0, Self.mostWaiting - state.waiting.count)
                state.dropped += max(0, entries.count - room)
                state.waiting.insert(contentsOf: entries.suffix(room), at: 0)
            }
        }
    }

    private func insert(_ entries: [Entry]) async throws {
        try await pool.query(
            """
            INSERT INTO predictions_log (model_id, tenant, prediction_type, input_data, prediction_output,
                confidence_score, latency_us, is_shadow, created_at)
            SELECT nullif(m, '')::uuid, t, y, i::jsonb, o::jsonb, least(greatest(c, 0), 1), l, s, a
            FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::float8[], $7::int8[], $8::bool[],
                        $9::timestamptz[]) AS e(m, t, y, i, o, c, l, s, a)
            """,
            [
                .texts(entries.map { $0.model?.uuidString ?? "" }), .texts(entries.map(\.tenant)),
                .texts(entries.map(\.type)), .texts(entries.map(\.inputText)), .texts(entries.map(\.outputText)),
                .doubles(entries.map(\.confidence)), .ints(entries.map { Int64($0.microseconds) }),
                .bools(entries.map(\.isShadow)), .timestamps(entries.map(\.at)),
            ]
        )
    }

    /// Logged predictions, newest first.
    package func history(tenant: String?, model: UUID?, before: Int64?, limit: Int) async throws -> [JSONValue] {
        try await pool.query(
            """
            SELECT prediction_id, model_id, tenant, prediction_type, input_data::text, prediction_output::text,
                   confidence_score::float8, latency_us, is_shadow, created_at
            FROM predictions_log
            WHERE ($1::text IS NULL OR tenant = $1) AND ($2::uuid IS NULL OR model_id = $2)
              AND ($3::int8 IS NULL OR prediction_id < $3)
            ORDER BY prediction_id DESC LIMIT $4
            """,
            [PostgresValue(tenant), PostgresValue(model), PostgresValue(before), PostgresValue(limit)]
        ).map { row in
            let model: UUID? = try row.get(1)
            return [
                "prediction_id": .integer(try row.get(0)), "model_id": .optional(model?.uuidString.lowercased()),
                "prediction_type": .string(try row.get(3)),
                "input": try JSONParser.parse(try row.get(4, as: String.self)),
                "output": try JSONParser.parse(try row.get(5, as: String.self)),
                "confidence": try row.get(6, as: Double?.self).map { .double($0) } ?? .null,
                "latency_us": .integer(try row.get(7)), "shadow": .bool(try row.get(8)),
                "created_at": .string(ModelRecord.text(try row.get(9))),
            ]
        }
    }
}

extension PredictionLog.Entry {
    /// As the live stream shows it.
    package var json: JSONValue {
        [
            "model_id": .optional(model?.uuidString.lowercased()), "prediction_type": .string(type),
            "input": (try? JSONParser.parse(inputText)) ?? .null,
            "output": (try? JSONParser.parse(outputText)) ?? .null,
            "confidence": confidence.map { .double($0) } ?? .null,
            "latency_us": .integer(Int64(microseconds)), "shadow": .bool(isShadow),
            "created_at": .string(ModelRecord.text(at)),
        ]
    }
}
