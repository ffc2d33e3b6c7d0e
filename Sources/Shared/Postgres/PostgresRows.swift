import CLibpq
import Glibc

/// The answer to one statement: its rows, where libpq put them, without a copy.
// @unchecked: a PGresult never changes once it is complete, and reading it from many threads is safe; `deinit`, the
// only place that frees it, runs once.
package final class PostgresRows: RandomAccessCollection, @unchecked Sendable {
    private let result: OpaquePointer
    package let count: Int
    /// How many columns every row has.
    package let columnCount: Int

    /// Takes over the result and frees it in the end.
    init(owning result: OpaquePointer) {
        self.result = result
        self.count = Int(PQntuples(result))
        self.columnCount = Int(PQnfields(result))
    }

    deinit { PQclear(result) }

    package var startIndex: Int { 0 }
    package var endIndex: Int { count }

    package subscript(position: Int) -> PostgresRow {
        precondition(position >= 0 && position < count, "row \(position) of \(count)")
        return PostgresRow(rows: self, index: Int32(position))
    }

    /// How many rows an INSERT, UPDATE, DELETE, SELECT or COPY touched; 0 for other statements.
    package var affected: Int {
        PQcmdTuples(result).flatMap { Int(String(cString: $0)) } ?? 0
    }

    /// The command tag, such as `COMMIT` or `INSERT 0 3`.
    package var command: String { PQcmdStatus(result).map { String(cString: $0) } ?? "" }

    /// The only row.
    ///
    /// - Throws: ``PostgresError/Code/decoding`` when there is none, or more than one.
    package func one() throws(PostgresError) -> PostgresRow {
        guard count == 1 else { throw PostgresError(.decoding, "expected one row, found \(count)") }
        return self[0]
    }

    /// The names of the columns, from left to right.
    package var columnNames: [String] { (0..<columnCount).map { columnName($0) } }

    var status: ExecStatusType { PQresultStatus(result) }

    func columnName(_ column: Int) -> String { PQfname(result, Int32(column)).map { String(cString: $0) } ?? "?" }

    func columnType(_ column: Int) -> UInt32 { PQftype(result, Int32(column)) }

    /// Where a column of this exact name stands; PQfnumber would fold its case.
    func column(named name: String) -> Int? {
        (0..<columnCount).first { column in
            guard let found = PQfname(result, Int32(column)) else { return false }
            return name.utf8.elementsEqual(
                UnsafeBufferPointer(start: found, count: strlen(found)).lazy.map(UInt8.init(bitPattern:))
            )
        }
    }

    func cell(_ row: Int32, _ column: Int) -> PostgresCell {
        let type = columnType(column)
        guard PQgetisnull(result, row, Int32(column)) == 0, let start = PQgetvalue(result, row, Int32(column)) else {
            return PostgresCell(type: type, bytes: nil)
        }
        let length = Int(PQgetlength(result, row, Int32(column)))
        return PostgresCell(type: type, bytes: UnsafeRawBufferPointer(start: start, count: length))
    }

    /// What the server reported, when this is the answer to a statement that failed.
    func serverError() -> PostgresError? {
        switch status {
        case PGRES_FATAL_ERROR, PGRES_BAD_RESPONSE, PGRES_NONFATAL_ERROR: break
        default: return nil
        }
        return PostgresError(
            diagnostics: { field in
                PQresultErrorField(self.result, field).map { String(cString: $0) }
            },
            fallback: PQresultErrorMessage(result).map { String(cString: $0) } ?? "no message"
        )
    }
}
