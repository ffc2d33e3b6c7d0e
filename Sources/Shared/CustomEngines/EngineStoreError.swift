/// Why the store of engines did not do what was asked.
package enum EngineStoreError: Error, Sendable, Hashable, CustomStringConvertible {
    /// Name and version are taken.
    case taken
    case unknown
    /// The engine has not answered its sample with the configuration it is to run with.
    case untested
    /// There is nothing before what is in force.
    case nothingBefore
    /// A row is not what this build writes.
    case unreadable(String)

    package var description: String {
        switch self {
        case .taken: "an engine of this name and version exists"
        case .unknown: "there is no such engine"
        case .untested: "the engine has not passed its test with this configuration"
        case .nothingBefore: "nothing was active before what is active now"
        case .unreadable(let what): "the stored engine cannot be read: \(what)"
        }
    }
}
