import Contract
import Hummingbird

/// `?explain=full`: short for the member `explain` of the request's body.
struct Explain {
    private let level: String?

    /// - Throws: 422 for a level that does not exist.
    init(_ request: Request) throws(APIError) {
        level = request.uri.queryParameters["explain"].map(String.init)
        guard level == nil || level == "full" || level == "none" else {
            throw APIError(
                .invalidValue,
                "explain must be full or none",
                field: "explain",
                hint: "Leave it out for a short answer."
            )
        }
    }

    /// The body with the member in it: the job's payload says all that its worker must know.
    ///
    /// A body that has the member already gets it twice, and is refused for that.
    func added(to body: [UInt8]) -> [UInt8] {
        let isSpace: (UInt8) -> Bool = { [0x20, 0x09, 0x0A, 0x0D].contains($0) }
        guard let level, let brace = body.firstIndex(where: { !isSpace($0) }), body[brace] == UInt8(ascii: "{"),
            let next = body[(brace + 1)...].first(where: { !isSpace($0) })
        else { return body }
        let comma = next == UInt8(ascii: "}") ? "" : ","
        return body[...brace] + Array("\"explain\":\"\(level)\"\(comma)".utf8) + body[(brace + 1)...]
    }
}
