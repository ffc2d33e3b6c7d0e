/// Waits for something to become true: tests wait for conditions, never for time.
package enum Condition {
    /// Asks again until the answer is yes; `limit` is the promise under test, or a generous bound for a busy machine.
    ///
    /// - Throws: ``SupportError`` when it is still no at the end; what the question throws.
    package static func holds(
        within limit: Duration = .seconds(10),
        fileID: String = #fileID,
        line: Int = #line,
        _ question: () async throws -> Bool
    ) async throws {
        guard try await eventually(within: limit, question) else {
            throw SupportError("\(fileID):\(line): still not so after \(limit)")
        }
    }
}
