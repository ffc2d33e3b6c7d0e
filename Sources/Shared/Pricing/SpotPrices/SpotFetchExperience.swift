import Contract

/// What past fetches of windows brought, and how long they took: the ground of estimates.
package struct SpotFetchExperience: Sendable {
    private struct Key: Hashable {
        let region: String
        let isOfAllTypes: Bool
    }

    private struct Sum {
        var rows = 0.0
        /// Days, each counted once for every type that was asked for.
        var days = 0.0
    }

    /// Windows shorter than this consist of little more than each pool's price before them.
    private static let shortest = 0.25

    private var sums: [Key: Sum] = [:]
    private var rows = 0.0
    private var seconds = 0.0

    package init() {}

    /// Reads what windows' jobs have left as their results; what is not understood is passed over.
    package init(results: [String]) {
        for text in results {
            guard let result = try? JSONParser.parse(text), let region = result["region"]?.string,
                let received = result["received"]?.number, let types = result["instance_types"]?.number,
                let time = result["seconds"]?.number,
                let from = result["from"]?.string.flatMap({ Timestamp($0) }),
                let until = result["until"]?.string.flatMap({ Timestamp($0) }), received >= 0, types >= 0, time >= 0
            else { continue }
            rows += received
            seconds += time
            let days = (until.secondsSinceEpoch - from.secondsSinceEpoch) / 86_400
            guard days >= Self.shortest else { continue }
            var sum = sums[Key(region: region, isOfAllTypes: types == 0)] ?? Sum()
            sum.rows += received
            sum.days += days * max(1, types)
            sums[Key(region: region, isOfAllTypes: types == 0)] = sum
        }
    }

    /// Rows a day of some types in a region; 0 types are all of them.
    ///
    /// nil without experience there.
    func rowsPerDay(region: String, types: Int) -> Double? {
        guard let sum = sums[Key(region: region, isOfAllTypes: types == 0)], sum.days > 0 else { return nil }
        return sum.rows / sum.days * Double(max(1, types))
    }

    /// nil without experience.
    var secondsPerRow: Double? { rows > 0 ? seconds / rows : nil }
}
