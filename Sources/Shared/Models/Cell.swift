/// One value of a table whose columns may hold texts.
package enum Cell: Sendable, Equatable {
    /// NaN is a missing value.
    case number(Double)
    case text(String)
}
