import Contract

/// Reads AWS's EC2 offer file (CSV) in one pass from chunks of any size: 450 MB in, some thousand prices kept.
package struct OnDemandOffer: ~Copyable {
    private struct Key: Hashable {
        var region: String
        var type: String
        var operatingSystem: String
    }

    /// The real files have five lines before the header; a file without a header in its first twenty is something else.
    static let longestPreamble = 20

    private let document: String
    /// Rows of other regions are left out; nil takes all.
    private let region: String?
    private var reader: CSVReader
    private var columns: OfferColumns?
    private var preamble: [String: String] = [:]
    private var prices: [Key: OnDemandPrice] = [:]
    private var facts: [String: InstanceTypeFacts] = [:]
    private var report = ReadingReport()
    /// Whether the record read last had all its fields: a file that is cut ends with one that has not.
    private var lastIsWhole = true

    package init(region: String?, document: String) {
        self.region = region
        self.document = document
        reader = CSVReader(document: document)
    }

    /// - Throws: ``PricingError`` when the text is no CSV, or no offer file. A bad row is only counted.
    package mutating func feed(_ chunk: UnsafeRawBufferPointer) throws(PricingError) {
        // Taken out and put back, so that the visitor may change the rest of self.
        var reader = CSVReader(document: document)
        swap(&reader, &self.reader)
        defer { swap(&reader, &self.reader) }
        try reader.feed(chunk) { row, number throws(PricingError) in try visit(row, number) }
    }

    /// - Throws: ``PricingError`` when the file is cut, has no header, or has no price that counts.
    package consuming func finish() throws(PricingError) -> OnDemandPriceList {
        var reader = CSVReader(document: document)
        swap(&reader, &self.reader)
        try reader.finish { row, number throws(PricingError) in try visit(row, number) }
        guard columns != nil else { throw PricingError(.invalid, "no header row; not an EC2 offer file", in: document) }
        guard lastIsWhole else {
            throw PricingError(
                .malformed,
                "the file ends inside record \(reader.recordNumber): it was cut",
                in: document
            )
        }
        // A few rows that cannot be read are AWS's oddities; many are a file that is not what it seems.
        guard report.malformed <= max(10, prices.count / 10) else {
            throw PricingError(
                .invalid,
                "\(report.malformed) unreadable rows beside \(prices.count) prices; \(report.problems.first ?? "")",
                in: document
            )
        }
        guard !prices.isEmpty else {
            throw PricingError(
                .invalid,
                "no On-Demand price\(region.map { " for \($0)" } ?? "") among \(reader.recordNumber) records",
                in: document
            )
        }
        let version =
            preamble["version"].flatMap(OnDemandPriceList.version(fromTimestamp:))
            ?? preamble["publication date"].flatMap(OnDemandPriceList.version(fromTimestamp:)) ?? ""
        var list = OnDemandPriceList(version: version)
        list.prices = prices.values.sorted {
            ($0.region, $0.instanceType, $0.operatingSystem) < ($1.region, $1.instanceType, $1.operatingSystem)
        }
        list.catalogue = facts.values.sorted { $0.name.description < $1.name.description }
        report.rows = list.prices.count
        list.report = report
        return list
    }

    private mutating func visit(_ row: borrowing CSVReader.Record, _ number: Int) throws(PricingError) {
        guard let columns else { return try visitPreamble(row) }
        lastIsWhole = row.count == columns.count
        guard lastIsWhole else {
            return report.reject("record \(number): \(row.count) fields where the header has \(columns.count)")
        }
        guard columns.isOnDemand(row) else { return }
        guard let name = row.text(columns.instanceType), let type = InstanceTypeName(name),
            let price = row[columns.price].flatMap({ HourlyPrice($0) }), let currency = row.text(columns.currency),
            currency.count == 3, let system = row.text(columns.operatingSystem), !system.utf8.contains(0),
            let place = regionOf(row, columns), let day = day(row, columns)
        else {
            return report.reject("record \(number): type, price, currency, region or date is unreadable")
        }
        if let region, place != region {
            report.ignored += 1
            return
        }
        guard price.micros > 0 else {
            report.withoutPrice += 1
            return
        }
        let key = Key(region: place, type: name, operatingSystem: system)
        let new = OnDemandPrice(
            region: place,
            instanceType: name,
            operatingSystem: system,
            hourly: price,
            currency: currency,
            effectiveDate: day
        )
        if let known = prices[key] {
            // Two prices for one product would make every figure built on them arguable: keep the first, say so.
            if known.hourly != price || known.currency != currency {
                report.reject("record \(number): \(name) \(system) in \(place) has a second price")
            }
            return
        }
        prices[key] = new
        if facts[name] == nil { facts[name] = OfferAttributes.facts(type, row, columns) }
    }

    private mutating func visitPreamble(_ row: borrowing CSVReader.Record) throws(PricingError) {
        if row.equals(0, "SKU") {
            columns = try OfferColumns(header: row, document: document)
        } else if let name = row.text(0), let value = row.text(1), preamble.count < Self.longestPreamble {
            preamble[name.lowercased()] = value
        } else {
            throw PricingError(
                .invalid,
                "no header row (one that begins with SKU); not an EC2 offer file",
                in: document
            )
        }
    }

    private func regionOf(_ row: borrowing CSVReader.Record, _ columns: OfferColumns) -> String? {
        if let code = columns.regionCode.flatMap({ row.text($0) }), !code.isEmpty {
            return RegionName.isWellFormed(code) ? code : nil
        }
        if let location = columns.location.flatMap({ row.text($0) }), let code = OfferLocation.regions[location] {
            return code
        }
        return region
    }

    /// The row's own day, else the day of publication.
    private func day(_ row: borrowing CSVReader.Record, _ columns: OfferColumns) -> String? {
        if let text = columns.effectiveDate.flatMap({ row.text($0) }).map({ String($0.prefix(10)) }),
            OnDemandPriceList.isDay(text)
        {
            return text
        }
        return preamble["version"].flatMap(OnDemandPriceList.day(ofVersion:)).flatMap {
            OnDemandPriceList.isDay($0) ? $0 : nil
        }
    }
}
