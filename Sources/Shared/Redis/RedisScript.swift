private import Crypto

/// A Lua script that the server keeps under the digest of its source.
package struct RedisScript: Sendable {
    /// For messages and logs.
    package let name: String
    package let source: String
    /// The SHA-1 of the source in lower-case hexadecimal, as EVALSHA wants it.
    package let sha1: String

    package init(name: String, source: String) {
        self.name = name
        self.source = source
        let digits = Array("0123456789abcdef".utf8)
        let text = Insecure.SHA1.hash(data: Array(source.utf8)).flatMap { byte in
            [digits[Int(byte >> 4)], digits[Int(byte & 15)]]
        }
        sha1 = String(decoding: text, as: UTF8.self)
    }
}

extension RedisCommanding {
    /// Runs a script by its digest, or by its source when the server does not know it.
    ///
    /// The fallback is there on every call, not once at start: a restart, a fail-over or SCRIPT FLUSH can make the
    /// server forget at any moment. EVAL also makes it remember.
    package func run(
        _ script: RedisScript,
        keys: [String] = [],
        arguments: [RedisArgument] = []
    ) async throws(RedisError) -> RedisValue {
        do throws(RedisError) {
            return try await send(script.call("EVALSHA", script.sha1, keys, arguments))
        } catch {
            guard error.isNoScript else { throw script.naming(error) }
        }
        do throws(RedisError) {
            return try await send(script.call("EVAL", script.source, keys, arguments))
        } catch {
            throw script.naming(error)
        }
    }
}

extension RedisScript {
    fileprivate func call(
        _ name: String,
        _ body: String,
        _ keys: [String],
        _ arguments: [RedisArgument]
    ) -> RedisCommand {
        var command = RedisCommand(name, body, keys.count)
        command.append(contentsOf: keys)
        command.append(contentsOf: arguments)
        return command
    }

    fileprivate func naming(_ error: RedisError) -> RedisError {
        guard error.code == .server else { return error }
        return RedisError(.server, "script \(name): \(error.message)", serverCode: error.serverCode)
    }
}
