/// One numbered step of the schema.
package struct PostgresMigration: Sendable, Equatable {
    /// Starts at 1 and has no gaps.
    package let version: Int
    package let name: String
    /// Any number of statements; they must not begin or end a transaction.
    package let sql: String

    package init(version: Int, name: String, sql: String) {
        self.version = version
        self.name = name
        self.sql = sql
    }
}
