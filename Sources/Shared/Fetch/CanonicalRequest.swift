import Crypto

/// The text that AWS Signature Version 4 signs: the request in one agreed spelling.
///
/// AWS decodes and re-encodes what it receives, so an unsorted query, a raw `/` in a value, a parameter without
/// `=` and a doubled slash all have to be brought to the same spelling here.
struct CanonicalRequest {
    let text: String
    let signedHeaders: String

    /// Spells out a request whose `headers` are everything to be signed, `host` included.
    init(method: String, path: String, query: String?, headers: [(name: String, value: String)], bodyHash: String) {
        var merged: [String: [String]] = [:]
        for (name, value) in headers { merged[name.lowercased(), default: []].append(Self.squeezed(value)) }
        let names = merged.keys.sorted()
        signedHeaders = names.joined(separator: ";")
        let lines = names.map { "\($0):\(merged[$0, default: []].joined(separator: ","))\n" }.joined()
        text = [method, Self.path(path), Self.query(query ?? ""), lines, signedHeaders, bodyHash].joined(
            separator: "\n"
        )
    }

    /// Removes empty and dot segments, then encodes what is already encoded once more, as every service but S3 expects.
    static func path(_ raw: String) -> String {
        var kept: [Substring] = []
        for segment in raw.split(separator: "/") where segment != "." {
            if segment == ".." { _ = kept.popLast() } else { kept.append(segment) }
        }
        let encoded = "/" + kept.map { encode(Array($0.utf8)) }.joined(separator: "/")
        return raw.hasSuffix("/") && !kept.isEmpty ? encoded + "/" : encoded
    }

    static func query(_ raw: String) -> String {
        var pairs: [(name: String, value: String)] = []
        for part in raw.split(separator: "&") {
            let halves = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let value = halves.count > 1 ? encode(decode(halves[1])) : ""
            pairs.append((encode(decode(halves[0])), value))
        }
        pairs.sort { $0.name == $1.name ? $0.value < $1.value : $0.name < $1.name }
        return pairs.map { "\($0.name)=\($0.value)" }.joined(separator: "&")
    }

    /// Percent-encodes all but the unreserved characters of RFC 3986.
    static func encode(_ bytes: [UInt8]) -> String {
        var out: [UInt8] = []
        for byte in bytes {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."),
                UInt8(ascii: "~"):
                out.append(byte)
            default:
                out += [UInt8(ascii: "%"), Self.digits[Int(byte >> 4)], Self.digits[Int(byte & 15)]]
            }
        }
        return String(decoding: out, as: UTF8.self)
    }

    private static let digits = Array("0123456789ABCDEF".utf8)

    /// Undoes percent-encoding; a `%` that begins none stands for itself, and `+` is no space here.
    private static func decode(_ text: Substring) -> [UInt8] {
        let bytes = Array(text.utf8)
        var out: [UInt8] = []
        var at = 0
        while at < bytes.count {
            if bytes[at] == UInt8(ascii: "%"), at + 2 < bytes.count, let high = hex(bytes[at + 1]),
                let low = hex(bytes[at + 2])
            {
                out.append(high << 4 | low)
                at += 3
            } else {
                out.append(bytes[at])
                at += 1
            }
        }
        return out
    }

    private static func hex(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }

    /// Trims a header value and turns each run of spaces into one.
    private static func squeezed(_ value: String) -> String {
        value.split(whereSeparator: { $0 == " " || $0 == "\t" }).joined(separator: " ")
    }
}

extension Sequence<UInt8> {
    var lowercaseHex: String {
        let digits = Array("0123456789abcdef".utf8)
        var out: [UInt8] = []
        for byte in self { out += [digits[Int(byte >> 4)], digits[Int(byte & 15)]] }
        return String(decoding: out, as: UTF8.self)
    }
}
