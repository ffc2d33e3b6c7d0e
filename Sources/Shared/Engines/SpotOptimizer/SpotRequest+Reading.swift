package import Contract

extension SpotRequest {
    /// Reads the question out of a decision request, under all the names that callers use.
    ///
    /// `requirements` are asked first, then `constraints`: callers put the same wish in either.
    ///
    /// - Throws: 422 naming the field, for a wrong type, a negative amount or an absurd one.
    package init(
        _ request: DecisionRequest,
        defaults: EngineDefaults,
        policy: SpotPolicy = .standard
    ) throws(APIError) {
        let fields = SpotFields([request.requirementsReader, request.constraintsReader])
        let cluster = try ClusterPlace(request)
        self.init(region: defaults.region)
        itemProblems = cluster.problems
        explains = request.explains
        try readPlace(fields, cluster, request)
        try readNode(fields)
        try readFilters(fields)
        try readJudgement(fields, policy)
        try readAmounts(fields)
    }

    private mutating func readPlace(
        _ fields: SpotFields,
        _ cluster: ClusterPlace,
        _ request: DecisionRequest
    ) throws(APIError) {
        if let field = try fields.first(["region", "regions", "aws_region"]) {
            let names = try field.strings()
            guard let name = names.first else { throw field.invalid("must name a region") }
            guard RegionName.isWellFormed(name.lowercased()) else {
                throw field.invalid(
                    "is not an AWS region name",
                    hint: "Send a name such as us-east-1.",
                    code: .unknownRegion
                )
            }
            region = name.lowercased()
            regionField = field.field
            if names.count > 1 { warnings.append("one region per decision: only \(region) was considered") }
        } else if let place = cluster.region {
            region = place
            regionField = request.clusterStateField
        } else {
            assumed.append("region")
        }
        clusterZones = cluster.zones.filter { RegionName.region(ofZone: $0) == region }
        if let field = try fields.first(["zones", "availability_zones", "availability_zone", "zone"]) {
            zones = Set(try field.strings().map { $0.lowercased() }).sorted()
            for zone in zones where RegionName.region(ofZone: zone) != region {
                throw field.invalid(
                    "names \(zone), which is not a zone of \(region)",
                    hint: "Send zones such as \(region)a."
                )
            }
        }
        if let field = try fields.first(["operating_system", "os", "platform", "product_description"]) {
            operatingSystem = try Self.operatingSystem(field)
        }
    }

    private static func operatingSystem(_ field: JSONReader) throws(APIError) -> RegionMarket.OperatingSystem {
        switch try field.string().lowercased() {
        case "linux", "linux/unix", "linux/unix (amazon vpc)", "bottlerocket", "amazon_linux": return .linux
        case "windows", "windows (amazon vpc)": return .windows
        default: throw field.invalid("is not supported", hint: "Send Linux or Windows.")
        }
    }

    private mutating func readNode(_ fields: SpotFields) throws(APIError) {
        let cpu = try fields.cores(SpotFields.cpuNames, upTo: 4096)
        let memory = try fields.mebibytes(gib: SpotFields.memoryNames, mib: SpotFields.memoryMiBNames, upTo: 65_536)
        node.millicores = cpu ?? 0
        node.mebibytes = memory ?? 0
        node.pods = try fields.count(["pods", "min_pods", "pod_count", "max_pods_required"], upTo: 10_000) ?? 0
        if let field = try fields.first(["gpu", "gpus", "gpu_count", "min_gpu"]) {
            if case .bool(let wanted) = field.value {
                gpuCount = wanted ? 1 : 0
            } else {
                gpuCount = Int(try field.integer(in: 0...64))
            }
        }
        if let field = try fields.first(["architecture", "architectures", "arch", "cpu_architecture"]) {
            architectures = try Self.architectures(field)
        } else {
            assumed.append("architecture")
        }
    }

