extension RedisCommand {
    /// XADD.
    ///
    /// The id `*` lets the server choose. A maximum length trims the oldest entries to about that many: the server
    /// drops whole nodes only.
    package static func xadd(
        _ stream: String,
        id: String = "*",
        fields: [(String, RedisArgument)],
        maxLength: Int? = nil
    ) -> RedisCommand {
        var command = RedisCommand("XADD", stream)
        if let maxLength { command.append(contentsOf: ["MAXLEN", "~", .integer(maxLength)] as [RedisArgument]) }
        command.append(id)
        for (name, value) in fields {
            command.append(name)
            command.append(value)
        }
        return command
    }

    /// XACK.
    package static func xack(_ stream: String, group: String, ids: [String]) -> RedisCommand {
        var command = RedisCommand("XACK", stream, group)
        command.append(contentsOf: ids)
        return command
    }

    /// XDEL.
    package static func xdel(_ stream: String, ids: [String]) -> RedisCommand {
        var command = RedisCommand("XDEL", stream)
        command.append(contentsOf: ids)
        return command
    }
}

/// What one step of XAUTOCLAIM found.
package struct RedisStreamClaim: Sendable {
    /// Where the next step starts; `0-0` when the whole list has been seen.
    package let cursor: String
    /// Entries that now belong to the claiming consumer.
    package let entries: [RedisStreamEntry]
    /// Ids that were pending although their entries are gone; the server has dropped them from the list.
    package let deleted: [String]

    package var isComplete: Bool { cursor == "0-0" }
}

extension RedisCommanding {
    /// Adds an entry and returns its id.
    ///
    /// Parameters as in ``RedisCommand/xadd(_:id:fields:maxLength:)``.
    @discardableResult
    package func xadd(
        _ stream: String,
        id: String = "*",
        fields: [(String, RedisArgument)],
        maxLength: Int? = nil
    ) async throws(RedisError) -> String {
        let reply = try await send(.xadd(stream, id: id, fields: fields, maxLength: maxLength))
        guard let id = reply.string else { throw .unexpected(reply, to: "XADD", wanted: "an id") }
        return id
    }

    /// Acknowledges entries and returns how many were pending.
    @discardableResult
    package func xack(_ stream: String, group: String, ids: [String]) async throws(RedisError) -> Int {
        if ids.isEmpty { return 0 }
        return try await number(.xack(stream, group: group, ids: ids))
    }

    /// Deletes entries and returns how many were there.
    @discardableResult
    package func xdel(_ stream: String, ids: [String]) async throws(RedisError) -> Int {
        if ids.isEmpty { return 0 }
        return try await number(.xdel(stream, ids: ids))
    }

    /// The number of entries; zero when there is no such stream.
    package func xlen(_ stream: String) async throws(RedisError) -> Int {
        try await number(RedisCommand("XLEN", stream))
    }

    /// Creates a consumer group, and its stream if need be; false when the group existed already.
    ///
    /// Delivery begins behind the id `start`; `$` skips what is there already. The position of a group that exists is
    /// left alone.
    @discardableResult
    package func xgroupCreate(
        _ stream: String,
        group: String,
        start: String = "0"
    ) async throws(RedisError) -> Bool {
        do throws(RedisError) {
            _ = try await send(RedisCommand("XGROUP", "CREATE", stream, group, start, "MKSTREAM"))
            return true
        } catch {
            if error.isBusyGroup { return false }
            throw error
        }
    }

    /// Takes over entries that another consumer has held too long: one step, to be repeated from its cursor.
    ///
    /// The server looks at ten times `count` entries per step, so a step may find nothing and not be the last.
    package func xautoclaim(
        _ stream: String,
        group: String,
        consumer: String,
        minIdle: Duration,
        start: String = "0-0",
        count: Int
    ) async throws(RedisError) -> RedisStreamClaim {
        let reply = try await send(
            RedisCommand("XAUTOCLAIM", stream, group, consumer, minIdle.milliseconds, start, "COUNT", count)
        )
        guard let parts = reply.array, parts.count >= 2, let cursor = parts[0].string else {
            throw .unexpected(reply, to: "XAUTOCLAIM", wanted: "a cursor and entries")
        }
        return RedisStreamClaim(
            cursor: cursor,
            entries: try RedisStreamEntry.list(parts[1], stream: stream, command: "XAUTOCLAIM"),
            // Redis 7.0 added the third part.
            deleted: parts.count > 2 ? (parts[2].array ?? []).compactMap(\.string) : []
        )
    }

    /// Entries between two ids, both included; `-` and `+` are the ends of the stream, `(id` excludes an id.
    package func xrange(
        _ stream: String,
        from first: String = "-",
        to last: String = "+",
        count: Int
    ) async throws(RedisError) -> [RedisStreamEntry] {
        let reply = try await send(RedisCommand("XRANGE", stream, first, last, "COUNT", count))
        return try RedisStreamEntry.list(reply, stream: stream, command: "XRANGE")
    }

    /// Publishes a message and returns how many subscribers this server handed it to.
    @discardableResult
    package func publish(_ payload: [UInt8], to channel: String) async throws(RedisError) -> Int {
        try await number(RedisCommand("PUBLISH", channel, payload))
    }

    private func number(_ command: RedisCommand) async throws(RedisError) -> Int {
        let reply = try await send(command)
        guard let number = reply.int else { throw .unexpected(reply, to: command.name, wanted: "a number") }
        return number
    }
}

extension Duration {
    /// Whole milliseconds, never negative: what Redis takes.
    var milliseconds: Int {
        max(0, Int(components.seconds) * 1_000 + Int(components.attoseconds / 1_000_000_000_000_000))
    }
}
