/// One row of an answer; keeps the whole answer alive.
package struct PostgresRow: Sendable {
    let rows: PostgresRows
    let index: Int32

    /// Reads a column by its position, starting at 0.
    ///
    /// An `Optional` accepts NULL; other types refuse it.
    ///
    /// - Throws: ``PostgresError/Code/decoding``, naming the column and both types, never the value.
    package func get<T: PostgresDecodable>(_ column: Int, as type: T.Type = T.self) throws(PostgresError) -> T {
        guard column >= 0, column < rows.columnCount else {
            throw PostgresError(.decoding, "no column \(column): the row has \(rows.columnCount)")
        }
        do {
            return try T.decode(rows.cell(index, column))
        } catch {
            throw PostgresError(.decoding, "column \(rows.columnName(column)): \(error.message)")
        }
    }

    /// Reads a column by its exact name.
    package func get<T: PostgresDecodable>(_ name: String, as type: T.Type = T.self) throws(PostgresError) -> T {
        guard let column = rows.column(named: name) else {
            throw PostgresError(
                .decoding,
                "no column \(name); the row has \(rows.columnNames.joined(separator: ", "))"
            )
        }
        return try get(column, as: type)
    }
}
