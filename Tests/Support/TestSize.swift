import Foundation

/// How often a test repeats what it repeats: little in `./test`, much in a soak.
package enum TestSize {
    /// The number in an environment variable, or the ordinary one.
    package static func of(_ variable: String, ordinarily: Int) -> Int {
        ProcessInfo.processInfo.environment[variable].flatMap { Int($0) } ?? ordinarily
    }
}
