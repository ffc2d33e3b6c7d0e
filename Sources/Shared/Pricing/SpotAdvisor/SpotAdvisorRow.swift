/// One line of the Spot Advisor: how often AWS took a type back in a region during the last month, and what it saves.
package struct SpotAdvisorRow: Sendable, Equatable {
    package var region: String
    /// `Linux` or `Windows`: the same type in the same region differs between the two.
    package var operatingSystem: String
    package var instanceType: String
    package var rateIndex: Int
    /// The band as AWS words it, such as `5-10%`.
    package var label: String
    /// Upper end of the band in percent (5, 11, 16, 22, 100 in today's feed).
    package var maxPercent: Int
    /// Percent below the On-Demand price; negative when Spot is dearer.
    package var savings: Int

    package init(
        region: String,
        operatingSystem: String,
        instanceType: String,
        rateIndex: Int,
        label: String,
        maxPercent: Int,
        savings: Int
    ) {
        self.region = region
        self.operatingSystem = operatingSystem
        self.instanceType = instanceType
        self.rateIndex = rateIndex
        self.label = label
        self.maxPercent = maxPercent
        self.savings = savings
    }
}

/// A band of interruption rates, as the feed's `ranges` define it.
package struct InterruptionBand: Sendable, Equatable {
    package var index: Int
    package var label: String
    package var maxPercent: Int
}
