package import Contract

/// What a caller asks the packing for, checked.
package struct PackRequest: Sendable {
    package enum Mode: String, Sendable, CaseIterable, Hashable {
        /// Empty nodes of a running cluster.
        case consolidate
        /// Pack the pods on new machines, whatever runs now.
        case pack
    }

    package var mode = Mode.consolidate
    package var region: String
    package var regionField: String?
    package var options = PackOptions()
    package var cluster: ClusterState
    /// Types that may be used in pack mode; empty: all.
    package var types: [NamePattern] = []
    package var explains = false
    /// The request says something about disruption budgets, if only that there are none.
    package var hasBudgets = false

    package init(_ request: DecisionRequest, defaults: EngineDefaults) throws(APIError) {
        cluster = ClusterState(reading: request)
        region = defaults.region
        explains = request.explains
        let state = request.clusterState
        hasBudgets =
            !cluster.disruptionBudgets.isEmpty
            || ["pdbs", "pod_disruption_budgets", "poddisruptionbudgets", "disruption_budgets"].contains {
                state[$0] != nil
            }
        let fields = SpotFields([request.constraintsReader, request.requirementsReader])
        try readRegion(fields, request)
        try readMode(fields)
        try readLimits(fields)
        try readPermissions(fields)
    }

    private mutating func readRegion(_ fields: SpotFields, _ request: DecisionRequest) throws(APIError) {
        if let field = try fields.first(["region", "aws_region"]) {
            let name = try field.string().lowercased()
            guard RegionName.isWellFormed(name) else {
                throw field.invalid(
                    "is not an AWS region name",
                    hint: "Send a name such as us-east-1.",
                    code: .unknownRegion
                )
            }
            region = name
            regionField = field.field
            return
        }
        let named =
            cluster.region
            ?? cluster.nodes.lazy.compactMap { node in
                node.region ?? node.zone.flatMap { RegionName.region(ofZone: $0) }
            }.min()
        // Clusters outside AWS have regions of their own kind: those say nothing here.
        guard let named, RegionName.isWellFormed(named.lowercased()) else { return }
        region = named.lowercased()
        regionField = request.clusterStateField
    }

    private mutating func readMode(_ fields: SpotFields) throws(APIError) {
        if let field = try fields.first(["mode"]) {
            guard let mode = Mode(rawValue: try field.string().lowercased()) else {
                throw field.invalid("is no known mode", hint: "Send consolidate or pack.")
            }
            self.mode = mode
        }
        if let field = try fields.first(["policy", "consolidation_policy"]) {
            guard let policy = PackOptions.Policy(rawValue: try field.string().lowercased()) else {
                throw field.invalid("is no known policy", hint: "Send savings or balanced.")
            }
            options.policy = policy
        }
        types = try fields.patterns(["instance_types", "allowed_instance_types", "instance_families"])
    }

    private mutating func readLimits(_ fields: SpotFields) throws(APIError) {
        options.threshold = try fields.number(
            ["utilization_threshold", "underutilization_threshold", "under_use_threshold"],
            in: 0...1
        )
        options.headroom = try fields.number(["headroom", "target_headroom"], in: 0...0.95) ?? 0
        options.maximumMoves = try fields.count(["max_moves", "max_migrations"], upTo: 1_000_000)
        options.maximumNodes = try fields.count(["max_nodes", "max_nodes_to_drain"], upTo: 1_000_000)
        options.timeBudgetMilliseconds = try fields.count(["time_budget_ms"], from: 1, upTo: 600_000)
        options.stepLimit = try fields.count(["step_limit"], from: 0, upTo: 20_000_000_000)
        options.minimumNodesPerZone = try fields.count(["min_nodes_per_zone", "zone_floor"], upTo: 1_000_000) ?? 0
        options.minimumZones = try fields.count(["min_zones"], upTo: 1000) ?? 0
        options.minimumNodes = try fields.count(["min_nodes"], upTo: 1_000_000) ?? options.minimumNodes
        options.maximumGraceSeconds = try fields.count(["max_grace_seconds"], upTo: 86_400) ?? 90
        options.nodesPerWave = try fields.count(["nodes_per_wave", "max_parallel_drains"], from: 1, upTo: 10_000) ?? 10
        if let percent = try fields.number(["max_spot_percentage"], in: 0...100) {
            options.maximumSpotShare = percent / 100
        }
        if let share = try fields.number(["max_spot_share"], in: 0...1) { options.maximumSpotShare = share }
    }

    private mutating func readPermissions(_ fields: SpotFields) throws(APIError) {
        options.allowsReplacement = try fields.flag(["allow_replacement"]) ?? true
        options.allowsSpotReplacement = try fields.flag(["allow_spot_replacement"]) ?? false
        options.allowsLocalStorage = try fields.flag(["allow_local_storage"]) ?? false
        options.protectsSystemPods = try fields.flag(["protect_system_pods"]) ?? false
    }
}
