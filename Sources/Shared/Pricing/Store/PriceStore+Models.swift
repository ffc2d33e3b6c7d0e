package import Contract
import Postgres

extension PriceStore {
    /// The last day that a model has seen, at its end in UTC; nil when there is no such model.
    ///
    /// - Throws: ``PricingError``, `store`.
    package func trainedUntil(modelID: String) async throws(PricingError) -> Timestamp? {
        let rows = try await read(
            "models",
            "SELECT trained_until_date::text FROM ml_models WHERE model_id::text = lower($1)",
            [.text(modelID)]
        )
        do {
            guard let day: String = try rows.first?.get(0) else { return nil }
            return Timestamp(day + "T00:00:00Z")?.adding(days: 1)
        } catch {
            throw PricingError(.store, "not understood", in: "models", cause: error)
        }
    }
}
