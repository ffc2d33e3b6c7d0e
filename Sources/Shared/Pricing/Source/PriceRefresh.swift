/// Brings the store up to date from a source: conditional fetch, then store, confirm, or note why it failed.
package struct PriceRefresh: Sendable {
    private let store: PriceStore

    package init(store: PriceStore) {
        self.store = store
    }

    package enum Outcome: Sendable, Equatable {
        case stored(PriceStore.WriteOutcome, source: String)
        /// The source still has what is stored; the time of confirmation moved.
        case unchanged
    }

    /// Fetches the Spot Advisor feed and makes the store equal to it.
    ///
    /// With `force`, even an unchanged feed is fetched, and one that shrank accepted.
    ///
    /// - Throws: ``PricingError``; the last good copy stays, and the failure is on record in its source's state.
    package func spotAdvisor(
        from source: SpotAdvisorSource,
        force: Bool = false
    ) async throws(PricingError) -> Outcome {
        let name = PriceSourceStatus.spotAdvisor
        let known = try await store.source(name)
        do throws(PricingError) {
            // Another source's ETag, or a sample's, says nothing about this one.
            let etag = known.flatMap { !force && !$0.isSample && $0.source == source.name ? $0.etag : nil }
            switch try await source.fetch(etag: etag) {
            case .notModified:
                try await store.confirm(name)
                return .unchanged
            case .feed(let feed, let etag, let source):
                let outcome = try await store.replaceSpotAdvisor(feed, etag: etag, source: source, force: force)
                return outcome.changed ? .stored(outcome, source: source) : .unchanged
            }
        } catch {
            await note(error, name, region: nil)
            throw error
        }
    }

    /// Fetches a region's offer file and merges its prices and attributes.
    ///
    /// - Throws: ``PricingError``; stored prices stay, and the failure is on record in their source's state.
    package func onDemand(
        from source: OnDemandSource,
        region: String,
        force: Bool = false
    ) async throws(PricingError) -> Outcome {
        let name = PriceSourceStatus.onDemand
        let known = try await store.source(name, region: region)
        do throws(PricingError) {
            let version = known.flatMap { !force && !$0.isSample && $0.source == source.name ? $0.version : nil }
            switch try await source.fetch(region: region, knownVersion: version) {
            case .notModified:
                try await store.confirm(name, region: region)
                return .unchanged
            case .prices(let list, let source):
                return .stored(try await store.mergeOnDemand(list, source: source, force: force), source: source)
            }
        } catch {
            await note(error, name, region: region)
            throw error
        }
    }

    /// Asks for the prices of some types alone, and merges them: the whole of the region keeps its own age.
    ///
    /// - Throws: ``PricingError``; stored prices stay.
    package func products(
        from source: ProductSource,
        region: String,
        instanceTypes: [String]
    ) async throws(PricingError) -> Outcome {
        let list = try await source.fetch(region: region, instanceTypes: instanceTypes)
        let outcome = try await store.mergeOnDemand(list, source: source.name, isPart: true)
        return outcome.changed ? .stored(outcome, source: source.name) : .unchanged
    }

    /// Learns how the zones of a region are called in every account.
    ///
    /// - Throws: ``PricingError``.
    package func zones(from source: RegionSource, region: String) async throws(PricingError) -> Outcome {
        let learned = try await store.learnZones(try await source.zones(), region: region)
        let outcome = PriceStore.WriteOutcome(
            version: try await store.dataVersion(),
            changed: learned > 0,
            rows: learned
        )
        return learned > 0 ? .stored(outcome, source: "EC2 DescribeAvailabilityZones") : .unchanged
    }

    /// Teaches the catalogue what EC2 itself says of a region's types: it corrects weaker sources field by field.
    ///
    /// - Throws: ``PricingError``; the catalogue stays as it is.
    package func catalogue(from source: InstanceTypeSource) async throws(PricingError) -> Outcome {
        let outcome = try await store.mergeCatalogue(
            try await source.fetch(),
            source: source.name,
            region: source.region
        )
        return .stored(outcome, source: source.name)
    }

    /// A failure to record a failure would hide the first one.
    private func note(_ error: PricingError, _ name: String, region: String?) async {
        if error.code == .cancelled || error.code == .store { return }
        do throws(PricingError) { try await store.noteFailure(name, region: region, error) } catch { return }
    }
}
