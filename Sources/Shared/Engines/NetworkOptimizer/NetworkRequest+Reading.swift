package import Contract

extension NetworkRequest {
    private static let trafficNames = [
        "traffic_matrix", "traffic", "network_traffic", "pod_traffic", "traffic_data", "network_flows", "flows",
        "flow_logs", "network_costs",
    ]

    /// Reads the question out of a decision request, under all the names that callers use.
    ///
    /// - Throws: 422 naming the field.
    package init(
        _ request: DecisionRequest,
        defaults: EngineDefaults,
        policy: NetworkPolicy = .standard
    ) throws(APIError) {
        region = defaults.region
        minimumPairGB = policy.minimumPairGB
        minimumBenefit = policy.minimumBenefit
        daysPerMonth = policy.daysPerMonth
        searchSteps = policy.searchSteps
        explains = request.explains
        var places = [request.requirementsReader, request.constraintsReader]
        let hasState = request.clusterState.object != nil
        if hasState { places.append(request.clusterStateReader) }
        let fields = SpotFields(places)
        cluster = request.cluster
        try readPlace(fields, request)
        try readLimits(SpotFields(Array(places.prefix(2))), policy)
        let prices = try ServicePriceOverrides(request.requirementsReader)
        price = prices.usd[.crossZoneTransfer]
        itemProblems += prices.problems
        try readZones(fields)
        try readServices(fields)
        try readTraffic(fields, request, policy)
    }

    private mutating func readPlace(_ fields: SpotFields, _ request: DecisionRequest) throws(APIError) {
        if let field = try fields.first(["region", "aws_region"]) {
            region = try field.regionName()
            regionField = field.field
            return
        }
        let stated = cluster.region.flatMap { RegionName.isWellFormed($0) ? $0 : nil }
        let place =
            stated
            ?? cluster.nodes.lazy.compactMap { $0.region ?? $0.zone.flatMap { RegionName.region(ofZone: $0) } }
            .filter(RegionName.isWellFormed).min()
        if let place {
            region = place
            regionField = request.clusterStateField
        } else {
            assumed.append("region")
        }
    }

    private mutating func readLimits(_ fields: SpotFields, _ policy: NetworkPolicy) throws(APIError) {
        maximumMoves = try fields.count(["max_moves", "max_pod_moves", "max_migrations"], upTo: 1_000_000)
        minimumPairGB =
            try fields.number(["min_pair_gb_per_day", "min_daily_gb", "min_traffic_gb"], in: 0...1e6, "GB a day")
            ?? minimumPairGB
        minimumBenefit =
            try fields.number(
                ["min_monthly_savings", "min_net_benefit_usd", "min_savings"],
                in: 0...1e9,
                "USD a month"
            )
            ?? minimumBenefit
        daysPerMonth = try fields.number(["days_per_month"], in: 1...31, "days") ?? daysPerMonth
        if let budget = try fields.count(["time_budget_ms"], from: 1, upTo: 60_000) {
            searchSteps = budget * policy.stepsPerMillisecond
        }
        if let field = try fields.first(["pinned_pods", "pinned", "do_not_move"]) { pinned = Set(try field.strings()) }
        if let field = try fields.first(["levers", "allowed_levers"]) {
            levers = []
            for name in try field.strings() {
                guard let lever = NetworkLever(rawValue: name.lowercased()) else {
                    throw field.invalid(
                        "names an unknown lever",
                        hint: "Send some of " + NetworkLever.allCases.map(\.rawValue).joined(separator: ", ") + "."
                    )
                }
                levers.insert(lever)
            }
        }
    }

