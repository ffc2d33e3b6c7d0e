package import Contract

extension RightsizeRequest {
    /// Reads the question out of a decision request.
    ///
    /// `requirements` are asked first, then `constraints`: callers put the same wish in either.
    ///
    /// - Throws: 422 naming the field, for a wrong type, a negative amount or an absurd one.
    package init(_ request: DecisionRequest, defaults: EngineDefaults) throws(APIError) {
        let fields = SpotFields([request.requirementsReader, request.constraintsReader])
        self.init(region: defaults.region)
        let measured = try MeasuredCluster(request, fields, defaults)
        cluster = measured.state
        usage = measured.usage
        itemProblems = cluster.problems + usage.problems
        (region, regionField) = (measured.region.name, measured.region.field)
        if measured.region.isAssumed { assumed.append("region") }
        explains = request.explains
        try readForecasts(request)
        try readWishes(fields)
        try readPolicy(fields)
    }

    private mutating func readWishes(_ fields: SpotFields) throws(APIError) {
        mode = try fields.choice(["mode"], Mode.self) ?? mode
        level = try fields.choice(["level", "scope"], Level.self) ?? level
        if let field = try fields.first(["workload_type", "workload"]) { workload = try field.string().lowercased() }
        allowed = try fields.patterns(["allowed_instance_types", "instance_types", "allowed_families"])
        blocked = try fields.patterns([
            "blocked_instance_types", "exclude_instance_types", "excluded_instance_types", "exclude_families",
        ])
        allowsBurstable = try fields.flag(["allow_burstable", "burstable"]) ?? true
        if let field = try fields.first(["architectures", "architecture", "arch"]) {
            for name in try field.strings() {
                switch name.lowercased() {
                case "amd64", "x86_64", "x86": architectures.insert(.amd64)
                case "arm64", "aarch64", "arm", "graviton": architectures.insert(.arm64)
                case "any", "all": architectures.formUnion(Architecture.allCases)
                default: throw field.invalid("names an unknown architecture", hint: "Send amd64, arm64 or any.")
                }
            }
        }
        leastCPU = try fields.count(["min_cpu_cores"], upTo: 4096)
        mostCPU = try fields.count(["max_cpu_cores"], from: 1, upTo: 1_000_000)
        leastMemoryGB = try fields.count(["min_memory_gb"], upTo: 65_536)
        mostMemoryGB = try fields.count(["max_memory_gb"], from: 1, upTo: 1_000_000_000)
    }

    private mutating func readPolicy(_ fields: SpotFields) throws(APIError) {
        if let share = try fields.number(["min_savings_percent"], in: 0...100, "percent") {
            policy.leastSavingShare = share / 100
        }
        policy.leastSaving = try fields.number(["min_savings_usd"], in: 0...1e9, "USD") ?? policy.leastSaving
        policy.cpuLimit = try fields.limit(["cpu_limit"]) ?? policy.cpuLimit
        policy.memoryLimit = try fields.limit(["memory_limit"]) ?? policy.memoryLimit
    }
}

extension SpotFields {
    fileprivate func choice<Choice: RawRepresentable<String> & CaseIterable>(
        _ names: [String],
        _: Choice.Type
    ) throws(APIError) -> Choice? {
        guard let field = try first(names) else { return nil }
        if let choice = Choice(rawValue: try field.string().lowercased()) { return choice }
        let known = Choice.allCases.map(\.rawValue).joined(separator: ", ")
        throw field.invalid("is not known", hint: "Send one of \(known).")
    }

    /// `none`, `keep`, `request`, or how many times the request.
    fileprivate func limit(_ names: [String]) throws(APIError) -> RightsizePolicy.Limit? {
        guard let field = try first(names) else { return nil }
        guard case .string(let text) = field.value else {
            return .factor(try field.number(in: 1...100, unit: "times the request"))
        }
        switch text.lowercased() {
        case "none", "remove": return RightsizePolicy.Limit.none
        case "keep": return .keep
        case "request", "equal": return .factor(1)
        default: throw field.invalid("is not known", hint: "Send none, keep, request, or a number from 1 to 100.")
        }
    }
}
