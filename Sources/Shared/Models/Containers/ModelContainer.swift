import Compression

/// Takes the pickle out of what a file is wrapped in; content decides, never a name.
package enum ModelContainer {
    /// - Returns: the bytes of one pickle, perhaps with joblib's array data between its opcodes.
    /// - Throws: for other kinds of files, for broken ones, and at the limits of unpacking.
    static func open(
        _ file: [UInt8],
        limits: ReadingLimits,
        deadline: ContinuousClock.Instant?
    ) throws(ModelRejection) -> [UInt8] {
        guard let format = PackedFormat(firstBytes: file) else {
            try requirePickle(file, within: nil)
            return file
        }
        let byRatio = max(
            limits.ratioFreeBytes,
            limits.unpackingRatio.multipliedReportingOverflow(by: file.count).partialValue
        )
        let unpacked: [UInt8]
        do {
            unpacked = try Unpacker.unpack(file, format, maxBytes: min(limits.unpackedBytes, byRatio)) {
                deadline.map { ContinuousClock.now <= $0 } ?? true
            }
        } catch {
            switch error {
            case .corrupt: throw ModelRejection(.malformed, "the \(format) stream is broken or breaks off")
            case .tooLarge:
                throw ModelRejection(
                    .limit,
                    "the \(format) stream of \(file.count) bytes unpacks to more than is allowed, or takes too long"
                )
            case .outOfMemory: throw ModelRejection(.limit, "the \(format) stream asks for too much memory")
            }
        }
        if let inner = PackedFormat(firstBytes: unpacked) {
            throw ModelRejection(.badContainer, "\(inner) inside of \(format): one layer of packing is read, not two")
        }
        try requirePickle(unpacked, within: format)
        return unpacked
    }

    /// Files that are known for something else, by their first bytes.
    private static let strangers: [(magic: [UInt8], what: String)] = [
        (Array("PK".utf8), "a zip archive (PyTorch, Keras and skops write such files)"),
        ([0x93] + Array("NUMPY".utf8), "an array file of numpy"),
        ([0x7F] + Array("ELF".utf8), "a program"),
        ([0x89] + Array("HDF".utf8), "an HDF5 file"),
        (Array("ZF".utf8), "a packed file of joblib before 0.10"),
        (Array("tree\n".utf8), "a LightGBM text model; upload the pickled estimator"),
        (Array("{".utf8), "JSON or UBJSON; upload the pickled estimator"),
        (Array("<".utf8), "a web page or XML"),
        (Array("binf".utf8), "an old binary model of XGBoost"),
    ]

    /// Opcodes that a pickle can begin with.
    private static let firstOpcodes = Set("(]})INKMJLFGSUTVXCBc".utf8).union([
        0x80, 0x88, 0x89, 0x8A, 0x8B, 0x8C, 0x8D, 0x8E, 0x8F, 0x95, 0x96, 0x82, 0x83, 0x84, 0x97, 0x2E, 0x30, 0x31,
        0x50, 0x67, 0x68, 0x6A,
    ])

    private static func requirePickle(_ bytes: [UInt8], within format: PackedFormat?) throws(ModelRejection) {
        let place = format.map { "the \($0) stream holds " } ?? "the file is "
        guard let first = bytes.first else { throw ModelRejection(.badContainer, place + "empty") }
        for stranger in strangers where bytes.starts(with: stranger.magic) {
            throw ModelRejection(.badContainer, place + stranger.what, at: 0)
        }
        if bytes.count > 262, bytes[257..<262].elementsEqual("ustar".utf8) {
            throw ModelRejection(.badContainer, place + "a tar archive", at: 0)
        }
        guard firstOpcodes.contains(first) else { throw ModelRejection(.badContainer, place + "no pickle", at: 0) }
    }
}
