/// What a server answered.
///
/// A status is not an error here: the caller decides which ones it accepts.
package struct FetchResponse: Sendable {
    package var status: Int
    package var headers: FetchHeaders
    /// Empty for a streamed body, except that a refused request keeps up to 64 KiB of the server's reason.
    package var body: [UInt8]

    package init(status: Int, headers: FetchHeaders = FetchHeaders(), body: [UInt8] = []) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    package var etag: String? { headers["etag"] }
    package var notModified: Bool { status == 304 }
    package var isSuccess: Bool { (200..<300).contains(status) }

    /// Returns self when the status is in 200..<300, or 304 for a conditional request.
    ///
    /// - Throws: ``FetchError`` with code `status`, naming host and path.
    package func requireSuccess(for request: FetchRequest) throws(FetchError) -> FetchResponse {
        if isSuccess || notModified { return self }
        throw FetchError(
            .status(status),
            "the server answered \(status)\(serviceCode.map { " (\($0))" } ?? "")",
            at: FetchURL.display(request.url)
        )
    }

    /// The error code inside an AWS error document, XML (`<Code>`) or JSON (`__type`), when there is one.
    package var serviceCode: String? {
        guard status >= 400 else { return nil }
        let text = String(decoding: body.prefix(4_096), as: UTF8.self)  // the code stands near the top
        for (before, after) in [("<Code>", "<"), ("\"__type\":\"", "\""), ("\"__type\": \"", "\"")] {
            guard let start = text.firstRange(ofText: before),
                let end = text[start.upperBound...].firstIndex(of: Character(after))
            else { continue }
            let code = text[start.upperBound..<end]
            let plain = code.allSatisfy {
                $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "." || $0 == "#" || $0 == "_")
            }
            if plain, !code.isEmpty, code.count <= 128 { return String(code.split(separator: "#").last ?? code) }
        }
        return nil
    }
}

extension String {
    /// The first place of a text; `FoundationEssentials` has no such search that stays cheap on Linux.
    func firstRange(ofText wanted: String) -> Range<String.Index>? {
        var start = startIndex
        while start < endIndex {
            if self[start...].hasPrefix(wanted) {
                return start..<index(start, offsetBy: wanted.count)
            }
            start = index(after: start)
        }
        return nil
    }
}
