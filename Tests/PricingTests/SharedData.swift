import FoundationEssentials
import Glibc

/// The folder of real feeds and catalogues, which is not part of the repository.
///
/// Found by `CLOUDOPTIM_SHARED`, else beside the repository. Suites that need it are disabled, and say so, where it
/// is missing.
enum SharedData {
    static let root: String? = {
        let named = getenv("CLOUDOPTIM_SHARED").map { String(cString: $0) }
        let beside = repository + "/../shared"
        return [named, beside, beside + "/../../shared"].compactMap(\.self).first { access($0 + "/data", R_OK) == 0 }
    }()

    static var isFound: Bool { root != nil }

    static let repository: String = "/" + #filePath.split(separator: "/").dropLast(3).joined(separator: "/")

    static func path(_ name: String) -> String { (root ?? "") + "/" + name }

    static func bytes(_ name: String) throws -> [UInt8] {
        Array(try Data(contentsOf: URL(filePath: path(name))))
    }
}
