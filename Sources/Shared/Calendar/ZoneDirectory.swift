import Glibc
import Synchronization

/// The machine's time zones: compiled files below one folder, read once each.
///
/// A new directory reads them anew: that is how a process learns of a tzdata update without a restart.
package final class ZoneDirectory: Sendable {
    /// Where tzdata installs them.
    package static let standardPath = "/usr/share/zoneinfo"
    /// The largest zone of 2026 has 4 kB.
    private static let largestFile = 1 << 20

    private let path: String
    private let known: Mutex<[String: ZoneRules]>

    /// Prepares a directory; nothing is read yet.
    ///
    /// `zones` stand in for files, whatever the folder holds.
    package init(path: String = ZoneDirectory.standardPath, zones: [ZoneRules] = []) {
        self.path = path
        var known = ["UTC": ZoneRules.utc]
        for zone in zones { known[zone.name] = zone }
        self.known = Mutex(known)
    }

    /// The rules of the zone with this IANA name.
    ///
    /// The first use reads a file of a few kilobytes, some twenty microseconds, without leaving the thread.
    ///
    /// - Throws: ``CalendarError``: `.unknownZone`, `.zoneDatabaseMissing`, `.malformedZone`.
    package func zone(_ name: String) throws(CalendarError) -> ZoneRules {
        if let zone = known.withLock({ $0[name] }) { return zone }
        guard Self.isName(name) else { throw unknown(name) }
        let zone = try ZoneRules(name: name, tzif: try read(name))
        known.withLock { $0[name] = zone }
        return zone
    }

    private func read(_ name: String) throws(CalendarError) -> [UInt8] {
        let descriptor = open("\(path)/\(name)", O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            guard access(path, F_OK) == 0 else {
                throw CalendarError(
                    .zoneDatabaseMissing,
                    "there is no time zone database in \(path); install tzdata, or use UTC"
                )
            }
            throw unknown(name)
        }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: Self.largestFile)
        var length = 0
        while length < bytes.count {
            let count = bytes.withUnsafeMutableBytes { buffer in
                Glibc.read(descriptor, buffer.baseAddress.map { $0 + length }, buffer.count - length)
            }
            if count < 0, errno == EINTR { continue }
            // A folder, such as Europe, opens but cannot be read.
            guard count >= 0 else { throw unknown(name) }
            if count == 0 { break }
            length += count
        }
        return Array(bytes[..<length])
    }

    private func unknown(_ name: String) -> CalendarError {
        let shown = Self.isName(name) ? name : "this name"
        return CalendarError(
            .unknownZone,
            "there is no time zone \(shown); use an IANA name such as Europe/Berlin or UTC"
        )
    }

    /// Whether the name can be one of tzdata's, which keeps every path inside the folder.
    private static func isName(_ name: String) -> Bool {
        let parts = name.split(separator: "/", omittingEmptySubsequences: false)
        return name.utf8.count <= 64
            && parts.allSatisfy { part in
                part.utf8.first.map { ($0 | 0x20) &- 0x61 < 26 } ?? false
                    && part.utf8.allSatisfy {
                        ($0 | 0x20) &- 0x61 < 26 || $0 &- 0x30 < 10 || $0 == 0x2B || $0 == 0x2D || $0 == 0x5F
                    }
            }
    }
}
