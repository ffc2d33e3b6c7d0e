import FoundationEssentials

/// How long tests may be: short in `./test`, whole in a soak.
package enum TestLength {
    package static var isSoak: Bool { ProcessInfo.processInfo.environment["CLOUDOPTIM_SOAK"] != nil }
}
