/// The two index documents that lead to a region's offer file.
enum OfferIndex {
    /// Path of EC2's region index, from `offers/v1.0/aws/index.json`.
    static func regionIndexURL(parsing bytes: [UInt8], document: String) throws(PricingError) -> String {
        var found: String?
        try JSONReader.read(bytes, document: document) { reader throws(PricingError) in
            try each(&reader, "offers") { reader, offer throws(PricingError) in
                guard offer == "AmazonEC2" else { return try reader.skip() }
                try reader.beginObject()
                while let key = try reader.nextKey() {
                    if key == "currentRegionIndexUrl" { found = try reader.stringIfAny() } else { try reader.skip() }
                }
            }
        }
        return try path(found, "AmazonEC2", document)
    }

    /// Path of a region's offer file, from `region_index.json`.
    static func offerURL(of region: String, parsing bytes: [UInt8], document: String) throws(PricingError) -> String {
        var found: String?
        var known = 0
        try JSONReader.read(bytes, document: document) { reader throws(PricingError) in
            try each(&reader, "regions") { reader, name throws(PricingError) in
                known += 1
                guard name == region else { return try reader.skip() }
                try reader.beginObject()
                while let key = try reader.nextKey() {
                    if key == "currentVersionUrl" { found = try reader.stringIfAny() } else { try reader.skip() }
                }
            }
        }
        guard found != nil else {
            throw PricingError(.invalid, "no offer file for \(region) among \(known) regions", in: document)
        }
        return try path(found, region, document)
    }

    /// The version inside `/offers/v1.0/aws/AmazonEC2/20240115000000/us-east-1/index.json`.
    static func version(inURL url: String) -> String? {
        let parts = url.split(separator: "/" as Character)
        return parts.first { $0.count == 14 && $0.allSatisfy(\.isNumber) }.map { String($0) }
    }

    /// Only a plain absolute path may be appended to our base URL.
    private static func path(_ text: String?, _ what: String, _ document: String) throws(PricingError) -> String {
        let allowed = { (byte: UInt8) in
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
                || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
                || [UInt8(ascii: "/"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: ".")].contains(byte)
        }
        guard let text, text.hasPrefix("/"), !text.contains(".."), text.utf8.allSatisfy(allowed) else {
            throw PricingError(.invalid, "no usable path for \(what) in the index", in: document)
        }
        return text
    }

    private static func each(
        _ reader: inout JSONReader,
        _ wanted: String,
        _ visit: (inout JSONReader, String) throws(PricingError) -> Void
    ) throws(PricingError) {
        try reader.beginObject()
        while let key = try reader.nextKey() {
            guard key == wanted, try reader.peek() == .object else {
                try reader.skip()
                continue
            }
            try reader.beginObject()
            while let name = try reader.nextKey() {
                if try reader.peek() == .object { try visit(&reader, name) } else { try reader.skip() }
            }
        }
    }
}
