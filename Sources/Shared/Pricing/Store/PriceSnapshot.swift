package import FoundationEssentials

/// Everything the spot optimizer needs of one region and operating system, as of one data version.
package struct PriceSnapshot: Sendable {
    /// The data version; equal ids mean equal data, spot prices excepted while their window moves on.
    package var id: Int64
    package var region: String
    package var operatingSystem: String
    package var takenAt: Date
    /// Sorted by type.
    package var advisor: [SpotAdvisorRow]
    /// By type; one that is missing has no known price.
    package var onDemand: [String: OnDemandPrice]
    /// Sorted by type and zone; empty before spot prices have been fetched.
    package var spotPools: [SpotPool]
    /// By type, wherever vCPUs and memory are known.
    package var catalogue: [String: InstanceTypeSpec]
    /// The state of every source of this region's data.
    package var sources: [PriceSourceStatus]

    /// True when any of the data is a sample of our own making: the answer has to say so.
    package var isSample: Bool { sources.contains(where: \.isSample) }

    package var isEmpty: Bool { advisor.isEmpty && onDemand.isEmpty && spotPools.isEmpty }

    /// One spot pool: a type in a zone.
    package struct SpotPool: Sendable, Equatable {
        package var instanceType: String
        package var availabilityZone: String
        package var zoneID: String?
        /// The price that counts now, in USD, and since when.
        package var latest: Change?
        /// When a fetch last confirmed the price.
        package var confirmedAt: Date?
        /// Oldest first: the price that held when the window began, then every row inside it.
        package var changes: [Change]
    }

    package struct Change: Sendable, Equatable {
        package var at: Date
        package var price: HourlyPrice
    }
}
