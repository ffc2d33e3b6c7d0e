import Contract

/// The plain form: `{"weekdays": {"start": "08:00", "end": "18:00"}, "weekends": {"enabled": false}}`.
///
/// Weekdays are Monday to Friday. A weekend that is enabled without hours of its own has those of the weekdays.
enum ReferenceHours {
    static func read(_ form: JSONReader, zone: String) throws(APIError) -> WindowSet {
        var set = WindowSet()
        let weekdays = try form.optional("weekdays")
        let weekends = try form.optional("weekends")
        let usual = try weekdays.map(hours) ?? nil
        if let usual, try weekdays?.optional("enabled")?.bool() ?? true {
            set.weekly.append(.init(window: usual.on(DayWindow.workingDays), zone: zone))
        }
        if let weekends {
            let own = try hours(weekends)
            let isEnabled = try weekends.optional("enabled")?.bool()
            guard isEnabled ?? (own != nil) else { return set }
            guard let hours = own ?? usual else {
                throw weekends.invalid("is enabled, but no hours are given", hint: "Add start and end.")
            }
            set.weekly.append(.init(window: hours.on(DayWindow.weekend), zone: zone))
        }
        return set
    }

    private struct Hours {
        var start: Int
        var end: Int

        func on(_ days: UInt8) -> DayWindow { DayWindow(days: days, start: start, end: end) }
    }

    private static func hours(_ form: JSONReader) throws(APIError) -> Hours? {
        let first = try form.optional("start")
        let last = try form.optional("end")
        if first == nil, last == nil { return nil }
        guard let first, let last else {
            throw form.invalid("needs both start and end", hint: "Add start and end, such as 08:00 and 18:00.")
        }
        let start = try minutes(first, isEnd: false)
        let end = try minutes(last, isEnd: true)
        do throws(SpecFault) {
            let window = try WallTime.window(days: 0, start: start, end: end)
            return Hours(start: window.start, end: window.end)
        } catch {
            throw form.invalid(error.message, hint: error.hint)
        }
    }

    /// `"08:00"`, or a whole hour as a number.
    private static func minutes(_ field: JSONReader, isEnd: Bool) throws(APIError) -> Int {
        if field.value.number != nil { return Int(try field.integer(in: 0...(isEnd ? 24 : 23), unit: "o'clock")) * 60 }
        let text = try field.string(maximumLength: 16)
        do throws(SpecFault) {
            return try WallTime.minutes(text, isEnd: isEnd)
        } catch {
            throw field.invalid(error.message, hint: error.hint)
        }
    }
}
