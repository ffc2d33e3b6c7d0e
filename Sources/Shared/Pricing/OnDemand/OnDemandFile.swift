/// Reads a local price document of any known kind: offer CSV, the same packed with gzip, or the small JSON table.
///
/// Blocks on the disk: call it from a thread of its own, not from the cooperative pool.
package enum OnDemandFile {
    /// Reads the whole document; of an offer file, other regions' rows are left out unless `region` is nil.
    ///
    /// - Throws: ``PricingError``.
    package static func open(_ path: String, region: String? = nil) throws(PricingError) -> OnDemandPriceList {
        var file = try LocalFile(path)
        let first = try file.peek(2)
        if first.starts(with: [0x1F, 0x8B]) {
            return try readPacked(&file, region: region)
        }
        if first.first.map({ $0 == UInt8(ascii: "{") || $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\n") }) ?? false
        {
            return try OnDemandTable.parse(try file.readAll(upTo: OnDemandTable.largest), document: file.name)
        }
        var offer = OnDemandOffer(region: region, document: file.name)
        try file.readChunks { chunk throws(PricingError) in try offer.feed(chunk) }
        return try offer.finish()
    }

    private static func readPacked(_ file: inout LocalFile, region: String?) throws(PricingError) -> OnDemandPriceList {
        var packed = try GzipReader(document: file.name)
        var offer = OnDemandOffer(region: region, document: file.name)
        // A packed JSON table is small enough to be collected; the first byte decides.
        var table: [UInt8]?
        var started = false
        let name = file.name
        try file.readChunks { chunk throws(PricingError) in
            try packed.feed(chunk) { plain throws(PricingError) in
                if !started, let byte = plain.first {
                    started = true
                    if byte == UInt8(ascii: "{") { table = [] }
                }
                if table != nil {
                    table?.append(contentsOf: plain)
                    if (table?.count ?? 0) > OnDemandTable.largest {
                        throw PricingError(.invalid, "larger than \(OnDemandTable.largest) bytes unpacked", in: name)
                    }
                } else {
                    try offer.feed(plain)
                }
            }
        }
        try packed.finish()
        if let table { return try OnDemandTable.parse(table, document: file.name) }
        return try offer.finish()
    }
}
