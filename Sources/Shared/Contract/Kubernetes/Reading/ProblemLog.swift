/// What could not be read: the first thousand spelled out, all of them counted.
///
/// A document of 100 MB can hold fifty million nulls.
struct ProblemLog {
    static let listed = 1000

    private(set) var problems: [ItemProblem] = []
    private(set) var unlisted = 0

    mutating func add(_ problem: @autoclosure () -> ItemProblem) {
        if problems.count < Self.listed { problems.append(problem()) } else { unlisted += 1 }
    }

    /// The list, with a last entry for what it leaves out.
    var all: [ItemProblem] {
        guard unlisted > 0 else { return problems }
        let rest = ItemProblem(field: "", code: "more_problems", message: "\(unlisted) more items could not be used")
        return problems + [rest]
    }
}
