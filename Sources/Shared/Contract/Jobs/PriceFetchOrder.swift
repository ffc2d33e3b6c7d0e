/// `POST /pricing/fetch`: which public price source to fetch, for which regions.
package struct PriceFetchOrder: Sendable, Hashable {
    package enum DataType: String, Sendable, CaseIterable {
        case spotAdvisor = "spot_advisor"
        case onDemandPrices = "on_demand_prices"
        /// The catalogue, from EC2 itself: needs AWS credentials.
        case instanceTypes = "instance_types"
        /// How zones are called in every account: needs AWS credentials.
        case availabilityZones = "availability_zones"
    }

    /// GetProducts answers for one type at a time; for more of them the offer file is the faster source.
    private static let mostTypes = 100

    package let dataType: DataType
    /// Without meaning for the Spot Advisor feed, which covers all regions.
    package let regions: [String]
    /// With On-Demand prices: the only types to ask for, sorted; empty takes the whole offer file.
    ///
    /// Elsewhere without meaning.
    package let instanceTypes: [String]

    /// Reads the request; dates are accepted and narrow nothing: these sources tell what holds now.
    ///
    /// - Throws: 400 for what is no JSON, 422 with field and hint for everything else.
    package init(body: [UInt8], defaultRegion: String) throws(APIError) {
        let document = try JSONValue(body: body)
        let reader = JSONReader(document)
        _ = try reader.object()
        let field = try reader.required("data_type", hint: "Send one of \(Self.allowed).")
        guard let dataType = DataType(rawValue: try field.string()) else {
            throw field.invalid("cannot be fetched", hint: "Send one of \(Self.allowed).")
        }
        self.dataType = dataType
        let regions = try reader.optional("regions")?.strings() ?? []
        self.regions = regions.isEmpty ? [defaultRegion] : regions
        let types = Set(try reader.optional("instance_types")?.strings(maximumCount: 2000) ?? []).sorted()
        // Many types, or a pattern, are a wish for the whole file.
        let isFew = types.count <= Self.mostTypes && types.allSatisfy { $0.utf8.allSatisfy(Self.isNameByte) }
        instanceTypes = dataType == .onDemandPrices && isFew ? types : []
        for region in self.regions where !RegionName.isWellFormed(region) {
            throw APIError(
                .unknownRegion,
                "\(region.prefix(60)) is not an AWS region name",
                field: "regions",
                hint: "Send names such as us-east-1."
            )
        }
    }

    /// As stored in the job.
    package var json: JSONValue {
        var document: JSONObject = [
            "data_type": .string(dataType.rawValue), "regions": .array(regions.map { .string($0) }),
        ]
        if !instanceTypes.isEmpty { document["instance_types"] = .array(instanceTypes.map { .string($0) }) }
        return .object(document)
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x61...0x7A, UInt8(ascii: "-"), UInt8(ascii: "."): true
        default: false
        }
    }

    /// About as many rows as such a fetch brings: 25,000 for the feed, and per region 4,000 prices, 1,000 types or 5 zones.
    package var estimatedRecords: Int {
        switch dataType {
        case .spotAdvisor: 25_000
        case .onDemandPrices: (instanceTypes.isEmpty ? 4_000 : 4 * instanceTypes.count) * regions.count
        case .availabilityZones: 5 * regions.count
        case .instanceTypes: 1_000 * regions.count
        }
    }

    private static let allowed = (DataType.allCases.map(\.rawValue) + ["spot_prices"]).joined(separator: ", ")
}
