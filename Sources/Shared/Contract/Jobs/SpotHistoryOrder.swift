/// Which stretch of the spot price history is wanted: `POST /gap-filler/fill`, or `POST /pricing/fetch` for spot prices.
package struct SpotHistoryOrder: Sendable, Hashable {
    /// EC2 names over a thousand types; more names than that are a mistake.
    private static let mostTypes = 2000
    private static let mostRegions = 100
    /// Stands for every region that is open to the account.
    package static let everyRegion = "all"

    /// Names, or ``everyRegion`` alone.
    package var regions: [String]
    /// Names, or patterns such as `m5.*`; empty wants every type.
    package var instanceTypes: [String]
    /// As EC2 words them, such as `Linux/UNIX`; empty wants all.
    package var products: [String]
    package var from: Timestamp
    package var until: Timestamp
    /// The start as days before now, where the wish is for the latest: a schedule's order means another stretch each time.
    package var lookbackDays: Int?
    /// On whose behalf, where a model needs the data.
    package var modelID: String?

    /// Reads a request in any of the documented shapes, or the payload it became.
    ///
    /// A date alone means its whole day, in UTC.
    ///
    /// - Parameters:
    ///   - reader: The document.
    ///   - now: Stands in for an end that is not named.
    ///   - defaultRegion: Stands in where no region is named; nil requires one.
    /// - Throws: 422 with field and hint.
    package init(_ reader: JSONReader, now: Timestamp, defaultRegion: String? = nil) throws(APIError) {
        _ = try reader.object()
        regions = try Self.names(reader, "regions", most: Self.mostRegions)
        if regions.isEmpty, let defaultRegion { regions = [defaultRegion] }
        guard !regions.isEmpty else {
            throw APIError(.missingField, "regions names none", field: "regions", hint: "Send at least one.")
        }
        if regions.contains(Self.everyRegion) { regions = [Self.everyRegion] }
        for region in regions where region != Self.everyRegion && !RegionName.isWellFormed(region) {
            throw APIError(
                .unknownRegion,
                "\(region.prefix(60)) is not an AWS region name",
                field: "regions",
                hint: "Send names such as us-east-1, or all."
            )
        }
        instanceTypes = try Self.names(reader, "instance_types", most: Self.mostTypes)
        for type in instanceTypes where !type.utf8.allSatisfy(Self.isPatternByte) {
            throw APIError(
                .invalidValue,
                "\(type.prefix(60)) is no instance type",
                field: "instance_types",
                hint: "Send names such as m5.large, or patterns such as m5.*."
            )
        }
        products = try Self.names(reader, "products", most: 20)
        let start = try Self.moment(reader, ["gap_start_date", "start_date", "from"], endOfDay: false)
        if start == nil, let days = try reader.optional("lookback_days") {
            lookbackDays = Int(try days.integer(in: 1...90, unit: "days"))
        }
        from = start ?? now.adding(days: -(lookbackDays ?? 7))
        until = try Self.moment(reader, ["gap_end_date", "end_date", "until"], endOfDay: true) ?? now
        modelID = try reader.optional("model_id")?.string(maximumLength: 64)
        guard from < until else {
            let field = try reader.first(of: ["gap_end_date", "end_date", "until"])?.field ?? "end_date"
            throw APIError(
                .invalidValue,
                "\(field) lies before the start",
                field: field,
                hint: "Send the earlier date as the start."
            )
        }
    }

    /// What fills a stretch that nobody has asked for: of every type and product.
    package init(regions: [String], from: Timestamp, until: Timestamp, modelID: String? = nil) {
        self.regions = regions
        instanceTypes = []
        products = []
        self.from = from
        self.until = until
        self.modelID = modelID
    }

    /// What a model needs to be up to date: everything since it was trained, and the days before now that its features look
    /// back over.
    ///
    /// - Parameters:
    ///   - modelID: The model.
    ///   - trainedUntil: The last day it has seen.
    ///   - lookbackDays: How many days before now its features reach back.
    ///   - regions: Names, or ``everyRegion``.
    ///   - now: The moment.
    /// - Returns: The order, which gap filling narrows to what is missing.
    package static func forModel(
        _ modelID: String,
        trainedUntil: Timestamp,
        lookbackDays: Int,
        regions: [String],
        now: Timestamp
    ) -> SpotHistoryOrder {
        SpotHistoryOrder(
            regions: regions,
            from: min(trainedUntil, now.adding(days: -lookbackDays)),
            until: now,
            modelID: modelID
        )
    }

    /// As stored in the job.
    package var json: JSONValue {
        var json: JSONObject = [
            "regions": .array(regions.map { .string($0) }),
            "instance_types": .array(instanceTypes.map { .string($0) }),
            "products": .array(products.map { .string($0) }),
        ]
        if let lookbackDays {
            json["lookback_days"] = .integer(Int64(lookbackDays))
        } else {
            json["from"] = .string(from.description)
            json["until"] = .string(until.description)
        }
        json["model_id"] = .optional(modelID)
        return .object(json)
    }

    /// Sorted, each once: the same wish is the same job.
    private static func names(_ reader: JSONReader, _ key: String, most: Int) throws(APIError) -> [String] {
        guard let field = try reader.optional(key) else { return [] }
        return Set(try field.strings(maximumCount: most)).sorted()
    }

    private static func isPatternByte(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x61...0x7A, UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "*"), UInt8(ascii: "?"): true
        default: false
        }
    }

    private static func moment(
        _ reader: JSONReader,
        _ keys: [String],
        endOfDay: Bool
    ) throws(APIError) -> Timestamp? {
        guard let field = try reader.first(of: keys) else { return nil }
        let text = try field.string(maximumLength: 64)
        if text.utf8.count == 10, let day = Timestamp(text + "T00:00:00Z") {
            return endOfDay ? day.adding(days: 1) : day
        }
        guard let moment = Timestamp(text) else {
            throw field.invalid("is no date", hint: "Write it as 2026-01-31, or as 2026-01-31T08:30:00Z.")
        }
        return moment
    }
}
