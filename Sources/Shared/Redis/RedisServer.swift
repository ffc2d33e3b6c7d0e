package import FoundationEssentials

extension RedisCommanding {
    /// Returns when the server has answered.
    package func ping() async throws(RedisError) {
        _ = try await send(RedisCommand("PING"))
    }

    /// The server's clock, to the microsecond.
    package func time() async throws(RedisError) -> Date {
        let reply = try await send(RedisCommand("TIME"))
        guard let parts = reply.array, parts.count == 2, let seconds = parts[0].int, let micros = parts[1].int else {
            throw .unexpected(reply, to: "TIME", wanted: "two numbers")
        }
        return Date(timeIntervalSince1970: Double(seconds) + Double(micros) / 1_000_000)
    }

    /// What the server tells of itself, by field name.
    ///
    /// A section is such as `memory` or `persistence`; nil asks for the default ones.
    package func info(_ section: String? = nil) async throws(RedisError) -> [String: String] {
        var command = RedisCommand("INFO")
        if let section { command.append(section) }
        let reply = try await send(command)
        guard let text = reply.string else { throw .unexpected(reply, to: "INFO", wanted: "text") }
        var fields: [String: String] = [:]
        // "\r\n" is one Character in Swift, and isNewline knows it.
        for line in text.split(whereSeparator: \.isNewline) where !line.hasPrefix("#") {
            guard let colon = line.firstIndex(of: ":") else { continue }
            fields[String(line[..<colon])] = String(line[line.index(after: colon)...])
        }
        return fields
    }
}
