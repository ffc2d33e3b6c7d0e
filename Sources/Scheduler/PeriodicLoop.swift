import Logging
import ServiceLifecycle

/// Repeats a step until the process stops.
///
/// A failing step is logged once, repeated with pauses, and logged when it works again: a store that is away for an
/// hour does not fill the log.
struct PeriodicLoop: Service {
    let name: String
    let logger: Logger
    /// Returns how long to pause.
    let step: @Sendable () async throws -> Duration

    /// After a failure: long enough for a restart to make progress, short enough to recover within seconds.
    private static let failurePause: Duration = .milliseconds(500)

    func run() async throws {
        await cancelWhenGracefulShutdown {
            var isFailing = false
            while !Task.isCancelled {
                var pause = Self.failurePause
                do {
                    pause = try await step()
                    if isFailing { logger.notice("works again", metadata: ["loop": "\(name)"]) }
                    isFailing = false
                } catch is CancellationError {
                    return
                } catch {
                    if !isFailing {
                        logger.warning("failed; trying again", metadata: ["loop": "\(name)", "error": "\(error)"])
                    }
                    isFailing = true
                }
                try? await Task.sleep(for: pause)
            }
        }
    }
}
