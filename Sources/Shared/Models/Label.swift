/// A class of a classifier, as its file has it.
package enum Label: Sendable, Hashable {
    case int(Int64)
    case number(Double)
    case bool(Bool)
    case text(String)

    /// The number that it stands for; nil for texts.
    package var number: Double? {
        switch self {
        case .int(let value): Double(value)
        case .number(let value): value
        case .bool(let value): value ? 1 : 0
        case .text: nil
        }
    }
}
