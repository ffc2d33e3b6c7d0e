import Contract

/// The Spot Advisor feed, read and checked: every row's band is known, every name has the shape of a name.
package struct SpotAdvisorFeed: Sendable {
    package private(set) var rows: [SpotAdvisorRow] = []
    package private(set) var bands: [InterruptionBand] = []
    /// vCPUs and memory per type: the catalogue's weakest real source.
    package private(set) var catalogue: [InstanceTypeFacts] = []
    package private(set) var report = ReadingReport()

    /// A feed with more bad rows than this share is not one to trust in part.
    static let tolerated = 0.1
    /// The real feed has 0.9 MB; ten times that allows for years of growth.
    package static let largest = 16 << 20

    /// A sample of our own making.
    init(sample rows: [SpotAdvisorRow], bands: [InterruptionBand], catalogue: [InstanceTypeFacts]) {
        self.rows = rows
        self.bands = bands
        self.catalogue = catalogue
        report.rows = rows.count
    }

    /// Reads the feed's JSON; errors call it by the name of `document`.
    ///
    /// - Throws: ``PricingError``: `malformed` with the byte and the keys leading there, `invalid` when the content is
    ///   no Spot Advisor feed. A bad row is counted in ``report`` instead.
    package init(parsing bytes: [UInt8], document: String) throws(PricingError) {
        guard bytes.count <= Self.largest else {
            throw PricingError(.invalid, "larger than \(Self.largest) bytes", in: document)
        }
        var parser = Parser()
        try JSONReader.read(bytes, document: document) { reader throws(PricingError) in try parser.document(&reader) }
        report = parser.report
        bands = parser.bands.sorted { $0.index < $1.index }
        catalogue = parser.catalogue
        if bands.isEmpty { throw PricingError(.invalid, "no usable entry in 'ranges'", in: document) }
        // The row's r is a range's index, not its place in the list; and ranges may stand after the rows.
        let byIndex = Dictionary(bands.map { ($0.index, $0) }, uniquingKeysWith: { first, _ in first })
        if byIndex.count != bands.count { throw PricingError(.invalid, "'ranges' has one index twice", in: document) }
        rows.reserveCapacity(parser.rows.count)
        for row in parser.rows {
            guard let band = byIndex[row.rateIndex] else {
                report.reject(
                    "\(row.region) \(row.operatingSystem) \(row.instanceType): no range with index \(row.rateIndex)"
                )
                continue
            }
            rows.append(
                SpotAdvisorRow(
                    region: row.region,
                    operatingSystem: row.operatingSystem,
                    instanceType: row.instanceType,
                    rateIndex: band.index,
                    label: band.label,
                    maxPercent: band.maxPercent,
                    savings: row.savings
                )
            )
        }
        report.rows = rows.count
        if rows.isEmpty { throw PricingError(.invalid, "no usable row in 'spot_advisor'", in: document) }
        if Double(report.malformed) > Self.tolerated * Double(rows.count + report.malformed) {
            throw PricingError(
                .invalid,
                "\(report.malformed) of \(rows.count + report.malformed) rows are bad, the first: \(report.problems.first ?? "")",
                in: document
            )
        }
    }
}

extension SpotAdvisorFeed {
    private struct RawRow {
        var region: String
        var operatingSystem: String
        var instanceType: String
        var rateIndex: Int
        var savings: Int
    }

    private struct Parser {
        var rows: [RawRow] = []
        var bands: [InterruptionBand] = []
        var catalogue: [InstanceTypeFacts] = []
        var report = ReadingReport()

        mutating func document(_ reader: inout JSONReader) throws(PricingError) {
            try reader.beginObject()
            while let key = try reader.nextKey() {
                switch key {
                case "instance_types": try instanceTypes(&reader)
                case "ranges": try ranges(&reader)
                case "spot_advisor": try regions(&reader)
                default: try reader.skip()
                }
            }
        }

