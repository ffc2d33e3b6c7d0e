package import Contract
package import Engines

/// The price of one pool as the models of the earlier service saw it: one value an hour, each holding until the next change.
package struct HourlyPrices: Sendable {
    /// The newest first: what held at the moment itself, an hour before, and so on; nil before the first known price.
    private let values: [Double?]

    /// - Parameters:
    ///   - points: Changes of the price, oldest first.
    ///   - moment: The hour that counts as now.
    ///   - hours: How far back.
    package init(_ points: [PricePoint], at moment: Timestamp, hours: Int = 168) {
        var values: [Double?] = []
        values.reserveCapacity(hours + 1)
        var place = points.count - 1
        for back in 0...hours {
            let at = moment.adding(hours: -back)
            while place >= 0, points[place].at > at { place -= 1 }
            values.append(place >= 0 ? points[place].price : nil)
        }
        self.values = values
    }

    /// What held so many hours ago.
    package func lag(_ hours: Int) -> Double? { values.indices.contains(hours) ? values[hours] : nil }

    /// The mean over so many hours, the present one included; of fewer when no more are known.
    package func mean(_ hours: Int) -> Double? {
        let known = known(hours)
        return known.isEmpty ? nil : known.reduce(0, +) / Double(known.count)
    }

    /// The sample standard deviation (n − 1) over so many hours, as pandas' `rolling().std()`; nil below two values.
    package func standardDeviation(_ hours: Int) -> Double? {
        let known = known(hours)
        guard known.count >= 2 else { return nil }
        let mean = known.reduce(0, +) / Double(known.count)
        return (known.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(known.count - 1)).squareRoot()
    }

    private func known(_ hours: Int) -> [Double] { values.prefix(hours).compactMap { $0 } }
}
