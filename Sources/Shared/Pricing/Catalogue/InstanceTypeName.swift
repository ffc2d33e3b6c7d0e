package import Contract

extension InstanceTypeName {
    /// The processor's kind as the name tells it.
    package var architecture: CPUArchitecture { isARM ? .arm64 : .x86_64 }

    /// Whether a text has the form of a type's name.
    package static func isPlausible(_ text: String) -> Bool { InstanceTypeName(text) != nil }
}

/// The processor family that a type runs.
package enum CPUArchitecture: String, Sendable {
    case arm64
    case x86_64
    case unknown
}
