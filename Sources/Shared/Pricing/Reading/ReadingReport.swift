/// What a parser left out and why: a bad row costs itself, not the document, but it is never silent.
package struct ReadingReport: Sendable, Equatable {
    /// Rows taken.
    package var rows = 0
    /// Rows left out because they cannot be right.
    package var malformed = 0
    /// Rows left out because their price is 0, which means "missing".
    package var withoutPrice = 0
    /// Entries left out by rule, such as bare families in a price file.
    package var ignored = 0
    /// The first problems, in words.
    package private(set) var problems: [String] = []

    /// Ten show the kind of damage; more would only fill logs.
    package static let problemsKept = 10

    package init() {}

    mutating func reject(_ problem: @autoclosure () -> String) {
        malformed += 1
        if problems.count < Self.problemsKept { problems.append(problem()) }
    }

    mutating func note(_ problem: @autoclosure () -> String) {
        if problems.count < Self.problemsKept { problems.append(problem()) }
    }
}
