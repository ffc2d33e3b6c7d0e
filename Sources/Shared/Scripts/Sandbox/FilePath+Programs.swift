package import SystemPackage

#if canImport(Glibc)
    import Glibc
#endif

extension FilePath {
    /// A program of ours as it is installed and built: in the folder of the running one.
    package static func program(besideOurs name: String) -> FilePath {
        guard let ours = ofThisProcess else { return FilePath(name) }
        return ours.removingLastComponent().appending(name)
    }

    /// The program that is running; nil where /proc is missing.
    private static var ofThisProcess: FilePath? {
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX) + 1)
        let count = readlink("/proc/self/exe", &buffer, Int(PATH_MAX))
        return count > 0
            ? FilePath(String(decoding: buffer[..<count].map(UInt8.init(bitPattern:)), as: UTF8.self)) : nil
    }
}
