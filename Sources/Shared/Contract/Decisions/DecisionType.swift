/// The eight decision engines and every name that callers use for them.
package enum DecisionType: String, Sendable, CaseIterable, Hashable {
    case spotOptimize = "spot_optimize"
    case binPack = "bin_pack"
    case rightsize = "rightsize"
    case schedule = "schedule"
    case ghostProbe = "ghost_probe"
    case volumeCleanup = "volume_cleanup"
    case networkOptimize = "network_optimize"
    case oomkilledRemediate = "oomkilled_remediate"

    /// The last segments of the paths below `/api/v1/ml/decision/`; the first is the one to document.
    package var pathSegments: [String] {
        switch self {
        case .spotOptimize: ["spot-optimize"]
        case .binPack: ["bin-pack"]
        case .rightsize: ["rightsize"]
        case .schedule: ["schedule", "office-hours"]
        case .ghostProbe: ["ghost-probe"]
        case .volumeCleanup: ["volume-cleanup"]
        case .networkOptimize: ["network-optimize"]
        case .oomkilledRemediate: ["oomkilled-remediate", "oomkilled-remediation"]
        }
    }

    /// The value of `engine` in a reply, as existing clients know it.
    package var engineName: String {
        switch self {
        case .spotOptimize: "SpotOptimizerEngine"
        case .binPack: "BinPackingEngine"
        case .rightsize: "RightsizingEngine"
        case .schedule: "OfficeHoursScheduler"
        case .ghostProbe: "GhostProbeScanner"
        case .volumeCleanup: "VolumeCleanupEngine"
        case .networkOptimize: "NetworkOptimizerEngine"
        case .oomkilledRemediate: "OOMKilledRemediationEngine"
        }
    }

    /// Names used for engine types elsewhere: upload forms, configuration, older documents.
    private var otherNames: [String] {
        switch self {
        case .spotOptimize: ["spot", "spot_optimizer", "spot_optimization"]
        case .binPack: ["bin_packing", "consolidation"]
        case .rightsize: ["rightsizing"]
        case .schedule: ["scheduler", "office_hours"]
        case .ghostProbe: []
        case .volumeCleanup: ["zombie_volume_cleanup"]
        case .networkOptimize: ["network_optimizer"]
        case .oomkilledRemediate: ["oomkilled_remediation"]
        }
    }

    /// The ghost probe compares two lists of its requirements; every other engine looks at the cluster.
    package var needsClusterState: Bool { self != .ghostProbe }

    /// Finds the engine for the last path segment of a decision route.
    package init?(pathSegment: String) {
        guard let match = Self.allCases.first(where: { $0.pathSegments.contains(pathSegment) }) else { return nil }
        self = match
    }

    /// Finds the engine for any of its names; case, hyphens and underscores do not matter.
    package init?(name: String) {
        let wanted = name.lowercased().split(separator: "-").joined(separator: "_")
        let match = Self.allCases.first { type in
            type.rawValue == wanted || type.otherNames.contains(wanted) || type.engineName.lowercased() == wanted
                || type.pathSegments.contains { $0.split(separator: "-").joined(separator: "_") == wanted }
        }
        guard let match else { return nil }
        self = match
    }
}
