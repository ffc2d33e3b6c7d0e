/// The categories of one column of an encoder, found by value.
struct CategoryTable: Sendable {
    let count: Int
    private let places: [Label: Int]
    /// The place of the category that stands for missing values.
    let missing: Int?

    init(_ categories: [Label]) {
        count = categories.count
        var places: [Label: Int] = [:]
        var missing: Int?
        for (place, category) in categories.enumerated() {
            switch category {
            case .text: places[category] = place
            case .int, .number, .bool:
                let number = category.number ?? .nan
                if number.isNaN { missing = place } else { places[.number(number)] = place }
            }
        }
        self.places = places
        self.missing = missing
    }

    /// - Returns: nil for a value that is none of the categories.
    func place(of cell: Cell) -> Int? {
        switch cell {
        case .number(let number): number.isNaN ? missing : places[.number(number == 0 ? 0 : number)]
        case .text(let text): places[.text(text)]
        }
    }
}

extension Cell {
    /// For messages.
    var quoted: String {
        switch self {
        case .number(let number): number.isNaN ? "a missing value" : "\(number)"
        case .text(let text): "'" + Excerpt.of(text) + "'"
        }
    }
}
