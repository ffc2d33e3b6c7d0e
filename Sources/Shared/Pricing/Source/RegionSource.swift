import Contract

/// Asks EC2 which regions an account may use, and how its zones are called elsewhere.
package struct RegionSource: Sendable {
    private let client: EC2Client

    package init(client: EC2Client) {
        self.client = client
    }

    /// A zone with the name that is the same in every account.
    package struct Zone: Sendable, Hashable {
        package var name: String
        package var id: String

        package init(name: String, id: String) {
            self.name = name
            self.id = id
        }
    }

    /// The regions that are open to the account, sorted; those it has not opted into are left out: they would refuse it.
    package func regions() async throws(PricingError) -> [String] {
        let document = "EC2 DescribeRegions"
        let reply = try DescribeReply(
            parsing: try await client.call("DescribeRegions"),
            set: "regionInfo",
            document: document
        )
        let names = reply.items.filter { $0["optInStatus"] != "not-opted-in" }.compactMap { $0["regionName"] }
            .filter(RegionName.isWellFormed)
        guard !names.isEmpty else { throw PricingError(.invalid, "no region is open to this account", in: document) }
        return Set(names).sorted()
    }

    /// The zones of the client's region, sorted by name.
    package func zones() async throws(PricingError) -> [Zone] {
        let document = "EC2 DescribeAvailabilityZones in \(client.region)"
        let reply = try DescribeReply(
            parsing: try await client.call("DescribeAvailabilityZones"),
            set: "availabilityZoneInfo",
            document: document
        )
        let zones = reply.items.compactMap { item -> Zone? in
            guard let name = item["zoneName"], let id = item["zoneId"], !name.isEmpty, !id.isEmpty else { return nil }
            return Zone(name: name, id: id)
        }
        return Set(zones).sorted { $0.name < $1.name }
    }
}
