#if canImport(Glibc)
    import Glibc
#endif

/// What the process needs to know about its machine.
package enum HostInfo {
    /// Processors that are on line.
    package static let cores = max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN))))

    /// The host's name, as the fleet's list shows it.
    package static let name: String = {
        var buffer = [CChar](repeating: 0, count: 256)
        guard gethostname(&buffer, buffer.count - 1) == 0 else { return "unknown" }
        return String(decoding: buffer.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }()

    /// This process's id.
    package static var processID: Int32 { getpid() }
}
