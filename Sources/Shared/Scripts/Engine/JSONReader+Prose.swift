import Contract

extension JSONReader {
    /// Text for people, such as a description: it may be empty and hold line breaks, as the built-in engines' own may.
    func prose(maximumLength: Int = 4000) throws(APIError) -> String {
        guard case .string(let text) = value else { throw wrongType(expected: "a string") }
        guard text.utf8.count <= maximumLength else { throw invalid("must not exceed \(maximumLength) bytes") }
        return text
    }
}
