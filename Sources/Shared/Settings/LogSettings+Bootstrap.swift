package import Logging
package import Observability

extension ProcessSetup {
    /// Sets up logging as the options say.
    package static func bootstrapLogging(process: String, _ settings: LogSettings) -> Logger {
        let level = Logger.Level(rawValue: settings.level.rawValue) ?? .info
        return bootstrapLogging(process: process, level: level, json: settings.format == .json)
    }
}
