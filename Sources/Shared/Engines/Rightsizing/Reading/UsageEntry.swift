import Contract

/// The members of one entry about a container, a pod or a node.
enum UsageEntry {
    private static let cpuNames = ["cpu", "cpu_cores", "cpu_usage_cores", "cpu_usage", "cpuUsage"]
    private static let millicoreNames = ["cpu_millicores", "cpu_m", "cpu_usage_millicores"]
    private static let memoryNames = [
        "memory", "memory_bytes", "memory_usage_bytes", "memory_working_set_bytes", "memory_working_set",
        "working_set_bytes", "memory_usage", "memoryUsage",
    ]
    private static let mebibyteNames = ["memory_mib", "memory_mb", "memory_usage_mib", "memory_usage_mb"]
    private static let gibibyteNames = ["memory_gib", "memory_gb", "memory_usage_gib", "memory_usage_gb"]
    private static let throttledNames = [
        "throttled", "throttling", "cpu_throttling", "cpu_throttled", "throttled_pct", "cpu_throttled_pct",
        "cpu_throttling_pct", "throttled_percent", "throttled_ratio", "cpu_throttled_ratio",
    ]
    private static let cpuPercentNames = [
        "cpu_usage_pct", "cpu_pct", "cpu_percent", "cpu_usage_percent", "cpu_utilization", "cpu_utilization_pct",
        "cpu_p95_pct",
    ]
    private static let memoryPercentNames = [
        "memory_usage_pct", "memory_pct", "memory_percent", "memory_usage_percent", "memory_utilization",
        "memory_utilization_pct", "memory_p95_pct",
    ]
    /// Documented as shares of 1.
    private static let cpuShareNames = ["cpu_usage_percentage", "cpu_percentage"]
    private static let memoryShareNames = ["memory_usage_percentage", "memory_percentage"]
    private static let averageNames = ["cpu_average_pct", "cpu_avg_pct", "avg_cpu_pct", "cpu_usage_avg_pct"]
    private static let dayNames = ["days", "history_days", "window_days", "observed_days"]

    private static let measureNames = Set(
        cpuNames + millicoreNames + memoryNames + mebibyteNames + gibibyteNames + throttledNames + cpuPercentNames
            + memoryPercentNames + cpuShareNames + memoryShareNames + averageNames
    )

    /// Members that are no entries of their own.
    static let ownNames = Set(
        dayNames + cpuPercentNames + memoryPercentNames + cpuShareNames + memoryShareNames + averageNames
            + millicoreNames
            + mebibyteNames + gibibyteNames + [
                "kind", "apiVersion", "metadata", "timestamp", "window", "usage", "name", "namespace", "pod",
                "pod_name",
                "container", "container_name", "node", "node_name", "status", "resultType", "warnings", "query",
                "network_mbps", "network_mbps_p95", "ebs_mbps", "ebs_mbps_p95", "local_disk_gb", "local_disk_used_gb",
            ]
    )

    /// What a series under this name measures.
    static func metric(named name: String) -> UsageMetric? {
        if cpuNames.contains(name) { return .cpu }
        if memoryNames.contains(name) { return .memory }
        return throttledNames.contains(name) ? .throttled : nil
    }

    static func measures(_ object: JSONObject) -> Bool {
        object.members.contains { $0.key == "usage" || measureNames.contains($0.key) }
    }

    /// Takes the names and the stamp of an entry.
    static func take(_ object: JSONObject, _ place: inout UsageReader.Place) {
        func text(_ names: String...) -> String? {
            for name in names {
                if let text = object[name]?.string, !text.isEmpty, text.utf8.count <= 253 { return text }
            }
            return nil
        }
        if let stamp = object["timestamp"].flatMap(SeriesReader.milliseconds) { place.stamp = stamp }
        let metadata = object["metadata"]?.object
        if let namespace = text("namespace") ?? metadata?["namespace"]?.string { place.namespace = namespace }
        let isNode = place.names == .nodes || object["kind"]?.string == "NodeMetrics"
        var found = false
        if let node = text("node_name", "node"), place.pod.isEmpty, text("pod", "pod_name") == nil {
            place.node = node
            found = true
        }
        if let pod = text("pod", "pod_name") {
            place.pod = pod
            found = true
        }
        if let container = text("container", "container_name") {
            place.container = container
            found = true
        }
        if let name = metadata?["name"]?.string ?? text("name"), !found {
            if isNode {
                place.node = name
            } else if place.pod.isEmpty {
                place.pod = name
            } else {
                place.container = name
            }
        }
    }

    /// True when the members that look like measurements hold entries by name or answers of Prometheus.
    static func isIndex(_ object: JSONObject) -> Bool {
        object.members.allSatisfy { member in
            guard metric(named: member.key) != nil else { return !measureNames.contains(member.key) }
            return member.value.object != nil || member.value.array?.first?["metric"] != nil
        }
    }

    static func container(_ object: JSONObject, stamp: Int64?, skipped: inout Int) -> ContainerUsage {
        var usage = ContainerUsage()
        usage.cpu = cpu(object, stamp, &skipped)
        usage.memory = memory(object, stamp, &skipped)
        let throttled = first(object, throttledNames, 1, stamp, &skipped)
        usage.throttled = throttled.points.map(\.value).max().map(PrometheusReader.share)
        return usage
    }

