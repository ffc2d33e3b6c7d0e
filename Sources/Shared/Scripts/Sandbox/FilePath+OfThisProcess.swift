import SystemPackage

#if canImport(Glibc)
    import Glibc
#endif

extension FilePath {
    /// The program that is running; nil where /proc is missing.
    static var ofThisProcess: FilePath? {
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX) + 1)
        let count = readlink("/proc/self/exe", &buffer, Int(PATH_MAX))
        return count > 0
            ? FilePath(String(decoding: buffer[..<count].map(UInt8.init(bitPattern:)), as: UTF8.self)) : nil
    }
}
