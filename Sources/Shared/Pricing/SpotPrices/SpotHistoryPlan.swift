package import FoundationEssentials

/// How a wish for history is cut into windows that are fetched one by one.
package struct SpotHistoryPlan: Sendable, Equatable {
    /// AWS keeps this much; what is older cannot be had any more, from anybody.
    package static let retention: TimeInterval = 90 * 86_400
    /// A window of this many rows takes seconds: little to repeat after a crash, much work between two commits.
    private static let rowsPerWindow = 20_000.0
    /// Prices of one type and day in one region, over its zones and products: 4.3 a pool were seen in 2022.
    private static let rowsPerTypeAndDay = 70.0
    /// Of all types: 140,000 a day in 17 regions.
    private static let rowsPerRegionAndDay = 8_500.0
    private static let longest: TimeInterval = 30 * 86_400

    package var windows: [SpotPriceWindow] = []

    /// Groups gaps of the same stretch, and cuts long stretches.
    ///
    /// - Parameters:
    ///   - gaps: As ``PriceStore/gaps(regions:instanceTypes:products:wanted:)`` gives them.
    ///   - products: What to ask EC2 for; empty asks for all.
    package init(_ gaps: [PriceStretch], products: [String] = []) {
        struct Key: Hashable {
            let region: String
            let from: Date
            let until: Date
        }
        var types: [Key: Set<String>] = [:]
        for gap in gaps {
            types[Key(region: gap.region, from: gap.from, until: gap.until), default: []].insert(gap.instanceType)
        }
        for (key, names) in types.sorted(by: {
            ($0.key.region, $0.key.from, $0.key.until) < ($1.key.region, $1.key.from, $1.key.until)
        }) {
            let wanted = names.contains("") ? [] : names.sorted()
            for start in stride(from: 0, to: max(1, wanted.count), by: SpotPriceSource.mostTypes) {
                let part = Array(wanted.dropFirst(start).prefix(SpotPriceSource.mostTypes))
                cut(key.region, part, products, key.from, key.until)
            }
        }
    }

    /// About as many rows as the windows bring, going by past fetches, and before there are any by what was seen of AWS; a
    /// guess, and called one.
    package func expectedRows(_ experience: SpotFetchExperience = SpotFetchExperience()) -> Int {
        Int(
            windows.reduce(0) { sum, window in
                let perDay =
                    experience.rowsPerDay(region: window.region, types: window.instanceTypes.count)
                    ?? Self.rowsPerDay(window.instanceTypes)
                return sum + perDay * window.until.timeIntervalSince(window.from) / 86_400
            }
        )
    }

    /// Minutes at that many calls a second in each region, regions side by side, or as long as past fetches took where that
    /// is longer.
    package func expectedMinutes(
        callsPerSecond: Double,
        _ experience: SpotFetchExperience = SpotFetchExperience()
    ) -> Int {
        let regions = Set(windows.map(\.region)).count
        guard regions > 0 else { return 0 }
        let rows = Double(expectedRows(experience))
        let calls = rows / 1000 / callsPerSecond / Double(regions)
        let work = rows * (experience.secondsPerRow ?? 0) / Double(min(windows.count, Self.sideBySide))
        return max(1, Int((max(calls, work) / 60).rounded(.up)))
    }

    /// Windows that one worker fetches at once.
    private static let sideBySide = 4

    private mutating func cut(_ region: String, _ types: [String], _ products: [String], _ from: Date, _ until: Date) {
        let length = min(
            Self.longest,
            max(86_400, (Self.rowsPerWindow / Self.rowsPerDay(types)).rounded(.down) * 86_400)
        )
        var start = from
        while start < until {
            let end = min(until, start.addingTimeInterval(length))
            windows.append(
                SpotPriceWindow(region: region, instanceTypes: types, products: products, from: start, until: end)
            )
            start = end
        }
    }

    private static func rowsPerDay(_ types: [String]) -> Double {
        types.isEmpty ? rowsPerRegionAndDay : min(rowsPerRegionAndDay, rowsPerTypeAndDay * Double(types.count))
    }
}
