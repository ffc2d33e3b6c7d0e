import Crypto
import Synchronization
package import SystemPackage
package import ThreadExecution

#if canImport(Glibc)
    import Glibc
#endif

/// A file without a name that holds what has arrived so far: it is gone with its last reference, whatever happens.
///
/// Reading, writing and hashing happen on the pool's threads.
package final class SpooledFile: Sendable {
    package let descriptor: FileDescriptor
    private let folder: FilePath
    private let compute: ComputePool
    private let state = Mutex(State())

    private struct State {
        var hash = SHA256()
        var size: Int64 = 0
    }

    /// - Throws: `Errno` when the folder cannot be written to.
    package init(folder: FilePath, compute: ComputePool) throws {
        self.folder = folder
        self.compute = compute
        let path = folder.appending(".spool-\(UInt64.random(in: 0 ... .max))")
        descriptor = try FileDescriptor.open(
            path,
            .readWrite,
            options: [.create, .exclusiveCreate, .closeOnExec],
            permissions: .ownerReadWrite
        )
        _ = path.withPlatformString { unlink($0) }
    }

    deinit { try? descriptor.close() }

    /// Bytes that were appended.
    package var size: Int64 { state.withLock { $0.size } }

    /// SHA-256 of what was appended.
    package var digest: [UInt8] { state.withLock { Array($0.hash.finalize()) } }

    /// Writes at the end; callers wait for each other.
    ///
    /// - Throws: `Errno`, such as `noSpace`.
    package func append(_ bytes: [UInt8]) async throws {
        try await compute.run { [self] in
            try descriptor.writeAll(bytes)
            state.withLock { state in
                state.hash.update(data: bytes)
                state.size += Int64(bytes.count)
            }
        }
    }

    /// Some bytes from an offset; fewer at the end, none behind it.
    package func read(at offset: Int64, count: Int) async throws -> [UInt8] {
        try await compute.run { [self] in
            try [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
                while filled < count {
                    let rest = UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(buffer)[filled...])
                    let read = try descriptor.read(fromAbsoluteOffset: offset + Int64(filled), into: rest)
                    if read == 0 { break }
                    filled += read
                }
            }
        }
    }

    /// Puts the place where a program that inherits the file begins to read.
    package func rewind() throws { try descriptor.seek(offset: 0, from: .start) }

    /// What another program has written to the descriptor, from an offset on, as a file of its own.
    ///
    /// - Throws: `Errno`.
    package func tail(from start: Int64) async throws -> SpooledFile {
        let copy = try SpooledFile(folder: folder, compute: compute)
        var offset = start
        while case let piece = try await read(at: offset, count: 1 << 20), !piece.isEmpty {
            try await copy.append(piece)
            offset += Int64(piece.count)
        }
        return copy
    }
}