        mutating func instanceTypes(_ reader: inout JSONReader) throws(PricingError) {
            try reader.beginObject()
            while let name = try reader.nextKey() {
                var cores: Int?
                var gigabytes: Double?
                if try reader.peek() == .object {
                    try reader.beginObject()
                    while let key = try reader.nextKey() {
                        switch key {
                        case "cores": cores = try reader.integerIfAny()
                        case "ram_gb": gigabytes = try reader.numberIfAny()
                        default: try reader.skip()
                        }
                    }
                } else {
                    try reader.skip()
                }
                // 10,000 vCPUs and 1 PiB are beyond every machine AWS rents out; more is damage.
                guard let type = InstanceTypeName(name), let cores, (1...10_000).contains(cores),
                    let gigabytes, gigabytes > 0, gigabytes < 1_048_576
                else {
                    report.note("instance_types.\(name.prefix(64)): cores or ram_gb is missing or impossible")
                    continue
                }
                var facts = InstanceTypeFacts(type, source: .feed)
                facts.set(vcpus: cores, memoryMiB: Int((gigabytes * 1_024).rounded()))
                catalogue.append(facts)
            }
        }

        mutating func ranges(_ reader: inout JSONReader) throws(PricingError) {
            try reader.beginArray()
            while try reader.nextElement() {
                guard try reader.peek() == .object else {
                    try reader.skip()
                    continue
                }
                var index: Int?
                var label: String?
                var most: Int?
                try reader.beginObject()
                while let key = try reader.nextKey() {
                    switch key {
                    case "index": index = try reader.integerIfAny()
                    case "label": label = try reader.stringIfAny()
                    case "max": most = try reader.integerIfAny()
                    default: try reader.skip()
                    }
                }
                guard let index, (0..<100).contains(index), let label, !label.isEmpty, label.utf8.count <= 32,
                    !label.utf8.contains(0), let most, (1...100).contains(most)
                else {
                    report.note("ranges: an entry without a usable index, label and max")
                    continue
                }
                bands.append(InterruptionBand(index: index, label: label, maxPercent: most))
            }
        }

        mutating func regions(_ reader: inout JSONReader) throws(PricingError) {
            try reader.beginObject()
            while let region = try reader.nextKey() {
                let known = RegionName.isWellFormed(region)
                guard try reader.peek() == .object else {
                    report.reject("spot_advisor.\(region.prefix(64)): not an object")
                    try reader.skip()
                    continue
                }
                try reader.beginObject()
                while let system = try reader.nextKey() {
                    guard known, system == "Linux" || system == "Windows", try reader.peek() == .object else {
                        report.reject(
                            "spot_advisor.\(region.prefix(64)).\(system.prefix(64)): unknown region or system"
                        )
                        try reader.skip()
                        continue
                    }
                    try types(&reader, region, system)
                }
            }
        }

        mutating func types(_ reader: inout JSONReader, _ region: String, _ system: String) throws(PricingError) {
            var seen: Set<String> = []
            try reader.beginObject()
            while let type = try reader.nextKey() {
                var savings: Int?
                var rate: Int?
                if try reader.peek() == .object {
                    try reader.beginObject()
                    while let key = try reader.nextKey() {
                        switch key {
                        case "s": savings = try reader.integerIfAny()
                        case "r": rate = try reader.integerIfAny()
                        default: try reader.skip()
                        }
                    }
                } else {
                    try reader.skip()
                }
                // Savings are negative where Spot is dearer (-62 occurs); a price ten times On-Demand is damage.
                guard let savings, (-1_000...100).contains(savings), let rate, InstanceTypeName.isPlausible(type),
                    seen.insert(type).inserted
                else {
                    report.reject(
                        "\(region) \(system) \(type.prefix(64)): s or r is missing or impossible, or the row repeats"
                    )
                    continue
                }
                rows.append(
                    RawRow(
                        region: region,
                        operatingSystem: system,
                        instanceType: type,
                        rateIndex: rate,
                        savings: savings
                    )
                )
            }
        }
    }
}
