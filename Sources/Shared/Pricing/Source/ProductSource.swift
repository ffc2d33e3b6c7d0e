import Contract

/// Tops up On-Demand prices of single types from GetProducts: seconds, where an offer file takes minutes.
package struct ProductSource: Sendable {
    /// Each type is a question of its own; more of them are an offer file's work.
    package static let mostTypes = 100
    /// A type has some dozen products that pass the filters.
    private static let mostPages = 50

    private let client: PriceListClient

    package init(client: PriceListClient) {
        self.client = client
    }

    /// What answers name as their source.
    package var name: String { "AWS Price List GetProducts" }

    /// The current prices of some types in a region, shared tenancy, every operating system.
    ///
    /// A type that AWS does not sell there is simply not among them.
    ///
    /// - Throws: ``PricingError``, `invalid` when none of the types has a price.
    package func fetch(region: String, instanceTypes: [String]) async throws(PricingError) -> OnDemandPriceList {
        let document = "\(name) for \(region)"
        guard RegionName.isWellFormed(region), instanceTypes.allSatisfy(InstanceTypeName.isPlausible) else {
            throw PricingError(.invalid, "not a region, or not instance types", in: document)
        }
        var reply = ProductReply()
        for type in Set(instanceTypes).sorted() { try await fetch(type, region, document, &reply) }
        return try reply.list(region: region, document: document)
    }

    private func fetch(
        _ type: String,
        _ region: String,
        _ document: String,
        _ reply: inout ProductReply
    ) async throws(PricingError) {
        var token: String?
        for _ in 0..<Self.mostPages {
            let body = try await client.call("GetProducts", Self.question(type, region, token))
            let next = try reply.read(body, region: region, document: document)
            guard let next, next != token else { return }
            token = next
        }
        throw PricingError(.invalid, "more than \(Self.mostPages) pages for \(type)", in: document)
    }

    private static func question(_ type: String, _ region: String, _ token: String?) -> [UInt8] {
        let filters = [
            ("regionCode", region), ("instanceType", type), ("tenancy", "Shared"), ("capacitystatus", "Used"),
            ("preInstalledSw", "NA"),
        ].map { field, value -> JSONValue in
            ["Type": "TERM_MATCH", "Field": .string(field), "Value": .string(value)]
        }
        var question: JSONObject = [
            "ServiceCode": "AmazonEC2", "FormatVersion": "aws_v1", "MaxResults": 100, "Filters": .array(filters),
        ]
        if let token { question["NextToken"] = .string(token) }
        return JSONValue.object(question).bytes()
    }
}
