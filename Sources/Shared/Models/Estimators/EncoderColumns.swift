/// What the two encoders share: categories by column, and rare ones grouped as one.
struct EncoderColumns: Sendable {
    let tables: [CategoryTable]
    /// For each column: category → place after grouping; nil where nothing is grouped.
    let grouping: [[Int]?]
    /// For each column the place after grouping that rare categories have.
    let rarePlace: [Int?]
    /// Places of each column after grouping.
    let counts: [Int]

    init(_ object: FittedObject) throws(ModelRejection) {
        let nodes = try object.items("categories_")
        guard !nodes.isEmpty, (object.fittedWidth ?? nodes.count) == nodes.count else {
            throw object.fault("categories_", "has \(nodes.count) entries for \(object.fittedWidth ?? 0) features")
        }
        var tables: [CategoryTable] = []
        for node in nodes { tables.append(CategoryTable(try object.labels(node, "categories_"))) }
        var grouping = [[Int]?](repeating: nil, count: nodes.count)
        var rare = [Int?](repeating: nil, count: nodes.count)
        var counts = tables.map(\.count)
        let isGrouping = object.bool("_infrequent_enabled") ?? object.has("_default_to_infrequent_mappings")
        if isGrouping, object.has("_default_to_infrequent_mappings") {
            let mappings = try object.items("_default_to_infrequent_mappings")
            guard mappings.count == nodes.count else {
                throw object.fault("_default_to_infrequent_mappings", "is too short")
            }
            for (column, node) in mappings.enumerated() {
                if case .none = object.graph.value(node) { continue }
                var map: [Int] = []
                for value in try NumberArray(node, of: object).values {
                    guard let place = Int(exactly: value), place >= 0, place < tables[column].count else {
                        throw object.fault("_default_to_infrequent_mappings", "names place \(value)")
                    }
                    map.append(place)
                }
                // The ordinal encoder leaves the category of missing values, its last, out of the mapping.
                let unmapped = tables[column].missing == tables[column].count - 1 ? 1 : 0
                guard map.count == tables[column].count || map.count == tables[column].count - unmapped,
                    let last = map.max()
                else {
                    throw object.fault("_default_to_infrequent_mappings", "does not cover its categories")
                }
                grouping[column] = map
                rare[column] = last
                counts[column] = max(last + 1, map.count < tables[column].count ? tables[column].count : 0)
            }
        }
        (self.tables, self.grouping, rarePlace, self.counts) = (tables, grouping, rare, counts)
    }

    /// The place of a category after grouping.
    func grouped(_ place: Int, column: Int) -> Int {
        guard let map = grouping[column], map.indices.contains(place) else { return place }
        return map[place]
    }

    /// The place of a value after grouping; nil for a value that is none of the categories.
    func place(of cell: Cell, column: Int) -> Int? {
        guard let place = tables[column].place(of: cell) else { return nil }
        return grouped(place, column: column)
    }
}
