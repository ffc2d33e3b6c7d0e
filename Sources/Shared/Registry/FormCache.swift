import Crypto
package import SystemPackage
package import ThreadExecution

#if canImport(Glibc)
    import Glibc
#endif

/// Forms on this machine's disk, by their hash; what is read is hashed again, whoever wrote it.
package struct FormCache: Sendable {
    private let folder: FilePath
    private let blobs: BlobStore
    private let compute: ComputePool

    package init(folder: FilePath, blobs: BlobStore, compute: ComputePool) {
        self.folder = folder.appending("cloudoptim-models")
        self.blobs = blobs
        self.compute = compute
    }

    /// The bytes of a form: from the disk, or from PostgreSQL and then kept.
    ///
    /// - Throws: ``RegistryError/unreadable(_:)`` when PostgreSQL does not have it whole, and its own errors. A disk that
    ///   is full or wrong costs time only.
    package func form(_ hash: [UInt8]) async throws -> [UInt8] {
        let path = folder.appending(hash.hexadecimal)
        let kept = try await compute.run { () -> [UInt8]? in
            guard let kept = try? Self.read(path), Self.digest(kept) == hash else { return nil }
            return kept
        }
        if let kept { return kept }
        var bytes: [UInt8] = []
        var place = 0
        while let piece = try await blobs.piece(place, of: hash) {
            bytes += piece
            place += 1
        }
        let whole = bytes
        guard try await compute.run({ Self.digest(whole) }) == hash else {
            throw RegistryError.unreadable("the bytes of form \(hash.hexadecimal) are not there whole")
        }
        try? await compute.run { [folder] in try Self.write(whole, to: path, in: folder) }
        return whole
    }

    /// Removes forms that were not used for a month.
    package func sweep() async throws {
        _ = try await compute.run { [folder] in Self.removeOld(in: folder) }
    }

    private static func digest(_ bytes: [UInt8]) -> [UInt8] { Array(SHA256.hash(data: bytes)) }

    private static func read(_ path: FilePath) throws -> [UInt8] {
        let file = try FileDescriptor.open(path, .readOnly, options: [.closeOnExec, .noFollow])
        defer { try? file.close() }
        let size = Int(try file.seek(offset: 0, from: .end))
        try file.seek(offset: 0, from: .start)
        // The time of the last use is what the sweep goes by.
        _ = path.withPlatformString { utimes($0, nil) }
        return try [UInt8](unsafeUninitializedCapacity: size) { buffer, filled in
            while filled < size {
                let rest = UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(buffer)[filled...])
                let count = try file.read(into: rest)
                if count == 0 { break }
                filled += count
            }
        }
    }

    /// Under its name only when it is there whole.
    private static func write(_ bytes: [UInt8], to path: FilePath, in folder: FilePath) throws {
        _ = folder.withPlatformString { mkdir($0, 0o700) }
        let draft = folder.appending(".draft-\(UInt64.random(in: 0 ... .max))")
        let file = try FileDescriptor.open(
            draft,
            .writeOnly,
            options: [.create, .exclusiveCreate, .closeOnExec],
            permissions: .ownerReadWrite
        )
        do {
            try file.writeAll(bytes)
            guard fsync(file.rawValue) == 0 else { throw Errno(rawValue: errno) }
            try file.close()
            let status = draft.withPlatformString { from in path.withPlatformString { rename(from, $0) } }
            guard status == 0 else { throw Errno(rawValue: errno) }
        } catch {
            _ = draft.withPlatformString { unlink($0) }
            throw error
        }
    }

    private static func removeOld(in folder: FilePath) {
        guard let listing = folder.withPlatformString({ opendir($0) }) else { return }
        defer { closedir(listing) }
        let oldest = time(nil) - 30 * 86_400
        while let entry = readdir(listing) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            guard name.utf8.count == 64 || name.hasPrefix(".draft-") else { continue }
            let path = folder.appending(name)
            var status = stat()
            guard path.withPlatformString({ stat($0, &status) }) == 0, status.st_mtim.tv_sec < oldest else { continue }
            _ = path.withPlatformString { unlink($0) }
        }
    }
}
