/// Brings a source's newest data into the store: fetch, check, write; the stored copy stays when anything fails.
package struct PriceRefresh: Sendable {
    private let store: PriceStore
    private let advisor: SpotAdvisorSource
    private let onDemand: OnDemandSource
    private let instanceTypes: @Sendable (_ region: String) -> InstanceTypeSource?

    /// - Parameters:
    ///   - store: Where the data goes.
    ///   - advisor: The Spot Advisor feed.
    ///   - onDemand: The public price list.
    ///   - instanceTypes: EC2's own catalogue of a region; nil without credentials.
    package init(
        store: PriceStore, advisor: SpotAdvisorSource, onDemand: OnDemandSource,
        instanceTypes: @escaping @Sendable (_ region: String) -> InstanceTypeSource?
    ) {
        self.store = store
        self.advisor = advisor
        self.onDemand = onDemand
        self.instanceTypes = instanceTypes
    }

    /// What a refresh found.
    package struct Outcome: Sendable, Equatable {
        package let source: String
        /// Rows stored now.
        package let rows: Int
        /// False when the stored copy was the newest already.
        package let changed: Bool
    }

    /// Conditional: an unchanged feed costs one short answer.
    package func spotAdvisor() async throws(PricingError) -> Outcome {
        let stored = try await store.source(PriceSourceStatus.spotAdvisor)
        do {
            // A sample has no ETag worth asking with: real data must replace it.
            switch try await advisor.fetch(etag: stored?.isSample == false ? stored?.etag : nil) {
            case .notModified:
                try await store.confirm(PriceSourceStatus.spotAdvisor)
                return Outcome(source: advisor.name, rows: stored?.rows ?? 0, changed: false)
            case .feed(let feed, let etag, let source):
                let outcome = try await store.replaceSpotAdvisor(feed, etag: etag, source: source)
                return Outcome(source: source, rows: outcome.rows, changed: outcome.changed)
            }
        } catch {
            try? await store.noteFailure(PriceSourceStatus.spotAdvisor, error)
            throw error
        }
    }

    /// The public offer file of one region, streamed; the same version is not fetched twice.
    package func onDemandPrices(region: String) async throws(PricingError) -> Outcome {
        let stored = try await store.source(PriceSourceStatus.onDemand, region: region)
        do {
            switch try await onDemand.fetch(region: region, knownVersion: stored?.isSample == false ? stored?.version : nil) {
            case .notModified:
                try await store.confirm(PriceSourceStatus.onDemand, region: region)
                return Outcome(source: onDemand.name, rows: stored?.rows ?? 0, changed: false)
            case .prices(let list, let source):
                let outcome = try await store.mergeOnDemand(list, source: source)
                return Outcome(source: source, rows: outcome.rows, changed: outcome.changed)
            }
        } catch {
            try? await store.noteFailure(PriceSourceStatus.onDemand, region: region, error)
            throw error
        }
    }

    /// The catalogue as EC2 describes it in one region: corrects, attribute by attribute, what weaker sources said.
    ///
    /// - Throws: ``PricingError`` `.refused` without credentials.
    package func catalogue(region: String) async throws(PricingError) -> Outcome {
        guard let source = instanceTypes(region) else {
            throw PricingError(
                .refused, "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY to ask EC2 for its instance types",
                in: "EC2 DescribeInstanceTypes in \(region)")
        }
        let facts = try await source.fetch()
        let name = "EC2 DescribeInstanceTypes"
        let outcome = try await store.mergeCatalogue(facts, source: name, region: region)
        return Outcome(source: name, rows: outcome.rows, changed: outcome.changed)
    }
}
