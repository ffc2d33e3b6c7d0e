package import Logging

#if canImport(Glibc)
    import Glibc
#endif

/// What every process does before anything else.
package enum ProcessSetup {
    /// Makes writes to closed connections return an error instead of ending the process (hiredis writes without
    /// MSG_NOSIGNAL).
    package static func ignoreBrokenPipes() {
        signal(SIGPIPE, SIG_IGN)
    }

    /// Sets up logging for the process, before its first logger is made.
    ///
    /// - Parameters:
    ///   - process: The short name in every line.
    ///   - level: The least level that is written.
    ///   - json: One JSON object per line, or a line for people.
    /// - Returns: The process's logger.
    package static func bootstrapLogging(process: String, level: Logger.Level, json: Bool) -> Logger {
        LoggingSystem.bootstrap { _ in
            if json {
                JSONLogHandler(label: process, level: level)
            } else {
                TextLogHandler(label: process, level: level)
            }
        }
        return Logger(label: process)
    }

    /// Says one line on standard error and ends with status 1.
    package static func fail(_ message: String) -> Never {
        StandardError.write("error: \(message)\n")
        exit(1)
    }
}
