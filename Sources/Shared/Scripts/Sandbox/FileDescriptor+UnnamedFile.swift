package import SystemPackage

#if canImport(Glibc)
    import Glibc
#endif

extension FileDescriptor {
    /// A file without a name that holds these bytes, at its beginning; its owner's alone.
    ///
    /// Nil where /tmp cannot be written to.
    ///
    /// What a process of ours is to read comes from such a file rather than through a pipe: one that dies before it has read all
    /// must not become an error of writing here, which the library for processes answers by ending this one.
    package static func unnamedFile(holding bytes: [UInt8]) -> FileDescriptor? {
        let path = FilePath("/tmp/cloudoptim-request-\(UInt64.random(in: 0 ... .max))")
        guard
            let file = try? FileDescriptor.open(
                path,
                .readWrite,
                options: [.create, .exclusiveCreate, .closeOnExec],
                permissions: .ownerReadWrite
            )
        else { return nil }
        _ = path.withPlatformString { unlink($0) }
        do {
            try file.writeAll(bytes)
            try file.seek(offset: 0, from: .start)
            return file
        } catch {
            try? file.close()
            return nil
        }
    }
}
