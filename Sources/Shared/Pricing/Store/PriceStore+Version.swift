import Postgres

extension PriceStore {
    /// The version of all stored prices: it moves with every write that changed something.
    package func dataVersion() async throws(PricingError) -> Int64 {
        let rows = try await read("the data version", "SELECT version FROM price_data_version")
        do {
            return try rows.one().get("version")
        } catch {
            throw PricingError(.store, "not understood", in: "the data version", cause: error)
        }
    }
}
