import FoundationEssentials
import Support

/// The folder of real feeds and catalogues, which is not part of the repository.
///
/// Suites that need it are disabled, and shown as skipped, where it is missing.
enum SharedFiles {
    static let isFound = SharedData.url("data") != nil

    struct Missing: Error { var name: String }

    static func path(_ name: String) throws -> String {
        guard let path = SharedData.url(name) else { throw Missing(name: name) }
        return path
    }

    static func bytes(_ name: String) throws -> [UInt8] {
        Array(try Data(contentsOf: URL(filePath: try path(name))))
    }
}
