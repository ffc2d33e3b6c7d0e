import Contract

/// Finds a wish under several names, first in the requirements, then in the constraints: callers use either.
struct RequestFields {
    let places: [JSONReader]

    init(_ request: DecisionRequest) { places = [request.requirementsReader, request.constraintsReader] }

    func first(_ names: [String]) throws(APIError) -> JSONReader? {
        for place in places {
            if let field = try place.first(of: names) { return field }
        }
        return nil
    }

    func number(_ names: [String], in range: ClosedRange<Double>, _ unit: String = "") throws(APIError) -> Double? {
        try first(names)?.number(in: range, unit: unit)
    }

    func text(_ names: [String]) throws(APIError) -> String? { try first(names)?.string() }

    /// Instants by id, from an object; an entry that is none is reported and the rest goes on.
    func moments(_ names: [String], _ problems: inout [ItemProblem]) throws(APIError) -> [String: Timestamp] {
        guard let field = try first(names) else { return [:] }
        return try Self.moments(field, &problems)
    }

    static func moments(_ field: JSONReader, _ problems: inout [ItemProblem]) throws(APIError) -> [String: Timestamp] {
        var moments: [String: Timestamp] = [:]
        for member in try field.object().members {
            let entry = JSONReader(member.value, path: .key(field.path, member.key))
            do throws(APIError) {
                moments[member.key] = try entry.moment()
            } catch {
                problems.append(ItemProblem(error, at: entry))
            }
        }
        return moments
    }

    /// The region that was named, else the one that most of the things lie in, else the default.
    func region(
        or common: @autoclosure () -> String?,
        _ defaults: EngineDefaults
    ) throws(APIError) -> RequestRegion {
        try RequestRegion(try first(RequestRegion.names), or: (common(), nil), defaults)
    }

    /// The region most of the things lie in; of equals the first in the alphabet.
    static func commonest(ofZones zones: some Sequence<String?>) -> String? {
        var byZone: [String: Int] = [:]
        for case let zone? in zones { byZone[zone, default: 0] += 1 }
        return commonest(byZone.map { (RegionName.region(ofZone: $0.key), $0.value) })
    }

    static func commonest(_ regions: some Sequence<(String?, Int)>) -> String? {
        var counts: [String: Int] = [:]
        for case (let region?, let count) in regions { counts[region, default: 0] += count }
        return counts.max { ($0.value, $1.key) < ($1.value, $0.key) }?.key
    }
}
