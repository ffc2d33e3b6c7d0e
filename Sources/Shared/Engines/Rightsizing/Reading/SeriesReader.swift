import Contract

/// Reads amounts and series of amounts in the shapes monitoring tools write.
enum SeriesReader {
    /// A series: `[[t, v], …]`, `[{"timestamp": t, "value": v}, …]` or `{"timestamps": […], "values": […]}`.
    ///
    /// A single amount is a snapshot taken at the clock. Values are multiplied by `unit`; `skipped` grows by the points
    /// that could not be read. Nothing when the value is no series at all.
    static func series(_ value: JSONValue, unit: Double = 1, skipped: inout Int) -> UsageSeries? {
        switch value {
        case .array(let items): return UsageSeries(points(items, unit, &skipped))
        case .object(let object):
            if let times = object["timestamps"]?.array ?? object["times"]?.array, let values = object["values"]?.array {
                return UsageSeries(paired(times, values, unit, &skipped))
            }
            if let inner = object["values"] ?? object["points"] ?? object["series"] ?? object["data"] {
                return series(inner, unit: unit, skipped: &skipped)
            }
            if let point = point(value, unit) { return UsageSeries([point]) }
            return nil
        default:
            guard let amount = amount(value) else { return nil }
            return UsageSeries([UsagePoint(milliseconds: UsagePoint.atTheClock, value: amount * unit)])
        }
    }

    private static func points(_ items: [JSONValue], _ unit: Double, _ skipped: inout Int) -> [UsagePoint] {
        var points: [UsagePoint] = []
        points.reserveCapacity(items.count)
        for item in items {
            if let point = point(item, unit) { points.append(point) } else { skipped += 1 }
        }
        return points
    }

    private static func paired(
        _ times: [JSONValue],
        _ values: [JSONValue],
        _ unit: Double,
        _ skipped: inout Int
    ) -> [UsagePoint] {
        var points: [UsagePoint] = []
        points.reserveCapacity(min(times.count, values.count))
        for (time, value) in zip(times, values) {
            if let at = milliseconds(time), let amount = amount(value) {
                points.append(UsagePoint(milliseconds: at, value: amount * unit))
            } else {
                skipped += 1
            }
        }
        // Without a partner a value belongs to no moment.
        skipped += abs(times.count - values.count)
        return points
    }

    private static func point(_ item: JSONValue, _ unit: Double) -> UsagePoint? {
        switch item {
        case .array(let pair):
            guard pair.count == 2, let at = milliseconds(pair[0]), let amount = amount(pair[1]) else { return nil }
            return UsagePoint(milliseconds: at, value: amount * unit)
        case .object(let object):
            guard let time = object["timestamp"] ?? object["time"] ?? object["t"] ?? object["ts"],
                let value = object["value"] ?? object["v"] ?? object["average"],
                let at = milliseconds(time), let amount = amount(value)
            else { return nil }
            return UsagePoint(milliseconds: at, value: amount * unit)
        default: return nil
        }
    }

    /// A number, a number as text, or a Kubernetes quantity; nothing for anything else, for negative amounts, and for
    /// what is not finite.
    static func amount(_ value: JSONValue) -> Double? {
        let amount: Double
        switch value {
        case .integer(let number): amount = Double(number)
        case .double(let number): amount = number
        case .string(let text):
            guard text.utf8.count <= 64 else { return nil }
            if let number = Double(text) {
                amount = number
            } else if let quantity = Quantity(text) {
                amount = quantity.approximate
            } else {
                return nil
            }
        default: return nil
        }
        return amount.isFinite && amount >= 0 ? amount : nil
    }

    /// Seconds or milliseconds since 1970, as a number or as text, or a time in RFC 3339 form.
    static func milliseconds(_ value: JSONValue) -> Int64? {
        switch value {
        case .integer(let number): return milliseconds(Double(number))
        case .double(let number): return milliseconds(number)
        case .string(let text):
            guard text.utf8.count <= 64 else { return nil }
            return Timestamp(text)?.milliseconds ?? Double(text).flatMap(milliseconds)
        default: return nil
        }
    }

    /// Seconds until the year 5138 stay below 10¹¹, milliseconds since 1973 above it.
    private static func milliseconds(_ number: Double) -> Int64? {
        guard number.isFinite, number > 0, number < 1e14 else { return nil }
        return Int64((number < 1e11 ? number * 1000 : number).rounded())
    }
}
