package import Contract

/// What a caller asks the spot optimizer for, checked: the question half of the optimizer's input.
package struct SpotRequest: Sendable, Hashable {
    package enum Ranking: String, Sendable, CaseIterable {
        case expectedCost = "expected_cost"
        case safety
    }

    package var region: String
    /// Where the region was named, for an error about it; nothing when it is the default.
    package var regionField: String?
    package var operatingSystem: RegionMarket.OperatingSystem = .linux
    /// Zones to stay within; empty means any.
    package var zones: [String] = []
    /// Zones the cluster runs in now; they stand in when the market knows none.
    package var clusterZones: [String] = []

    /// What one node must offer to pods.
    package var node = Demand()
    package var architectures: Set<Architecture> = [.amd64]
    package var gpuCount = 0
    package var families: [NamePattern] = []
    package var allowedTypes: [NamePattern] = []
    package var excludedTypes: [NamePattern] = []
    /// USD per hour.
    package var maximumPrice: Double?
    package var allowsBurstable = false
    package var allowsUnknown = false
    package var minimumGeneration: Int?

    /// Least acceptable safety score.
    package var minimumSafety: Double?
    /// Largest acceptable chance of an interruption within a month.
    package var maximumRisk: Double?
    package var workload: WorkloadType = .stateless
    /// USD per interruption.
    package var restartCost: Double?
    package var ranking: Ranking = .expectedCost
    package var limit = 10
    /// Instance hours watched so far: decides how much learned scores count.
    package var observedHours = 0.0

    /// How many nodes are wanted, when the caller counts nodes.
    package var nodeCount: Int?
    /// How much is wanted in total, when the caller counts capacity.
    package var total = Demand()

    /// The caller wants every candidate's score with the answer.
    package var explains = false

    /// Names of the assumptions made because the caller said nothing.
    package var assumed: [String] = []
    package var itemProblems: [ItemProblem] = []
    package var warnings: [String] = []

    package init(region: String) { self.region = region }

    /// A portfolio is worth building once there is more than one node to place.
    package var wantsPortfolio: Bool { (nodeCount ?? 1) > 1 || !total.isEmpty }

    /// An amount of what pods consume.
    package struct Demand: Sendable, Hashable {
        package var millicores = 0
        package var mebibytes = 0
        package var pods = 0

        package init(millicores: Int = 0, mebibytes: Int = 0, pods: Int = 0) {
            self.millicores = millicores
            self.mebibytes = mebibytes
            self.pods = pods
        }

        package var isEmpty: Bool { millicores == 0 && mebibytes == 0 && pods == 0 }
    }
}

/// A family, a type or a pattern over their names.
///
/// `m5` is the family m5 and nothing else: not m5a. `m5*` is every family that begins so; `m5.*` is m5 again;
/// `m5.large` is one type.
package struct NamePattern: Sendable, Hashable {
    package let text: String

    package init(_ text: String) { self.text = text.lowercased() }

    package func matches(type: String, family: String) -> Bool {
        if text.hasSuffix("*") {
            let prefix = text.dropLast()
            return type.hasPrefix(prefix)
        }
        return text == family || text == type
    }
}
