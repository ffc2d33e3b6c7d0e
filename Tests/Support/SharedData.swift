import Foundation

/// Finds the large reference data that lives beside the repository, not in it.
package enum SharedData {
    /// The path of a file or folder below the shared folder, such as `data/spot-advisor`; nil when it is not there.
    ///
    /// The shared folder is `CLOUDOPTIM_SHARED`, or else `../shared` seen from the root of the repository.
    package static func url(_ relative: String) -> String? {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let shared =
            ProcessInfo.processInfo.environment["CLOUDOPTIM_SHARED"]
            ?? root.deletingLastPathComponent().appendingPathComponent("shared").path
        let path = shared + "/" + relative
        return FileManager.default.fileExists(atPath: path) ? path : nil
    }
}
