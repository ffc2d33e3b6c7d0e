import Contract

/// How far the request's data can be trusted.
struct NetworkQuality {
    private(set) var score = 1.0
    private(set) var warnings: [String] = []

    init(_ request: NetworkRequest, _ map: NetworkMap, _ price: TransferPrice) {
        guard request.hasTraffic else {
            score = 0.3
            warnings.append("no traffic was sent: nothing can be said")
            return
        }
        if price.usd == nil {
            lower(to: 0.7)
            warnings.append("the price of traffic between zones is not known for \(request.region): no figure in USD")
        }
        if price.source?.isSample == true {
            lower(to: 0.5)
            warnings.append("SAMPLE data: made-up figures for trying things out, not for real decisions")
        }
        judgeWindow(request)
        judgeCoverage(request, map)
        if !map.unknownCapacity.isEmpty, map.pods.contains(where: { $0.pin == nil }) {
            lower(to: 0.8)
            warnings.append(
                "the capacity of \(map.unknownCapacity.joined(separator: ", ")) is not known: check it before moving pods"
            )
        }
    }

    /// A day has seen every hour once, a week every kind of day.
    private mutating func judgeWindow(_ request: NetworkRequest) {
        guard let hours = request.windowHours else { return }
        if hours < 24 {
            lower(to: 0.6)
            warnings.append(
                "bytes were counted over \(JSONValue.rounded(hours, 2).text()) hours: a day was extrapolated"
            )
        } else if hours < 168 {
            lower(to: 0.9)
        }
    }

    private mutating func judgeCoverage(_ request: NetworkRequest, _ map: NetworkMap) {
        let total = Double(map.total) + Double(map.unusedTraffic)
        if total > 0 { score *= 1 - 0.5 * Double(map.unusedTraffic) / total }
        let items = request.rows.count + request.itemProblems.count
        if !request.itemProblems.isEmpty {
            score *= 1 - 0.5 * Double(request.itemProblems.count) / Double(max(1, items))
            warnings.append("\(request.itemProblems.count) items could not be read")
        }
    }

    private mutating func lower(to most: Double) { score = min(score, most) }
}
