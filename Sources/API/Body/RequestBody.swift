import Compression
import Contract
import HTTPTypes
import Hummingbird
import NIOCore

/// Reads a request's body whole, within a limit that counts unpacked bytes.
struct RequestBody {
    let maxBytes: Int

    /// - Throws: 413 beyond the limit, 415 for an unknown encoding or media type, 400 for a body that breaks off.
    func read(_ request: Request) async throws -> [UInt8] {
        try checkMediaType(request)
        if let declared = request.headers[.contentLength].flatMap(Int.init), declared > maxBytes { throw tooLarge }
        do {
            return try await readEncoded(request)
        } catch let error as APIError {
            throw error
        } catch let error as CancellationError {
            throw error
        } catch {
            // The HTTP parser's own words: the caller hung up, or framed the body wrongly.
            throw APIError(.unreadableBody, "the body breaks off, or its framing is not HTTP's")
        }
    }

    /// The body as a JSON document.
    ///
    /// - Throws: As ``read(_:)``, and 400 or 413 for what is no JSON or too deep.
    func document(_ request: Request) async throws -> JSONReader {
        JSONReader(try Self.parse(try await read(request)))
    }

    /// The body as a JSON document; nil when it is empty.
    func optionalDocument(_ request: Request) async throws -> JSONReader? {
        let bytes = try await read(request)
        return bytes.isEmpty ? nil : JSONReader(try Self.parse(bytes))
    }

    static func parse(_ bytes: [UInt8]) throws(APIError) -> JSONValue {
        do throws(JSONParseError) {
            return try JSONParser.parse(bytes)
        } catch {
            throw APIError(error)
        }
    }

    private func readEncoded(_ request: Request) async throws -> [UInt8] {
        switch request.headers[.contentEncoding]?.lowercased() {
        case nil, "identity": return try await readPlain(request)
        case "gzip", "x-gzip", "deflate": return try await readPacked(request)
        case let other?:
            throw APIError(
                .unsupportedMediaType,
                "the content encoding \(other.prefix(40)) is not supported",
                field: "Content-Encoding",
                hint: "Send the body plain, or packed with gzip."
            )
        }
    }

    private func readPlain(_ request: Request) async throws -> [UInt8] {
        var bytes: [UInt8] = []
        if let declared = request.headers[.contentLength].flatMap(Int.init) { bytes.reserveCapacity(declared) }
        for try await chunk in request.body {
            guard bytes.count + chunk.readableBytes <= maxBytes else { throw tooLarge }
            bytes.append(contentsOf: chunk.readableBytesView)
        }
        return bytes
    }

    private func readPacked(_ request: Request) async throws -> [UInt8] {
        var inflater: Inflater
        do {
            inflater = try Inflater(maxBytes: maxBytes)
        } catch {
            throw APIError(.unavailable, "no memory to unpack the body")
        }
        for try await chunk in request.body {
            switch chunk.withUnsafeReadableBytes({ inflater.feed($0) }) {
            case .ok: continue
            case .tooLarge: throw tooLarge
            case .corrupt: throw APIError(.unreadableBody, "the body is not what its Content-Encoding says")
            }
        }
        guard inflater.isComplete else { throw APIError(.unreadableBody, "the packed body breaks off") }
        return inflater.output
    }

    private func checkMediaType(_ request: Request) throws(APIError) {
        guard let type = request.headers[.contentType] else { return }
        let bare = type.prefix { $0 != ";" }.lowercased().filter { $0 != " " }
        guard bare == "application/json" || bare.hasSuffix("+json") || bare == "application/x-www-form-urlencoded"
        else {
            throw APIError(.unsupportedMediaType, "the body is \(bare.prefix(60)), not JSON", field: "Content-Type")
        }
    }

    private var tooLarge: APIError {
        APIError(
            .payloadTooLarge,
            "the body is larger than \(maxBytes >> 20) MiB, counted unpacked",
            hint: "Send only what the decision needs, or have MAX_BODY_MB raised on the server."
        )
    }
}
