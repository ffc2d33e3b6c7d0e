/// What a fresh connection says first: who we are, which database, what we are called.
enum RedisHandshake {
    /// Connects and introduces itself, in one round trip after the socket's own.
    ///
    /// - Throws: `connectionFailed` for everything that stands in the way, with the server's code when it spoke;
    ///   `cancelled` when interrupted.
    static func open(
        _ configuration: RedisConfiguration,
        interrupt: RedisInterrupt
    ) throws(RedisError) -> RedisTransport {
        let deadline = ContinuousClock.now + configuration.connectTimeout
        do throws(RedisError) {
            let transport = try RedisTransport.connect(
                to: configuration.endpoint,
                interrupt: interrupt,
                until: deadline
            )
            let steps = steps(configuration)
            for step in steps { transport.append(step.command) }
            for step in steps {
                let reply = try transport.readReply(until: deadline)
                if case .error(let text) = reply, let reason = step.refusal(text) {
                    throw RedisError(.connectionFailed, reason, serverCode: RedisError.firstWord(of: text))
                }
            }
            return transport
        } catch {
            if error.code == .cancelled { throw error }
            throw RedisError(
                .connectionFailed,
                "no connection to redis at \(configuration): \(error.message)",
                serverCode: error.serverCode
            )
        }
    }

    private struct Step {
        let command: RedisCommand
        /// The reason to give when the server answers with an error; nil when it does not matter.
        let refusal: (String) -> String?
    }

    private static func steps(_ configuration: RedisConfiguration) -> [Step] {
        var steps: [Step] = []
        if let password = configuration.password {
            var command = RedisCommand("AUTH")
            if let username = configuration.username { command.append(username) }
            command.append(password)
            steps.append(
                Step(command: command) { text in
                    // Only the code: the text of an unknown command quotes its arguments.
                    "the server refused the login (\(RedisError.firstWord(of: text))); check the user and the password"
                }
            )
        }
        if configuration.database != 0 {
            steps.append(
                Step(command: RedisCommand("SELECT", configuration.database)) { text in
                    RedisError(reply: text).message
                }
            )
        }
        if let name = configuration.clientName {
            // A user without the right to name its connection may still use it.
            steps.append(Step(command: RedisCommand("CLIENT", "SETNAME", allowed(name))) { _ in nil })
        }
        steps.append(
            Step(command: RedisCommand("PING")) { text in
                let error = RedisError(reply: text)
                if error.serverCode == "NOAUTH" { return "the server wants a password and none is configured" }
                // A user whose rights leave out PING is logged in all the same.
                return error.serverCode == "NOPERM" ? nil : error.message
            }
        )
        return steps
    }

    /// Redis takes printable ASCII without spaces as a client's name.
    private static func allowed(_ name: String) -> String {
        String(name.map { $0.isASCII && $0 > " " && $0 < "\u{7F}" ? $0 : "-" })
    }
}
