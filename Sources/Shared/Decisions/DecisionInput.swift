package import Engines
package import Jobs

/// What a decision was made of, on its way into the archive.
package struct DecisionInput: Sendable {
    /// The attempt that decides: what one that loses its lease leaves behind belongs to no result.
    package let lease: Lease
    /// The request's bytes.
    package let request: [UInt8]
    package let market: MarketSnapshot

    package init(lease: Lease, request: [UInt8], market: MarketSnapshot) {
        self.lease = lease
        self.request = request
        self.market = market
    }
}

/// A decision that was made, with all it was made of.
package struct ArchivedDecision: Sendable {
    package let execution: JobID
    package let kind: String
    /// The answer as it was given, JSON text.
    package let result: String
    /// The request's bytes.
    package let request: [UInt8]
    package let market: RegionMarket
}

/// Why a decision cannot be made again.
package enum ArchiveGap: Error, Sendable, Equatable {
    /// There is no such decision of this tenant.
    case unknown
    /// It has not ended, or not with an answer.
    case undecided
    /// Its input is not kept any more, or never was.
    case inputGone
}
