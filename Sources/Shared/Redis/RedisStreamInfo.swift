/// What XINFO STREAM tells.
package struct RedisStreamInfo: Sendable, Equatable {
    package let length: Int
    package let groups: Int
    package let lastGeneratedID: String
    /// Entries ever added, also those deleted since.
    package let entriesAdded: Int
    /// Nil in an empty stream.
    package let firstEntryID: String?
    /// Nil in an empty stream.
    package let lastEntryID: String?
}

/// What XINFO GROUPS tells of one group.
package struct RedisGroupInfo: Sendable, Equatable {
    package let name: String
    package let consumers: Int
    /// Entries delivered and not acknowledged.
    package let pending: Int
    package let lastDeliveredID: String
    /// Entries not delivered yet; nil when the server cannot tell, as after a deletion in the middle.
    package let lag: Int?
}

/// What XINFO CONSUMERS tells of one consumer.
package struct RedisConsumerInfo: Sendable, Equatable {
    package let name: String
    package let pending: Int
    /// Since the consumer last asked for anything.
    package let idle: Duration
}

extension RedisCommanding {
    package func xinfoStream(_ stream: String) async throws(RedisError) -> RedisStreamInfo {
        let reply = try await send(RedisCommand("XINFO", "STREAM", stream))
        let fields = try RedisFields(reply, command: "XINFO STREAM")
        return RedisStreamInfo(
            length: try fields.int("length"),
            groups: try fields.int("groups"),
            lastGeneratedID: try fields.string("last-generated-id"),
            entriesAdded: try fields.int("entries-added"),
            firstEntryID: fields.values["first-entry"]?.array?.first?.string,
            lastEntryID: fields.values["last-entry"]?.array?.first?.string
        )
    }

    package func xinfoGroups(_ stream: String) async throws(RedisError) -> [RedisGroupInfo] {
        var groups: [RedisGroupInfo] = []
        for fields in try await list(RedisCommand("XINFO", "GROUPS", stream), as: "XINFO GROUPS") {
            groups.append(
                RedisGroupInfo(
                    name: try fields.string("name"),
                    consumers: try fields.int("consumers"),
                    pending: try fields.int("pending"),
                    lastDeliveredID: try fields.string("last-delivered-id"),
                    lag: fields.values["lag"]?.int
                )
            )
        }
        return groups
    }

    package func xinfoConsumers(_ stream: String, group: String) async throws(RedisError) -> [RedisConsumerInfo] {
        var consumers: [RedisConsumerInfo] = []
        for fields in try await list(RedisCommand("XINFO", "CONSUMERS", stream, group), as: "XINFO CONSUMERS") {
            consumers.append(
                RedisConsumerInfo(
                    name: try fields.string("name"),
                    pending: try fields.int("pending"),
                    idle: .milliseconds(try fields.int("idle"))
                )
            )
        }
        return consumers
    }

    private func list(_ command: RedisCommand, as name: String) async throws(RedisError) -> [RedisFields] {
        let reply = try await send(command)
        guard let elements = reply.array else { throw .unexpected(reply, to: name, wanted: "a list") }
        var list: [RedisFields] = []
        for element in elements { list.append(try RedisFields(element, command: name)) }
        return list
    }
}

/// A reply of names and values in turn.
private struct RedisFields {
    let values: [String: RedisValue]
    let command: String

    init(_ reply: RedisValue, command: String) throws(RedisError) {
        guard let flat = reply.array else { throw .unexpected(reply, to: command, wanted: "names and values") }
        var values: [String: RedisValue] = [:]
        for index in stride(from: 0, to: flat.count - 1, by: 2) {
            if let name = flat[index].string { values[name] = flat[index + 1] }
        }
        self.values = values
        self.command = command
    }

    func int(_ name: String) throws(RedisError) -> Int {
        let value = values[name] ?? .null
        guard let number = value.int else { throw .unexpected(value, to: command, wanted: "the number \(name)") }
        return number
    }

    func string(_ name: String) throws(RedisError) -> String {
        let value = values[name] ?? .null
        guard let text = value.string else { throw .unexpected(value, to: command, wanted: "the text \(name)") }
        return text
    }
}
