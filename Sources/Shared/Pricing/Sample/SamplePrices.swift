import Contract

/// A small set of prices of our own making, so that a machine without network and without files can answer something.
///
/// The numbers are invented: plausible in proportion, true of no day. Every answer built on them says SAMPLE.
package enum SamplePrices {
    package static let source = "SAMPLE"
    package static let regions = ["eu-west-1", "us-east-1"]

    private struct Family {
        var name: String
        var memoryPerVCPU: Int
        /// Invented dollars per vCPU and hour.
        var perVCPU: Double
        /// Invented band and savings of the smallest size; bigger sizes shift from there.
        var band: Int
        var savings: Int
    }

    private static let families = [
        Family(name: "m5", memoryPerVCPU: 4, perVCPU: 0.050, band: 1, savings: 58),
        Family(name: "m6i", memoryPerVCPU: 4, perVCPU: 0.050, band: 0, savings: 60),
        Family(name: "m7g", memoryPerVCPU: 4, perVCPU: 0.042, band: 0, savings: 62),
        Family(name: "c5", memoryPerVCPU: 2, perVCPU: 0.044, band: 2, savings: 55),
        Family(name: "c6i", memoryPerVCPU: 2, perVCPU: 0.044, band: 0, savings: 57),
        Family(name: "c7g", memoryPerVCPU: 2, perVCPU: 0.037, band: 0, savings: 59),
        Family(name: "r5", memoryPerVCPU: 8, perVCPU: 0.065, band: 1, savings: 63),
        Family(name: "r6i", memoryPerVCPU: 8, perVCPU: 0.065, band: 1, savings: 65),
        Family(name: "r7g", memoryPerVCPU: 8, perVCPU: 0.055, band: 0, savings: 66),
        Family(name: "t3", memoryPerVCPU: 4, perVCPU: 0.043, band: 1, savings: 64),
    ]

    /// Sizes with the pods that such a node takes.
    private static let sizes = [("large", 2, 29), ("xlarge", 4, 58), ("2xlarge", 8, 58), ("4xlarge", 16, 234)]

    private static let bands = [
        InterruptionBand(index: 0, label: "<5%", maxPercent: 5),
        InterruptionBand(index: 1, label: "5-10%", maxPercent: 11),
        InterruptionBand(index: 2, label: "10-15%", maxPercent: 16),
        InterruptionBand(index: 3, label: "15-20%", maxPercent: 22),
        InterruptionBand(index: 4, label: ">20%", maxPercent: 100),
    ]

    /// The sample's Spot Advisor rows, Linux only, and its types.
    package static var advisor: SpotAdvisorFeed {
        var rows: [SpotAdvisorRow] = []
        for (place, region) in regions.enumerated() {
            for family in families {
                for (step, size) in sizes.enumerated() {
                    let band = bands[min(bands.count - 1, family.band + (step + place) / 3)]
                    rows.append(
                        SpotAdvisorRow(
                            region: region,
                            operatingSystem: "Linux",
                            instanceType: "\(family.name).\(size.0)",
                            rateIndex: band.index,
                            label: band.label,
                            maxPercent: band.maxPercent,
                            savings: family.savings - 2 * step - place
                        )
                    )
                }
            }
        }
        return SpotAdvisorFeed(sample: rows, bands: bands, catalogue: catalogue)
    }

    /// The sample's On-Demand prices, Linux only.
    package static var onDemand: OnDemandPriceList {
        // A version that sorts before every real one.
        var list = OnDemandPriceList(version: "19700101000000")
        for (place, region) in regions.enumerated() {
            for family in families {
                for size in sizes {
                    let factor = place == 0 ? 1.1 : 1.0
                    guard let hourly = HourlyPrice(family.perVCPU * Double(size.1) * factor) else { continue }
                    list.prices.append(
                        OnDemandPrice(
                            region: region,
                            instanceType: "\(family.name).\(size.0)",
                            operatingSystem: "Linux",
                            hourly: hourly,
                            currency: "USD",
                            effectiveDate: "1970-01-01"
                        )
                    )
                }
            }
        }
        list.catalogue = catalogue
        list.report.rows = list.prices.count
        return list
    }

    private static var catalogue: [InstanceTypeFacts] {
        families.flatMap { family in
            sizes.compactMap { size in
                guard let name = InstanceTypeName("\(family.name).\(size.0)") else { return nil }
                var facts = InstanceTypeFacts(name, source: .sample)
                facts.set(vcpus: size.1, memoryMiB: size.1 * family.memoryPerVCPU * 1_024)
                facts.set(size.2, .maxPods, \.maxPods)
                return facts
            }
        }
    }
}