    private static func architectures(_ field: JSONReader) throws(APIError) -> Set<Architecture> {
        var found: Set<Architecture> = []
        for name in try field.strings() {
            switch name.lowercased() {
            case "amd64", "x86_64", "x86", "intel", "amd": found.insert(.amd64)
            case "arm64", "aarch64", "arm", "graviton": found.insert(.arm64)
            case "any", "all", "*": found.formUnion(Architecture.allCases)
            default: throw field.invalid("names an unknown architecture", hint: "Send amd64, arm64 or any.")
            }
        }
        guard !found.isEmpty else { throw field.invalid("must not be empty", hint: "Send amd64, arm64 or any.") }
        return found
    }

    private mutating func readFilters(_ fields: SpotFields) throws(APIError) {
        families = try fields.patterns([
            "instance_families", "families", "preferred_families", "allowed_families", "instance_family",
        ])
        allowedTypes = try fields.patterns(["allowed_instance_types", "instance_types", "allowed_instances"])
        excludedTypes =
            try fields.patterns([
                "exclude_instance_types", "excluded_instance_types", "exclude_instances", "exclude_types",
            ]) + fields.patterns(["exclude_families", "excluded_families"])
        maximumPrice = try fields.number(["max_price", "max_hourly_price", "max_spot_price"], in: 0...10_000, "USD")
        allowsBurstable = try fields.flag(["allow_burstable", "burstable"]) ?? false
        allowsUnknown = try fields.flag(["allow_unknown"]) ?? false
        minimumGeneration = try fields.count(["min_generation", "generation"], upTo: 99)
    }

    private mutating func readJudgement(_ fields: SpotFields, _ policy: SpotPolicy) throws(APIError) {
        minimumSafety = try fields.number(["min_safety_score", "min_safety", "min_risk_score"], in: 0...1)
        maximumRisk = try fields.number(
            ["max_interruption_risk", "risk_threshold", "max_risk", "max_interruption_probability"],
            in: 0...1
        )
        if let field = try fields.first(["workload_type", "workload"]) {
            guard let type = WorkloadType(name: try field.string()) else {
                throw field.invalid("is no known kind of workload", hint: "Send stateless, batch or stateful.")
            }
            workload = type
        } else if try fields.flag(["stateful"]) == true {
            workload = .stateful
        } else {
            assumed.append("workload_type")
        }
        restartCost = try fields.number(["restart_cost_usd", "restart_cost"], in: 0...1_000_000, "USD")
        if restartCost == nil { assumed.append("restart_cost_usd") }
        if let field = try fields.first(["rank_by", "ranking", "sort_by"]) {
            guard let order = Ranking(rawValue: try field.string().lowercased()) else {
                throw field.invalid("is no known order", hint: "Send expected_cost or safety.")
            }
            ranking = order
        }
        limit = try fields.count(["limit", "max_recommendations", "top_n"], from: 1, upTo: 100) ?? limit
        observedHours =
            try fields.number(
                ["observed_hours", "uptime_hours", "total_instance_hours", "instance_hours"],
                in: 0...1e12,
                "hours"
            )
            ?? 0
    }

    private mutating func readAmounts(_ fields: SpotFields) throws(APIError) {
        nodeCount = try fields.count(
            ["node_count", "count", "replicas", "target_capacity", "target_nodes", "required_nodes"],
            from: 1,
            upTo: 10_000
        )
        total.millicores =
            try fields.cores(["total_cpu", "total_vcpu", "total_vcpus", "total_cpu_cores"], upTo: 10_000_000) ?? 0
        total.mebibytes =
            try fields.mebibytes(
                gib: ["total_memory", "total_memory_gb", "total_memory_gib"],
                mib: ["total_memory_mb", "total_memory_mib"],
                upTo: 100_000_000
            ) ?? 0
        total.pods = try fields.count(["total_pods"], upTo: 10_000_000) ?? 0
        if node.isEmpty, total.isEmpty {
            // What the documented service assumes for a caller who asks for nothing in particular.
            node.millicores = 2000
            node.mebibytes = 4096
            assumed.append("cpu")
            assumed.append("memory")
        }
    }
}
