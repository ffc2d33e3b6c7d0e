import Postgres

extension PriceStore {
    /// Notes how zones are called in every account, on the pools that lie in them.
    ///
    /// - Returns: How many pools have learned something.
    /// - Throws: ``PricingError``, `store`.
    package func learnZones(_ zones: [RegionSource.Zone], region: String) async throws(PricingError) -> Int {
        let learned = try await inTransaction("zones of \(region)") { transaction in
            try await transaction.query(
                """
                UPDATE pricing_pools p SET az_id = z.id FROM unnest($2::text[], $3::text[]) AS z(name, id)
                WHERE p.region = $1 AND p.availability_zone = z.name AND p.az_id IS DISTINCT FROM z.id
                """,
                [.text(region), .texts(zones.map(\.name)), .texts(zones.map(\.id))]
            ).affected
        }
        if learned > 0 { await onChange(.spotPrices(region: region)) }
        return learned
    }
}
