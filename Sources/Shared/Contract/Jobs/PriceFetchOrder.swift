/// `POST /pricing/fetch`: which public price source to fetch, for which regions.
package struct PriceFetchOrder: Sendable, Hashable {
    package enum DataType: String, Sendable, CaseIterable {
        case spotAdvisor = "spot_advisor"
        case onDemandPrices = "on_demand_prices"
        /// The catalogue, from EC2 itself: needs AWS credentials.
        case instanceTypes = "instance_types"
    }

    package let dataType: DataType
    /// Without meaning for the Spot Advisor feed, which covers all regions.
    package let regions: [String]

    /// Reads the request; dates and instance types are accepted and narrow nothing: both sources come whole.
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
        ["data_type": .string(dataType.rawValue), "regions": .array(regions.map { .string($0) })]
    }

    /// About as many rows as such a fetch brings: 25,000 for the feed, and per region 4,000 prices or 1,000 types.
    package var estimatedRecords: Int {
        switch dataType {
        case .spotAdvisor: 25_000
        case .onDemandPrices: 4_000 * regions.count
        case .instanceTypes: 1_000 * regions.count
        }
    }

    private static let allowed = (DataType.allCases.map(\.rawValue) + ["spot_prices"]).joined(separator: ", ")
}