    static func node(_ object: JSONObject, stamp: Int64?, skipped: inout Int) -> NodeUsage {
        var usage = NodeUsage()
        readPercents(object, &usage, &skipped)
        // Under these two names a node's entry holds percentages, whole or as shares.
        var rest = object
        rest["cpu_usage"] = nil
        if (object["memory_usage"].flatMap(SeriesReader.amount) ?? .infinity) <= 100 { rest["memory_usage"] = nil }
        usage.cpu = cpu(rest, stamp, &skipped)
        usage.memory = memory(rest, stamp, &skipped)
        usage.averageCPUPercent = amount(object, averageNames)
        usage.days = amount(object, dayNames).map { min($0, 3650) }
        usage.networkMbps = amount(object, ["network_mbps_p95", "network_mbps"])
        usage.ebsMbps = amount(object, ["ebs_mbps_p95", "ebs_mbps"])
        usage.localDiskGB = amount(object, ["local_disk_used_gb", "local_disk_gb"])
        return usage
    }

    private static func readPercents(_ object: JSONObject, _ usage: inout NodeUsage, _ skipped: inout Int) {
        let cpu = object.first(cpuPercentNames)
        let memory = object.first(memoryPercentNames)
        usage.cpuPercent = cpu.flatMap(SeriesReader.amount)
        usage.memoryPercent = memory.flatMap(SeriesReader.amount)
        if usage.cpuPercent == nil, let cpu {
            usage.cpuPercentSeries = SeriesReader.series(cpu, skipped: &skipped) ?? UsageSeries()
        }
        if usage.memoryPercent == nil, let memory {
            usage.memoryPercentSeries = SeriesReader.series(memory, skipped: &skipped) ?? UsageSeries()
        }
        if let share = amount(object, cpuShareNames) { usage.cpuPercent = share <= 1 ? share * 100 : share }
        if let share = amount(object, memoryShareNames) { usage.memoryPercent = share <= 1 ? share * 100 : share }
        readBareUsage(object, &usage)
    }

    /// `cpu_usage` and `memory_usage`: percentages, or shares when neither exceeds 1.
    ///
    /// Reading 0.4 as 40 % rather than as 0.4 % is the mistake that shrinks nothing.
    private static func readBareUsage(_ object: JSONObject, _ usage: inout NodeUsage) {
        let cpu = object["cpu_usage"].flatMap(SeriesReader.amount)
        let memory = object["memory_usage"].flatMap(SeriesReader.amount).flatMap { $0 <= 100 ? $0 : nil }
        guard cpu != nil || memory != nil else { return }
        let isShare = (cpu ?? 0) <= 1 && (memory ?? 0) <= 1
        if usage.cpuPercent == nil { usage.cpuPercent = cpu.map { isShare ? $0 * 100 : $0 } }
        if usage.memoryPercent == nil { usage.memoryPercent = memory.map { isShare ? $0 * 100 : $0 } }
    }

    private static func cpu(_ object: JSONObject, _ stamp: Int64?, _ skipped: inout Int) -> UsageSeries {
        let own = first(object, cpuNames, 1, stamp, &skipped)
        if !own.isEmpty { return own }
        let millicores = first(object, millicoreNames, 0.001, stamp, &skipped)
        return millicores.isEmpty ? snapshot(object, "cpu", stamp) : millicores
    }

    private static func memory(_ object: JSONObject, _ stamp: Int64?, _ skipped: inout Int) -> UsageSeries {
        let own = first(object, memoryNames, 1, stamp, &skipped)
        if !own.isEmpty { return own }
        let mebibytes = first(object, mebibyteNames, 1_048_576, stamp, &skipped)
        if !mebibytes.isEmpty { return mebibytes }
        let gibibytes = first(object, gibibyteNames, 1_073_741_824, stamp, &skipped)
        return gibibytes.isEmpty ? snapshot(object, "memory", stamp) : gibibytes
    }

    /// `{"usage": {"cpu": "250m", "memory": "128Mi"}}` of metrics.k8s.io.
    private static func snapshot(_ object: JSONObject, _ resource: String, _ stamp: Int64?) -> UsageSeries {
        guard let amount = object["usage"]?[resource].flatMap(SeriesReader.amount) else { return UsageSeries() }
        return UsageSeries([UsagePoint(milliseconds: stamp ?? UsagePoint.atTheClock, value: amount)])
    }

    private static func first(
        _ object: JSONObject,
        _ names: [String],
        _ unit: Double,
        _ stamp: Int64?,
        _ skipped: inout Int
    ) -> UsageSeries {
        for name in names {
            guard let value = object[name] else { continue }
            if let stamp, let amount = SeriesReader.amount(value) {
                return UsageSeries([UsagePoint(milliseconds: stamp, value: amount * unit)])
            }
            if let series = SeriesReader.series(value, unit: unit, skipped: &skipped), !series.isEmpty { return series }
        }
        return UsageSeries()
    }

    private static func amount(_ object: JSONObject, _ names: [String]) -> Double? {
        object.first(names).flatMap(SeriesReader.amount)
    }
}

extension JSONObject {
    /// The first member under any of the names, in the order given.
    fileprivate func first(_ names: [String]) -> JSONValue? {
        for name in names {
            if let value = self[name] { return value }
        }
        return nil
    }
}
