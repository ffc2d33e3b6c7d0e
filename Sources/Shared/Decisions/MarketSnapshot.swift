import Compression
import Crypto
package import Engines
import FoundationEssentials

/// A market in the form it is kept in: the same market has the same bytes, and so the same hash.
package struct MarketSnapshot: Sendable, Hashable {
    /// What no market comes near: a stored body that unpacks to more is damaged.
    private static let maxBytes = 256 << 20

    package let region: String
    /// Of the unpacked body.
    package let sha256: [UInt8]
    /// JSON, packed.
    let body: [UInt8]

    /// - Throws: `DecisionError` when the market cannot be written down.
    package init(_ market: RegionMarket) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let bytes = Array(try encoder.encode(market))
        region = market.region
        sha256 = Array(SHA256.hash(data: bytes))
        body = try Zlib.pack(bytes)
    }

    /// Reads a kept market, and checks that it is the one.
    static func market(body: [UInt8], sha256: [UInt8]) throws -> RegionMarket {
        let bytes = try Zlib.unpack(body, maxBytes: maxBytes)
        guard Array(SHA256.hash(data: bytes)) == sha256 else { throw CompressionError.corrupt }
        return try JSONDecoder().decode(RegionMarket.self, from: Data(bytes))
    }
}
