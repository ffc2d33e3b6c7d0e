/// The On-Demand price of one type in one region under one operating system, shared tenancy.
package struct OnDemandPrice: Sendable, Equatable {
    package var region: String
    package var instanceType: String
    /// As AWS words it, such as `Linux`, `Windows`, `RHEL` or `SUSE`.
    package var operatingSystem: String
    package var hourly: HourlyPrice
    /// `USD`, or `CNY` in the China partition.
    package var currency: String
    /// `YYYY-MM-DD`.
    package var effectiveDate: String

    package init(
        region: String,
        instanceType: String,
        operatingSystem: String,
        hourly: HourlyPrice,
        currency: String,
        effectiveDate: String
    ) {
        self.region = region
        self.instanceType = instanceType
        self.operatingSystem = operatingSystem
        self.hourly = hourly
        self.currency = currency
        self.effectiveDate = effectiveDate
    }

    /// In dollars; nil when the currency is another one.
    package var hourlyUSD: Double? { currency == "USD" ? hourly.amount : nil }
}

/// What a price document gave: prices, and the attributes of the types it describes.
package struct OnDemandPriceList: Sendable {
    package var prices: [OnDemandPrice] = []
    /// Empty for a document that holds nothing but prices.
    package var catalogue: [InstanceTypeFacts] = []
    /// Moment of publication as fourteen digits (`20240115000000`): comparable across kinds of documents.
    package var version: String
    package var report = ReadingReport()

    package init(version: String) {
        self.version = version
    }

    package var regions: [String] { Set(prices.map(\.region)).sorted() }

    /// Fourteen digits from a timestamp such as `2026-07-20T13:44:30Z`; shorter ones are filled with zeros.
    static func version(fromTimestamp text: String) -> String? {
        let digits = text.filter { $0.isASCII && $0.isNumber }
        guard digits.count >= 8 else { return nil }
        return String((digits + "000000").prefix(14))
    }

    /// The day of a version, `YYYY-MM-DD`.
    static func day(ofVersion version: String) -> String? {
        let digits = Array(version)
        guard digits.count >= 8, digits.prefix(8).allSatisfy(\.isNumber) else { return nil }
        return "\(String(digits[0..<4]))-\(String(digits[4..<6]))-\(String(digits[6..<8]))"
    }

    /// True for a real day in the form `YYYY-MM-DD`, so that PostgreSQL cannot refuse it later.
    static func isDay(_ text: String) -> Bool {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0].count == 4, parts[1].count == 2, parts[2].count == 2,
            text.utf8.allSatisfy({ $0 == UInt8(ascii: "-") || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
            let year = Int(parts[0]), let month = Int(parts[1]), let day = Int(parts[2]), (1970...9999).contains(year),
            (1...12).contains(month)
        else { return false }
        let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
        let length = [31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1]
        return (1...length).contains(day)
    }
}
