/// The numbers rightsizing judges by, each with its reason.
package struct RightsizePolicy: Sendable, Hashable {
    /// What becomes of a limit.
    package enum Limit: Sendable, Hashable {
        case none, keep
        /// This many times the request; at least 1.
        case factor(Double)
    }

    // Containers

    /// Added to what was used: the recommender's and krr's margin.
    package var margin = 0.15
    /// 10 millicores and 64 MiB: below that the runtime itself is most of the use.
    package var leastMillicores: Int64 = 10
    package var leastBytes: Int64 = 64 << 20
    /// Beyond any machine: absurd measurements end here.
    package var mostMillicores: Int64 = 1_000_000_000
    package var mostBytes: Int64 = 1 << 50
    /// Above this share of throttled periods the limit hides how much CPU is wanted.
    package var throttledShare = 0.05
    /// krr's factor on the limit under which a container was killed.
    package var killFactor = 1.25
    /// Smaller changes are not worth restarting pods.
    package var leastChange = 0.05
    package var cpuLimit = Limit.none
    package var memoryLimit = Limit.factor(1)
    /// krr refuses to judge on less.
    package var leastPoints = 100
    package var leastHours = 3.0

    // Nodes

    /// The documented thresholds in percent: below both means too large, above either too small.
    package var downsizeBelow = 50.0
    package var upsizeAbove = 80.0
    /// Above this a node is in danger, and saving waits.
    package var dangerAbove = 90.0
    /// The documented target of a smaller node, and the buffer of a larger one.
    package var downsizeTarget = 0.50
    package var upsizeBuffer = 0.20
    /// No more of what pods can use may be in use, at any time of the window.
    package var utilisation = 0.80
    package var leastSavingShare = 0.05
    /// USD per month.
    package var leastSaving = 5.0
    package var hoursPerMonth = 730.0

    // Confidence

    package var confidence = 0.80
    package var fullDays = 7.0
    package var forecastBonus = 0.10
    package var forecastOverride = 0.90
    package var mostConfidence = 0.95
    /// How much of a week a percentage counts for when the caller does not say over how long it was taken.
    package var unstatedWindow = 0.5
    /// A forecast that is smaller by more than this contradicts.
    package var divergence = 0.30

    // Execution

    package var waveShare = 0.25
    /// Measurements older than this say too little about today to shrink anything.
    package var staleDays = 8.0
    package var ageingDays = 1.0

    package init() {}

    package static let standard = RightsizePolicy()
}
