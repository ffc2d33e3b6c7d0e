/// How often AWS took instances of a type back during the last month.
package struct InterruptionBand: Sendable, Hashable, Codable {
    /// The feed's index: 0 is the calmest, 4 the worst.
    ///
    /// Bands are known by index, not by position in the feed.
    package var index: Int
    /// As the feed words it, such as `5-10%`.
    package var label: String
    /// The feed's upper bound in percent.
    package var maximumPercent: Int

    package init(index: Int, label: String, maximumPercent: Int) {
        self.index = index
        self.label = label
        self.maximumPercent = maximumPercent
    }

    /// The five bands of the feed since 2017.
    package static let standard: [InterruptionBand] = [
        .init(index: 0, label: "<5%", maximumPercent: 5),
        .init(index: 1, label: "5-10%", maximumPercent: 11),
        .init(index: 2, label: "10-15%", maximumPercent: 16),
        .init(index: 3, label: "15-20%", maximumPercent: 22),
        .init(index: 4, label: ">20%", maximumPercent: 100),
    ]
}

/// One row of the Spot Advisor for one region and operating system.
package struct AdvisorEntry: Sendable, Hashable, Codable {
    package var instanceType: String
    package var band: InterruptionBand
    /// Percent below the on-demand price; negative when spot costs more.
    package var savingsPercent: Int

    package init(instanceType: String, band: InterruptionBand, savingsPercent: Int) {
        self.instanceType = instanceType
        self.band = band
        self.savingsPercent = savingsPercent
    }
}
