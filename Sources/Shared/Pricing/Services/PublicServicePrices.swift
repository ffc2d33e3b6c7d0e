import Contract
package import Engines

/// List prices of services beside instances, as AWS publishes them, for the regions in which each figure was checked.
///
/// A dated table, since the price list's files for these items have hundreds of megabytes each. A region or an item that
/// is not here is missing, and the engines say so; a request may bring its own figures.
///
/// Checked:
/// - EBS storage, IOPS, throughput and snapshots: the AWS price list of AmazonEC2 as published on 2026-10-06, in an
///   extract of the offer files of us-east-1, us-west-2 and eu-west-1; storage and snapshots once more against the Price
///   List API of 2026-09-21, archived and standard snapshots against the EBS user guide.
/// - Public IPv4: 0.005 USD per hour and address in all regions since 2024-02-01, by AWS's announcement and VPC prices.
/// - Transfer between zones: 0.01 USD per GB on each side, as AWS states for EC2, as bills in us-west-2 show and as the
///   offer file of eu-west-1 has it.
package enum PublicServicePrices {
    private static let published = Timestamp(milliseconds: 1_791_307_494_000)  // 2026-10-06T17:24:54Z

    /// The prices of a region; empty for one that was not checked.
    package static func prices(in region: String) -> ServicePrices {
        guard let ebs = ebs[region] else { return everywhere(region) }
        return ServicePrices(
            usd: ebs.merging([.publicIPv4: 0.005, .crossZoneTransfer: 0.01]) { first, _ in first },
            source: DataSource(
                kind: "service_prices",
                name: "AWS public list prices: EBS by the AmazonEC2 price list, IPv4 since 2024-02-01, zone transfer",
                fetchedAt: published,
                version: "2026-10-06"
            )
        )
    }

    /// Where only the address has one price for all: the commercial regions, charged in USD.
    private static func everywhere(_ region: String) -> ServicePrices {
        let prefixes = ["us-east-", "us-west-", "eu-", "ap-", "ca-", "sa-", "af-", "me-", "il-", "mx-"]
        guard prefixes.contains(where: region.hasPrefix) else { return ServicePrices() }
        return ServicePrices(
            usd: [.publicIPv4: 0.005],
            source: DataSource(
                kind: "service_prices",
                name: "AWS public list prices: IPv4 since 2024-02-01",
                fetchedAt: Timestamp(milliseconds: 1_706_745_600_000),  // 2024-02-01
                version: "2024-02-01"
            )
        )
    }

    private static let northVirginia: [ServiceItem: Double] = [
        .gp2Storage: 0.10, .gp3Storage: 0.08, .io1Storage: 0.125, .io2Storage: 0.125, .st1Storage: 0.045,
        .sc1Storage: 0.015, .standardStorage: 0.05, .snapshotStorage: 0.05, .archivedSnapshotStorage: 0.0125,
        .gp3IOPS: 0.005, .gp3Throughput: 0.04, .io1IOPS: 0.065, .io2IOPSTier1: 0.065, .io2IOPSTier2: 0.0455,
        .io2IOPSTier3: 0.03185,
    ]

    private static let ebs: [String: [ServiceItem: Double]] = [
        "us-east-1": northVirginia,
        "us-west-2": northVirginia,
        "eu-west-1": [
            .gp2Storage: 0.11, .gp3Storage: 0.088, .io1Storage: 0.138, .io2Storage: 0.138, .st1Storage: 0.05,
            .sc1Storage: 0.0168, .standardStorage: 0.055, .snapshotStorage: 0.05, .archivedSnapshotStorage: 0.0125,
            .gp3IOPS: 0.0055, .gp3Throughput: 0.044, .io1IOPS: 0.072, .io2IOPSTier1: 0.072, .io2IOPSTier2: 0.0504,
            .io2IOPSTier3: 0.03528,
        ],
    ]
}
