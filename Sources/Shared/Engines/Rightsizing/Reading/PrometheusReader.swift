import Contract

/// What a series measures.
enum UsageMetric: Sendable, Hashable {
    case cpu, memory, throttled
    /// Counters that only grow; usage is how fast.
    case cpuSeconds, throttledPeriods, periods

    /// Finds the metric for the name Prometheus gives it; nothing for names of other things.
    init?(prometheusName name: String) {
        if name.contains("throttled_periods") {
            self = .throttledPeriods
        } else if name.hasSuffix("cfs_periods_total") {
            self = .periods
        } else if name.contains("throttl") {
            self = .throttled
        } else if name.contains("cpu"), name.hasSuffix("seconds_total") {
            self = .cpuSeconds
        } else if name.contains("cpu"), !name.contains("request"), !name.contains("limit") {
            self = .cpu
        } else if name.contains("working_set") || (name.contains("memory") && name.contains("usage")) {
            self = .memory
        } else {
            return nil
        }
    }
}

/// Reads answers of Prometheus: `{"data": {"result": [{"metric": {…}, "values": [[t, "v"], …]}]}}`.
struct PrometheusReader {
    /// Periods of the CPU limiter, summed over a counter's life.
    private struct Periods {
        var throttled = 0.0
        var all = 0.0
    }

    private(set) var skipped = 0
    /// Rows without a pod or node, or of a metric that says nothing here.
    private(set) var unused = 0
    private var periods: [ContainerRef: Periods] = [:]

    static func rows(_ value: JSONValue) -> [JSONValue]? {
        guard case .object(let object) = value else { return nil }
        let data = object["data"]?.object ?? object
        return data["result"]?.array
    }

    /// Reads rows; `metric` is what the question was about, and a row's own name comes first.
    mutating func read(_ rows: [JSONValue], about metric: UsageMetric?, into table: inout UsageTable) {
        for row in rows { read(row, metric, &table) }
    }

    /// Turns the sums of the counters into shares; call once, after the last row.
    mutating func finish(into table: inout UsageTable) {
        for (container, periods) in periods where periods.all > 0 {
            var usage = ContainerUsage()
            usage.throttled = min(1, periods.throttled / periods.all)
            table.add(usage, to: container)
        }
        periods = [:]
    }

    private mutating func read(_ row: JSONValue, _ asked: UsageMetric?, _ table: inout UsageTable) {
        let labels = row["metric"]?.object ?? JSONObject()
        func label(_ names: String...) -> String {
            for name in names {
                if let text = labels[name]?.string { return text }
            }
            return ""
        }
        let name = label("__name__")
        guard let metric = name.isEmpty ? asked : UsageMetric(prometheusName: name) ?? asked,
            let series = series(row)
        else {
            unused += 1
            return
        }
        let pod = label("pod", "pod_name", "kubernetes_pod_name")
        let container = label("container", "container_name")
        if pod.isEmpty {
            let node = label("node", "kubernetes_node", "instance", "kubernetes_io_hostname")
            add(series, metric, toNode: node, &table)
        } else if container.isEmpty || container == "POD" {
            // The pod's own group and its pause container: the containers are in there already.
            unused += 1
        } else {
            let namespace = label("namespace", "kubernetes_namespace")
            add(series, metric, to: ContainerRef(namespace: namespace, pod: pod, container: container), &table)
        }
    }

    private mutating func series(_ row: JSONValue) -> UsageSeries? {
        if let values = row["values"] { return SeriesReader.series(values, skipped: &skipped) }
        if let value = row["value"] { return SeriesReader.series(.array([value]), skipped: &skipped) }
        return nil
    }

    private mutating func add(
        _ series: UsageSeries,
        _ metric: UsageMetric,
        to container: ContainerRef,
        _ table: inout UsageTable
    ) {
        var usage = ContainerUsage()
        switch metric {
        case .cpu: usage.cpu = series
        case .cpuSeconds: usage.cpu = Self.rates(series)
        case .memory: usage.memory = series
        case .throttled: usage.throttled = series.points.map(\.value).max().map(Self.share)
        case .throttledPeriods:
            periods[container, default: Periods()].throttled += Self.growth(series)
            return
        case .periods:
            periods[container, default: Periods()].all += Self.growth(series)
            return
        }
        table.add(usage, to: container)
    }

    private mutating func add(
        _ series: UsageSeries,
        _ metric: UsageMetric,
        toNode node: String,
        _ table: inout UsageTable
    ) {
        var usage = NodeUsage()
        switch metric {
        case .cpu: usage.cpu = series
        case .memory: usage.memory = series
        default: break
        }
        guard !node.isEmpty, !usage.isEmpty else {
            unused += 1
            return
        }
        // `instance` is an address with a port.
        table.add(usage, to: String(node.prefix { $0 != ":" }))
    }

    /// Shares are written as 0.07 or as 7 percent.
    static func share(_ value: Double) -> Double { min(1, value > 1 ? value / 100 : value) }

    /// The slope between neighbours, stamped at the later one; a counter that fell began again at zero.
    static func rates(_ series: UsageSeries) -> UsageSeries {
        let points = series.points
        guard points.count > 1 else { return UsageSeries() }
        return UsageSeries(
            zip(points, points.dropFirst()).map { earlier, later in
                let seconds = Double(later.milliseconds - earlier.milliseconds) / 1000
                let growth = later.value >= earlier.value ? later.value - earlier.value : later.value
                return UsagePoint(milliseconds: later.milliseconds, value: growth / seconds)
            }
        )
    }

    private static func growth(_ series: UsageSeries) -> Double {
        zip(series.points, series.points.dropFirst()).reduce(0) { sum, pair in
            sum + (pair.1.value >= pair.0.value ? pair.1.value - pair.0.value : pair.1.value)
        }
    }
}
