import Contract

/// Reads the small JSON shape `{"currency", "generated_at", "os", "prices": {region: {type: price}}}`.
enum OnDemandTable {
    /// The largest known file of this shape has 130 kB.
    static let largest = 64 << 20

    /// - Throws: ``PricingError``, `malformed` or `invalid`. A price of 0 means missing and is counted, as is a bare
    ///   family name, which stands for a dedicated host.
    static func parse(_ bytes: [UInt8], document: String) throws(PricingError) -> OnDemandPriceList {
        var currency = "USD"
        var system = "Linux"
        var generated: String?
        var rows: [(region: String, type: String, price: Double)] = []
        var report = ReadingReport()
        var found = false
        try JSONReader.read(bytes, document: document) { reader throws(PricingError) in
            try reader.beginObject()
            while let key = try reader.nextKey() {
                switch key {
                case "currency": currency = try reader.stringIfAny() ?? ""
                case "os": system = try reader.stringIfAny() ?? ""
                case "generated_at": generated = try reader.stringIfAny()
                case "prices":
                    found = true
                    try regions(&reader, &rows, &report)
                default: try reader.skip()
                }
            }
        }
        guard found else {
            throw PricingError(
                .invalid,
                "no 'prices' object; expected {\"prices\": {region: {type: price}}}",
                in: document
            )
        }
        guard currency.count == 3, currency.allSatisfy({ $0.isASCII && $0.isUppercase }) else {
            throw PricingError(.invalid, "'currency' is not a three-letter code", in: document)
        }
        guard (1...64).contains(system.utf8.count), !system.utf8.contains(0) else {
            throw PricingError(.invalid, "'os' is not a name", in: document)
        }
        guard let version = generated.flatMap(OnDemandPriceList.version(fromTimestamp:)),
            let day = OnDemandPriceList.day(ofVersion: version), OnDemandPriceList.isDay(day)
        else {
            throw PricingError(.invalid, "'generated_at' is not a timestamp such as 2026-07-20T13:44:30Z", in: document)
        }

        var list = OnDemandPriceList(version: version)
        for row in rows {
            guard let price = HourlyPrice(row.price) else {
                report.reject("\(row.region) \(row.type): the price is impossible")
                continue
            }
            guard price.micros > 0 else {
                report.withoutPrice += 1
                continue
            }
            list.prices.append(
                OnDemandPrice(
                    region: row.region,
                    instanceType: row.type,
                    operatingSystem: system,
                    hourly: price,
                    currency: currency,
                    effectiveDate: day
                )
            )
        }
        list.prices.sort { ($0.region, $0.instanceType) < ($1.region, $1.instanceType) }
        report.rows = list.prices.count
        list.report = report
        if list.prices.isEmpty { throw PricingError(.invalid, "no usable price", in: document) }
        return list
    }

    private static func regions(
        _ reader: inout JSONReader,
        _ rows: inout [(region: String, type: String, price: Double)],
        _ report: inout ReadingReport
    ) throws(PricingError) {
        try reader.beginObject()
        while let region = try reader.nextKey() {
            guard RegionName.isWellFormed(region), try reader.peek() == .object else {
                report.reject("prices.\(region.prefix(64)): not a region")
                try reader.skip()
                continue
            }
            var seen: Set<String> = []
            try reader.beginObject()
            while let type = try reader.nextKey() {
                let price = try reader.numberIfAny()
                if !type.utf8.contains(UInt8(ascii: ".")) {
                    report.ignored += 1
                } else if let price, InstanceTypeName.isPlausible(type), seen.insert(type).inserted {
                    rows.append((region, type, price))
                } else {
                    report.reject("\(region) \(type.prefix(64)): not a price, or it repeats")
                }
            }
        }
    }
}
