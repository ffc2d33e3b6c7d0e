/// The parsed bytes of a booster and the bytes themselves, in which typed arrays are left.
struct BoosterDocument {
    let bytes: [UInt8]
    let root: BoosterElement

    /// JSON text or UBJSON, told apart by what follows the first brace.
    ///
    /// - Throws: `malformed`, `limit` or `unsupported`, with the offset.
    init(_ bytes: [UInt8], limits: BoosterLimits) throws(ModelRejection) {
        guard bytes.count <= limits.bytes else {
            throw ModelRejection(.limit, "a booster of more than \(limits.bytes) bytes")
        }
        try Self.refuseOthers(bytes)
        let isText = BoosterDocument.isJSON(bytes)
        let result = bytes.withUnsafeBytes { buffer in
            Result { () throws(ModelRejection) in
                if isText {
                    var reader = BoosterJSONReader(buffer, limits)
                    return try reader.read()
                }
                var reader = UBJSONReader(buffer, limits)
                return try reader.read()
            }
        }
        root = try result.get()
        self.bytes = bytes
    }

    /// JSON goes on with a quotation mark, a space or a closing brace; UBJSON with a type of length, or its own mark.
    private static func isJSON(_ bytes: [UInt8]) -> Bool {
        guard let first = bytes.first else { return true }
        if first != UInt8(ascii: "{") { return true }
        let next = bytes.count > 1 ? bytes[1] : UInt8(ascii: "}")
        return [0x20, 0x0A, 0x0D, 0x09, UInt8(ascii: "\"")].contains(next)
            || (next == UInt8(ascii: "}") && bytes.count > 2)
    }

    /// Formats that are known and not read, by name.
    private static func refuseOthers(_ bytes: [UInt8]) throws(ModelRejection) {
        guard !bytes.isEmpty else { throw ModelRejection(.malformed, "the booster is empty", at: 0) }
        for (beginning, name) in [("binf", "binary"), ("CONFIG-offset:", "binary"), ("bs64", "base-64")]
        where bytes.starts(with: beginning.utf8) {
            throw ModelRejection(
                .unsupported,
                "this booster is in XGBoost's old \(name) format: load it with XGBoost 1.6 to 3.0 and save it again",
                at: 0
            )
        }
        guard bytes[0] == UInt8(ascii: "{") || bytes[0] <= 0x20 else {
            throw ModelRejection(.malformed, "the booster is neither JSON nor UBJSON", at: 0)
        }
    }
}
