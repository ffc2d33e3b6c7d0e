/// Why the registry refused.
package enum RegistryError: Error, Sendable, Equatable {
    case unknown
    /// A model of this name and version exists.
    case taken
    /// What refers to it: aliases.
    case inUse([String])
    /// It has not been validated, or was refused.
    case notReady(String)
    /// The model does not answer its golden sample.
    case failsSample(String)
    case nothingBefore
    /// A row, or a file, that this build cannot read.
    case unreadable(String)
}
