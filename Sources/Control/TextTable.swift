/// Rows under headings, columns aligned: numbers to the right, words to the left.
struct TextTable {
    struct Column {
        let heading: String
        var isNumber = false
    }

    let columns: [Column]
    private var rows: [[String]] = []

    init(_ columns: [Column]) {
        self.columns = columns
    }

    mutating func add(_ cells: [String]) {
        rows.append(cells)
    }

    var text: String {
        let widths = columns.indices.map { index in
            max(columns[index].heading.count, rows.map { $0[index].count }.max() ?? 0)
        }
        func line(_ cells: [String]) -> String {
            let padded = columns.indices.map { index in
                let fill = String(repeating: " ", count: widths[index] - cells[index].count)
                return columns[index].isNumber ? fill + cells[index] : cells[index] + fill
            }
            return String(padded.joined(separator: "  ").reversed().drop { $0 == " " }.reversed())
        }
        let rule = widths.map { String(repeating: "─", count: $0) }.joined(separator: "  ")
        return ([line(columns.map(\.heading)), rule] + rows.map(line)).joined(separator: "\n")
    }
}
