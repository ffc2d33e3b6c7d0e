import Contract
import HTTPTypes
import Hummingbird
import NIOCore

/// A form that was read whole, for uploads of which every part fits in memory.
struct MultipartForm {
    struct File {
        let name: String
        let contentType: String?
        let bytes: [UInt8]
    }

    struct Limits {
        /// Bytes of one file.
        var file: Int
        /// Bytes of one ordinary field.
        var field: Int
        var parts = 32
    }

    private(set) var fields: [String: [UInt8]] = [:]
    private(set) var files: [String: File] = [:]

    /// - Throws: 415 for another media type, 400 for what is not form-data, 413 beyond the limits, 422 for a name twice.
    static func read(_ request: Request, limits: Limits) async throws -> MultipartForm {
        var parser = MultipartParser(boundary: try boundary(request))
        var form = MultipartForm()
        var open: (part: MultipartPart, bytes: [UInt8])?
        do {
            for try await chunk in request.body {
                for event in try parser.feed(chunk.readableBytesView) { try form.take(event, &open, limits) }
            }
        } catch let error as APIError {
            throw error
        } catch let error as CancellationError {
            throw error
        } catch {
            throw APIError(.unreadableBody, "the body breaks off, or its framing is not HTTP's")
        }
        try parser.finish()
        return form
    }

    private mutating func take(
        _ event: MultipartParser.Event,
        _ open: inout (part: MultipartPart, bytes: [UInt8])?,
        _ limits: Limits
    ) throws(APIError) {
        switch event {
        case .part(let part):
            guard fields.count + files.count < limits.parts else {
                throw APIError(.payloadTooLarge, "the form has more than \(limits.parts) parts")
            }
            guard fields[part.name] == nil, files[part.name] == nil else {
                throw APIError(.invalidValue, "the form has \(part.name) twice", field: part.name)
            }
            open = (part, [])
        case .bytes(let bytes):
            guard let part = open?.part else { return }
            open?.bytes.append(contentsOf: bytes)
            let limit = part.filename == nil ? limits.field : limits.file
            guard let count = open?.bytes.count, count <= limit else {
                throw APIError(
                    .payloadTooLarge,
                    "\(part.name) is larger than \(limit >> 10) KiB",
                    field: part.name,
                    hint: "Send less."
                )
            }
        case .endOfPart:
            guard let (part, bytes) = open else { return }
            if let filename = part.filename {
                files[part.name] = File(name: filename, contentType: part.contentType, bytes: bytes)
            } else {
                fields[part.name] = bytes
            }
            open = nil
        }
    }

    /// The boundary that the request's Content-Type names.
    static func boundary(_ request: Request) throws(APIError) -> String {
        guard let header = request.headers[.contentType] else {
            throw APIError(
                .unsupportedMediaType,
                "an upload needs a Content-Type",
                field: "Content-Type",
                hint: "Send multipart/form-data, as browsers and 'curl -F' do."
            )
        }
        var type = try HeaderParameters(header)
        guard type.value.lowercased() == "multipart/form-data" else {
            throw APIError(
                .unsupportedMediaType,
                "the body is \(type.value.prefix(60)), not multipart/form-data",
                field: "Content-Type",
                hint: "Send multipart/form-data, as browsers and 'curl -F' do."
            )
        }
        if let encoding = request.headers[.contentEncoding]?.lowercased(), encoding != "identity" {
            throw APIError(
                .unsupportedMediaType,
                "uploads are not taken compressed",
                field: "Content-Encoding",
                hint: "Send the form plain."
            )
        }
        // RFC 2046: 1 to 70 characters of this set.
        guard let boundary = type.take("boundary"), (1...70).contains(boundary.utf8.count), boundary.last != " ",
            boundary.utf8.allSatisfy({ byte in
                (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
                    || "'()+_,-./:=? ".utf8.contains(byte)
            })
        else { throw MultipartParser.malformed("the Content-Type names no boundary") }
        return boundary
    }

    // MARK: Reading fields

    /// The field as text; nil when it is missing or empty.
    func text(_ name: String) throws(APIError) -> String? {
        guard let bytes = fields[name], !bytes.isEmpty else { return nil }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw APIError(.invalidValue, "\(name) is not UTF-8 text", field: name)
        }
        return text
    }

    func requiredText(_ name: String) throws(APIError) -> String {
        guard let text = try text(name) else { throw APIError(.missingField, "\(name) is missing", field: name) }
        return text
    }

    /// The field as JSON; nil when it is missing or empty.
    func json(_ name: String) throws(APIError) -> JSONValue? {
        guard let text = try text(name) else { return nil }
        do throws(JSONParseError) {
            return try JSONParser.parse(text)
        } catch {
            throw APIError(.invalidValue, "\(name) is no JSON: \(error)", field: name, hint: "Send one JSON document.")
        }
    }
}
