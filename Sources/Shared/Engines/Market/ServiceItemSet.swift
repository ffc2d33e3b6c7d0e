/// Several items, as bits: costs are summed up by the hundred thousand.
package struct ServiceItemSet: Sendable, Hashable {
    private var bits: UInt32 = 0

    /// Ordered by their names in answers.
    private static let alphabetical = ServiceItem.allCases.sorted { $0.rawValue < $1.rawValue }

    package init() {}

    package var isEmpty: Bool { bits == 0 }

    package func contains(_ item: ServiceItem) -> Bool { bits & item.bit != 0 }
    package mutating func insert(_ item: ServiceItem) { bits |= item.bit }
    package mutating func formUnion(_ other: ServiceItemSet) { bits |= other.bits }

    package func union(_ other: ServiceItemSet) -> ServiceItemSet {
        var both = self
        both.formUnion(other)
        return both
    }

    /// In the order of their names.
    package var items: [ServiceItem] { Self.alphabetical.filter(contains) }

    /// The first of them by name.
    package var first: ServiceItem? { bits == 0 ? nil : Self.alphabetical.first(where: contains) }
}

extension ServiceItem {
    /// One bit for each item; which one means nothing beyond this process.
    fileprivate var bit: UInt32 {
        switch self {
        case .gp2Storage: 1 << 0
        case .gp3Storage: 1 << 1
        case .io1Storage: 1 << 2
        case .io2Storage: 1 << 3
        case .st1Storage: 1 << 4
        case .sc1Storage: 1 << 5
        case .standardStorage: 1 << 6
        case .snapshotStorage: 1 << 7
        case .archivedSnapshotStorage: 1 << 8
        case .gp3IOPS: 1 << 9
        case .gp3Throughput: 1 << 10
        case .io1IOPS: 1 << 11
        case .io2IOPSTier1: 1 << 12
        case .io2IOPSTier2: 1 << 13
        case .io2IOPSTier3: 1 << 14
        case .publicIPv4: 1 << 15
        case .crossZoneTransfer: 1 << 16
        }
    }
}