    private mutating func readZones(_ fields: SpotFields) throws(APIError) {
        if let field = try fields.first(["zones", "availability_zones"]) {
            for element in try field.elements() {
                do throws(APIError) {
                    zones.append(try TrafficReading.zone(element))
                } catch {
                    itemProblems.append(ItemProblem(error, at: element))
                }
            }
            zones = Set(zones).sorted()
        }
        if let field = try fields.first(["zone_cpu_milli_capacity"]) {
            let amount = Int64(try field.number(in: 0...1e12, unit: "millicores"))
            for zone in zones { capacity[zone] = Self.room(millicores: amount) }
        }
        guard let field = try fields.first(["zone_capacity", "zone_capacities"]) else { return }
        for member in try field.object().members {
            let entry = JSONReader(member.value, path: .key(field.path, member.key))
            do throws(APIError) {
                let zone = try TrafficReading.zone(JSONReader(.string(member.key), path: entry.path))
                let amounts = SpotFields([entry])
                let cpu = try amounts.cores(["cpu", "vcpu", "cores"], upTo: 1e8).map(Int64.init)
                let milli = try amounts.count(["cpu_milli", "cpu_millicores"], upTo: 1_000_000_000_000).map(Int64.init)
                let memory = try amounts.mebibytes(
                    gib: ["memory", "memory_gib", "memory_gb"],
                    mib: ["memory_mib", "memory_mb"],
                    upTo: 1e8
                )
                let pods = try amounts.count(["pods"], upTo: 10_000_000)
                capacity[zone] = PodDemand(
                    millicores: cpu ?? milli ?? .max,
                    mebibytes: memory.map(Int64.init) ?? .max,
                    slots: pods.map(Int64.init) ?? .max
                )
            } catch {
                itemProblems.append(ItemProblem(error, at: entry))
            }
        }
    }

    private static func room(millicores: Int64) -> PodDemand {
        PodDemand(millicores: millicores, mebibytes: .max, slots: .max)
    }

    /// Services in the small form; native ones are read with the cluster.
    private mutating func readServices(_ fields: SpotFields) throws(APIError) {
        var known: Set<String> = []
        defer {
            // The reader of the cluster knows native services only.
            itemProblems += cluster.problems.filter { !known.contains($0.field) }
        }
        guard let field = try fields.first(["services"]), case .array = field.value else { return }
        for element in try field.elements() {
            guard let object = element.value.object, object["metadata"] == nil, object["spec"] == nil else { continue }
            do throws(APIError) {
                let entry = SpotFields([element])
                let name = try TrafficReading.name(try element.required("name", hint: "Name the service."))
                var declared = Declared()
                declared.isMovable = try entry.flag(["movable"])
                if try entry.flag(["pinned"]) == true { declared.isMovable = false }
                let milli = try entry.count(["cpu_milli", "cpu_millicores"], upTo: 1_000_000_000)
                let cores = try entry.cores(["cpu"], upTo: 1e6)
                declared.millicores = (milli ?? cores).map(Int64.init)
                declared.mebibytes =
                    try entry.mebibytes(gib: ["memory"], mib: ["memory_mib", "memory_mb"], upTo: 1e6).map(Int64.init)
                // Twice the same name: the stricter of the two counts, whatever order they came in.
                services[name] = services[name].map { Self.stricter($0, declared) } ?? declared
                known.insert(element.path.description)
            } catch {
                itemProblems.append(ItemProblem(error, at: element))
            }
        }
    }

    private static func stricter(_ left: Declared, _ right: Declared) -> Declared {
        func most(_ one: Int64?, _ two: Int64?) -> Int64? { [one, two].compactMap { $0 }.max() }
        return Declared(
            isMovable: left.isMovable == false || right.isMovable == false ? false : left.isMovable ?? right.isMovable,
            millicores: most(left.millicores, right.millicores),
            mebibytes: most(left.mebibytes, right.mebibytes)
        )
    }

    private mutating func readTraffic(
        _ fields: SpotFields,
        _ request: DecisionRequest,
        _ policy: NetworkPolicy
    ) throws(APIError) {
        var places = fields.places
        if request.clusterState.object != nil, let metrics = try request.clusterStateReader.optional("metrics"),
            case .object = metrics.value
        {
            places.append(metrics)
        }
        guard var field = try SpotFields(places).first(Self.trafficNames) else { return }
        if case .object = field.value, let inner = try field.first(of: ["items", "records", "rows", "matrix", "flows"])
        {
            field = inner
        }
        let limits = SpotFields(Array(fields.places.prefix(2)))
        let window = try limits.number(["window_hours", "traffic_window_hours"], in: 1.0 / 3600...24 * 366, "hours")
        let bytesPerGB = try limits.number(["bytes_per_gb"], in: 1e8...2e9, "bytes") ?? policy.bytesPerGB
        let reading = try TrafficReading(field, window: window, bytesPerGB: bytesPerGB)
        rows = reading.rows
        windowHours = reading.windowHours
        itemProblems += reading.problems
        hasTraffic = true
    }
}
