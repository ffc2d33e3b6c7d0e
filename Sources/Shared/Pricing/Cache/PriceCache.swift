package import FoundationEssentials
package import Redis

/// Answers made of stored prices, kept in Redis: the ledger is read once for many who ask the same.
///
/// Every document carries the epoch of its kind of data, a random word that each write of such data replaces after its
/// commit. A document of another epoch is not used. Should a writer die between its commit and the new epoch, documents
/// live on until ``lifetime`` is over; each says when it was read from the ledger, so an answer never claims to be
/// younger than it is. Without Redis every question goes to the ledger.
package actor PriceCache {
    /// What an answer is made of.
    package struct Document: Sendable, Equatable {
        package var bytes: [UInt8]
        /// When it was read from the ledger.
        package var readAt: Date
        package var isFromCache: Bool
    }

    /// How long a document may outlive a change that nobody has told of.
    package static let lifetime: Duration = .seconds(60)
    /// Of all processes one reads the ledger for a document; the others give it this long.
    private let patience: Duration
    private static let look: Duration = .milliseconds(10)
    /// A larger one would hold up everybody else's small ones.
    private static let largest = 4 << 20

    private let redis: any RedisCommanding
    private let prefix: String
    private var reading: [String: Task<Document, any Error>] = [:]

    /// - Parameters:
    ///   - redis: Where documents are kept.
    ///   - namespace: Separates fleets that share a Redis.
    ///   - patience: How long the others wait for the one who reads; then they read for themselves.
    package init(redis: any RedisCommanding, namespace: String, patience: Duration = .milliseconds(250)) {
        self.redis = redis
        self.patience = patience
        prefix = "\(namespace):{prices}:"
    }

    /// The document of a key, from Redis or made anew.
    ///
    /// - Parameters:
    ///   - key: What was asked; the same text means the same document.
    ///   - change: What makes it out of date.
    ///   - make: Reads the ledger and writes the document.
    /// - Returns: The document, with its age.
    /// - Throws: What `make` throws.
    package func document(
        _ key: String,
        outdatedBy change: PriceChange,
        make: @escaping @Sendable () async throws -> [UInt8]
    ) async throws -> Document {
        let name = "\(prefix)document:\(key)"
        // Whoever asks while somebody reads gets what he reads: nothing older than the question's own beginning minus
        // one reading.
        if let task = reading[name] { return try await task.value }
        let task = Task { try await find(name, epochKey(change), make) }
        reading[name] = task
        defer { reading[name] = nil }
        return try await task.value
    }

    /// Puts everything made of such data out of date.
    ///
    /// Does nothing without Redis: documents then end by their lifetime.
    package func invalidate(_ change: PriceChange) async {
        let word = String(UInt64.random(in: .min ... .max), radix: 36)
        _ = try? await redis.send(RedisCommand("SET", epochKey(change), word))
    }

    private func epochKey(_ change: PriceChange) -> String { "\(prefix)epoch:\(change.name)" }

    private func find(
        _ name: String,
        _ epochKey: String,
        _ make: @escaping @Sendable () async throws -> [UInt8]
    ) async throws -> Document {
        guard case (let epoch, let kept)? = await look(name, epochKey) else {
            return Document(bytes: try await make(), readAt: .now, isFromCache: false)
        }
        if let kept { return kept }
        let lock = name + ":reading"
        let isOurs = await take(lock)
        if !isOurs {
            let end = ContinuousClock.now + patience
            while ContinuousClock.now < end {
                try await Task.sleep(for: Self.look)
                if case (_, let kept?)? = await look(name, epochKey) { return kept }
            }
        }
        let readAt = Date.now
        let bytes: [UInt8]
        do {
            bytes = try await make()
        } catch {
            // Whoever waits for us is to try at once.
            if isOurs { _ = try? await redis.send(RedisCommand("DEL", lock)) }
            throw error
        }
        await keep(name, lock, epoch, readAt, bytes)
        return Document(bytes: bytes, readAt: readAt, isFromCache: false)
    }

    /// The epoch that holds now, and the document if it is of it; nil without Redis.
    private func look(_ name: String, _ epochKey: String) async -> (epoch: String, kept: Document?)? {
        guard
            let answers = try? await redis.send(pipeline: [RedisCommand("GET", epochKey), RedisCommand("GET", name)]),
            answers.count == 2, answers[0].failure == nil, answers[1].failure == nil
        else { return nil }
        let epoch = answers[0].string ?? ""
        guard let bytes = answers[1].bytes, let end = bytes.firstIndex(of: UInt8(ascii: "\n")) else {
            return (epoch, nil)
        }
        let head = String(decoding: bytes[..<end], as: UTF8.self)
            .split(separator: " ", omittingEmptySubsequences: false)
        guard head.count == 2, head[1] == epoch, let millis = Int64(head[0]) else { return (epoch, nil) }
        let readAt = Date(timeIntervalSince1970: Double(millis) / 1000)
        return (epoch, Document(bytes: Array(bytes[(end + 1)...]), readAt: readAt, isFromCache: true))
    }

    private func take(_ lock: String) async -> Bool {
        let millis = Int(patience.inMilliseconds)
        guard let answer = try? await redis.send(RedisCommand("SET", lock, "1", "NX", "PX", millis)) else {
            return true
        }
        return !answer.isNull
    }

    private func keep(_ name: String, _ lock: String, _ epoch: String, _ readAt: Date, _ bytes: [UInt8]) async {
        var commands = [RedisCommand("DEL", lock)]
        if bytes.count <= Self.largest {
            let head = "\(Int64((readAt.timeIntervalSince1970 * 1000).rounded(.down))) \(epoch)\n"
            commands.insert(
                RedisCommand("SET", name, Array(head.utf8) + bytes, "PX", Int(Self.lifetime.inMilliseconds)),
                at: 0
            )
        }
        _ = try? await redis.send(pipeline: commands)
    }
}

extension Duration {
    fileprivate var inMilliseconds: Int64 { components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000 }
}
