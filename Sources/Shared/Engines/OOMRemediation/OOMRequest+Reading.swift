package import Contract

extension OOMRequest {
    /// Reads the question out of a decision request.
    ///
    /// - Throws: 422 naming the field, for a wrong type or a value out of range.
    package init(_ request: DecisionRequest, defaults: EngineDefaults) throws(APIError) {
        let fields = SpotFields([request.requirementsReader, request.constraintsReader])
        self.init(region: defaults.region)
        let measured = try MeasuredCluster(request, fields, defaults)
        cluster = measured.state
        usage = measured.usage
        (region, regionField) = (measured.region.name, measured.region.field)
        if measured.region.isAssumed { assumed.append("region") }
        itemProblems = cluster.problems
        explains = request.explains
        try readEvents(request)
        itemProblems += usage.problems
        try readOriginals(request)
        policy.factor = try fields.number(["increase_factor", "memory_increase_factor"], in: 1...2) ?? policy.factor
        policy.most = try fields.number(["max_increase_factor"], in: 1...2) ?? policy.most
        if let kills = try fields.count(["max_kills", "manual_review_after"], upTo: 1000) {
            policy.toleratedKills = Int64(kills)
        }
    }

    private mutating func readEvents(_ request: DecisionRequest) throws(APIError) {
        for place in [request.requirementsReader, request.clusterStateReader] {
            guard case .object = place.value, let field = try place.optional("pod_events") else { continue }
            let read = try field.items { (item) throws(APIError) in try OOMRecord(item) }
            podEvents += read.items
            itemProblems += read.problems
        }
    }

    /// `original_limits`: MiB as numbers, or quantities, by name.
    private mutating func readOriginals(_ request: DecisionRequest) throws(APIError) {
        for place in [request.requirementsReader, request.clusterStateReader] {
            guard case .object = place.value, let field = try place.first(of: ["original_limits", "limit_history"])
            else { continue }
            for member in try field.object().members {
                let reader = JSONReader(member.value, path: .key(field.path, member.key))
                do throws(APIError) {
                    let bytes = try OOMRecord.memory(reader)
                    originals[member.key] = min(originals[member.key] ?? bytes, bytes)
                } catch {
                    itemProblems.append(ItemProblem(error, at: reader))
                }
            }
        }
    }
}

extension OOMRecord {
    /// Reads one record; everything but the reason may be missing.
    init(_ reader: JSONReader) throws(APIError) {
        self.init()
        _ = try reader.object()
        if let field = try reader.optional("namespace") { namespace = try field.string() }
        try readNames(reader)
        reason = try reader.first(of: ["reason", "type"])?.string() ?? ""
        if let field = try reader.optional("message"), case .string(let text) = field.value {
            message = String(text.prefix(2000))
        }
        exitCode = try reader.first(of: ["exit_code", "exitCode"])?.integer(in: -1_000_000...1_000_000)
        restartCount = try reader.first(of: ["restart_count", "restartCount"])?.integer(in: 0...1_000_000_000)
        let times = ["finished_at", "finishedAt", "timestamp", "time", "lastTimestamp", "last_timestamp"]
        if let field = try reader.first(of: times) {
            guard let at = SeriesReader.milliseconds(field.value) else {
                throw field.invalid("is no time", hint: "Write it as 2026-01-31T08:30:00Z or in seconds since 1970.")
            }
            self.at = Timestamp(milliseconds: at)
        }
        count = try reader.optional("count")?.integer(in: 1...1_000_000_000) ?? 1
        limit = try Self.memory(reader, ["current_memory_mb", "memory_limit_mb", "memory_limit", "limit"])
        request = try Self.memory(reader, ["memory_request_mb", "memory_request", "request"])
        peak = try Self.memory(reader, ["peak_memory_mb", "peak_memory", "memory_usage_mb", "memory_peak_mb"])
        originalLimit = try Self.memory(reader, ["original_memory_mb", "original_memory_limit", "original_limit_mb"])
    }

    private mutating func readNames(_ reader: JSONReader) throws(APIError) {
        let owners = [
            ("deployment", "Deployment"), ("statefulset", "StatefulSet"), ("daemonset", "DaemonSet"),
            ("cronjob", "CronJob"), ("job", "Job"), ("owner_name", ""), ("workload", ""),
        ]
        for (name, kind) in owners {
            guard let field = try reader.optional(name) else { continue }
            owner = try field.string()
            ownerKind = kind
            break
        }
        if let field = try reader.optional("owner_kind") { ownerKind = try field.string() }
        if let field = try reader.first(of: ["pod", "pod_name"]) { pod = try field.string() }
        if let field = try reader.first(of: ["pod_uid", "uid"]) { podUID = try field.string() }
        if let field = try reader.first(of: ["container", "container_name"]) { container = try field.string() }
        guard !owner.isEmpty || !pod.isEmpty else {
            throw reader.invalid("names neither a deployment nor a pod", hint: "Send deployment or pod.")
        }
    }

    private static func memory(_ reader: JSONReader, _ names: [String]) throws(APIError) -> Int64? {
        guard let field = try reader.first(of: names) else { return nil }
        return try memory(field)
    }

    /// Bytes from a number of MiB or a quantity.
    ///
    /// The document writes "MB"; Kubernetes limits are powers of two, so MiB it is.
    static func memory(_ field: JSONReader) throws(APIError) -> Int64 {
        if case .string(let text) = field.value {
            guard let quantity = Quantity(text), quantity >= .zero else {
                throw field.invalid("is no amount of memory", hint: "Send MiB as a number or a text such as \"512Mi\".")
            }
            return min(quantity.units, 1 << 60)
        }
        return Int64((try field.number(in: 0...1e9, unit: "MiB") * 1_048_576).rounded())
    }
}
