import HTTPTypes

/// A table as RFC 4180 writes it: quoted where it must be, lines ended by CR LF.
struct CSVTable {
    let text: String

    init(_ names: [String], _ rows: [[String]]) {
        text = ([names] + rows).map { $0.map(Self.field).joined(separator: ",") + "\r\n" }.joined()
    }

    private static func field(_ value: String) -> String {
        guard value.utf8.contains(where: { [0x22, 0x2C, 0x0A, 0x0D].contains($0) }) else { return value }
        return "\"" + value.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
    }
}

extension KeptAnswer {
    init(csv table: CSVTable, headers: HTTPFields = [:]) {
        self.init(
            body: Array(table.text.utf8),
            contentType: "text/csv; charset=utf-8; header=present",
            headers: headers
        )
    }
}
