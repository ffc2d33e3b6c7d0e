import Synchronization

/// A binary COPY into a table, as the caller described it.
final class PostgresCopy: Sendable {
    let table: String
    let columns: [String]
    /// Writes the rows; called on the connection's thread.
    let write: @Sendable (inout PostgresCopyWriter) throws -> Void
    let timeout: Duration
    /// What `write` threw: the caller gets it back as it was.
    let failure = Mutex<(any Error)?>(nil)

    init(
        table: String,
        columns: [String],
        timeout: Duration,
        write: @escaping @Sendable (inout PostgresCopyWriter) throws -> Void
    ) {
        self.table = table
        self.columns = columns
        self.timeout = timeout
        self.write = write
    }

    var columnList: String { columns.map(Self.quoted).joined(separator: ", ") }

    /// `schema.table`, each part quoted.
    var tableName: String {
        table.split(separator: ".", omittingEmptySubsequences: false).map { Self.quoted(String($0)) }
            .joined(separator: ".")
    }

    /// An identifier in quotation marks, which are doubled inside.
    static func quoted(_ name: String) -> String {
        "\"" + name.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
    }
}
