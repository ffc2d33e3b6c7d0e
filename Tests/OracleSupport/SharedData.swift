package import FoundationEssentials

/// The folder of recorded data beside the repository, where there is one.
package enum SharedData {
    /// From CLOUDOPTIM_SHARED, else `../shared` beside the repository root.
    package static let root: URL? = {
        let folder: URL
        if let path = ProcessInfo.processInfo.environment["CLOUDOPTIM_SHARED"] {
            folder = URL(filePath: path)
        } else {
            let repository = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
                .deletingLastPathComponent()
            folder = repository.deletingLastPathComponent().appending(path: "shared")
        }
        return FileManager.default.fileExists(atPath: folder.appending(path: "data").path()) ? folder : nil
    }()

    package static var isPresent: Bool { root != nil }

    package struct Missing: Error {
        package init() {}
    }

    package static func url(_ path: String) throws -> URL {
        guard let root else { throw Missing() }
        return root.appending(path: "data").appending(path: path)
    }

    package static func bytes(_ path: String) throws -> [UInt8] { [UInt8](try Data(contentsOf: try url(path))) }
}
