package import Contract

/// Reads measurements in the shapes callers send; what it cannot read becomes a problem, never a failure.
///
/// Known shapes: series by pod and container, in maps or lists; answers of Prometheus, alone or under `cpu` and
/// `memory`; lists of metrics.k8s.io; tables of `kubectl top`; percentages by node.
package struct UsageReader {
    /// Where in the cluster a value belongs, as far as the way to it told.
    struct Place {
        var namespace = ""
        var pod = ""
        var container = ""
        var node = ""
        /// Milliseconds of the list or item around; nothing when it has none.
        var stamp: Int64?
        /// What a series without a name of its own measures.
        var metric: UsageMetric?
        /// Keys here are names of nodes, or of pods.
        var names: Names = .any

        enum Names { case any, nodes, pods, containers }
    }

    package private(set) var table = UsageTable()
    private let nodes: Set<String>
    private var prometheus = PrometheusReader()

    /// Reads every place measurements were found in; the names of the cluster's nodes tell a node's entry from a pod's.
    package static func read(_ values: [JSONReader], nodes: Set<String>) -> UsageTable {
        var reader = UsageReader(nodes: nodes)
        for value in values {
            let before = reader.prometheus
            reader.visit(value, Place())
            let skipped = reader.prometheus.skipped - before.skipped
            if skipped > 0 { reader.complain(value, "has \(skipped) points without a time and a number") }
        }
        reader.prometheus.finish(into: &reader.table)
        return reader.table
    }

    init(nodes: Set<String>) { self.nodes = nodes }

    mutating func visit(_ reader: JSONReader, _ place: Place) {
        if readBare(reader, place) { return }
        switch reader.value {
        case .object(let object): visit(object, reader, place)
        case .array(let items):
            for (index, item) in items.enumerated() {
                visit(JSONReader(item, path: .index(reader.path, index)), place)
            }
        case .string(let text):
            if !TopTable.read(text, into: &table) { complain(reader, "is no table of kubectl top") }
        case .null: break
        default: complain(reader, "holds no measurements")
        }
    }

    private mutating func visit(_ object: JSONObject, _ reader: JSONReader, _ place: Place) {
        if let rows = PrometheusReader.rows(reader.value) {
            prometheus.read(rows, about: place.metric, into: &table)
            return
        }
        if object["metric"]?.object != nil, object["values"] != nil || object["value"] != nil {
            prometheus.read([reader.value], about: place.metric, into: &table)
            return
        }
        var place = place
        UsageEntry.take(object, &place)
        if let items = object["items"]?.array {
            visitItems(items, object, reader, place)
            return
        }
        if place.metric == nil, UsageEntry.measures(object) { read(object, reader, place) }
        visitMembers(object, reader, place)
    }

    /// A list of metrics.k8s.io: all items share its stamp unless they have their own.
    private mutating func visitItems(
        _ items: [JSONValue],
        _ object: JSONObject,
        _ reader: JSONReader,
        _ place: Place
    ) {
        var place = place
        if object["kind"]?.string?.hasPrefix("Node") == true { place.names = .nodes }
        let path = JSONPath.key(reader.path, "items")
        for (index, item) in items.enumerated() {
            visit(JSONReader(item, path: .index(path, index)), place)
        }
    }

    /// Members that hold further entries, by their names.
    private mutating func visitMembers(_ object: JSONObject, _ reader: JSONReader, _ place: Place) {
        let isKnown = !place.pod.isEmpty || !place.node.isEmpty
        for member in object.members where !UsageEntry.ownNames.contains(member.key) {
            var inner = place
            switch member.key {
            case "nodes", "node_metrics", "nodeMetrics": inner.names = .nodes
            case "pods", "pod_metrics", "podMetrics": inner.names = .pods
            case "containers", "container_metrics": inner.names = .containers
            case "prometheus", "top", "metrics", "usage_history", "history": break
            default:
                if let metric = UsageEntry.metric(named: member.key) {
                    // Of a known container or node these members have been read already.
                    if isKnown, PrometheusReader.rows(member.value) == nil { continue }
                    inner.metric = metric
                } else {
                    // A text under a free name is a remark and no table.
                    guard member.value.object != nil || member.value.array != nil else { continue }
                    enter(member.key, &inner)
                }
            }
            guard member.value.number == nil, member.value.bool == nil else { continue }
            visit(JSONReader(member.value, path: .key(reader.path, member.key)), inner)
        }
    }

    /// Takes a key as a name: of a node, `namespace/pod/container`, `namespace/pod`, a pod, or a container in a pod.
    private func enter(_ key: String, _ place: inout Place) {
        let parts = key.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        if place.names == .nodes || (place.pod.isEmpty && parts.count == 1 && nodes.contains(key)) {
            place.node = key
        } else if parts.count == 3 {
            (place.namespace, place.pod, place.container) = (parts[0], parts[1], parts[2])
        } else if parts.count == 2 {
            (place.namespace, place.pod) = (parts[0], parts[1])
        } else if place.pod.isEmpty {
            place.pod = key
        } else {
            place.container = key
        }
    }

    /// A bare series under a known metric and a known name: `{"cpu": {"shop/web-1/app": [[t, v], …]}}`.
    private mutating func readBare(_ reader: JSONReader, _ place: Place) -> Bool {
        guard let metric = place.metric, !place.pod.isEmpty || !place.node.isEmpty else { return false }
        var skipped = 0
        guard let series = SeriesReader.series(reader.value, skipped: &skipped), !series.isEmpty else { return false }
        if place.pod.isEmpty {
            var usage = NodeUsage()
            if metric == .cpu { usage.cpu = series } else if metric == .memory { usage.memory = series }
            table.add(usage, to: place.node)
        } else {
            var usage = ContainerUsage()
            switch metric {
            case .cpu: usage.cpu = series
            case .memory: usage.memory = series
            default: usage.throttled = series.points.map(\.value).max().map(PrometheusReader.share)
            }
            table.add(usage, to: container(place))
        }
        if skipped > 0 { complain(reader, "has \(skipped) points without a time and a number") }
        return true
    }

    private func container(_ place: Place) -> ContainerRef {
        ContainerRef(namespace: place.namespace, pod: place.pod, container: place.container)
    }

    private mutating func read(_ object: JSONObject, _ reader: JSONReader, _ place: Place) {
        var skipped = 0
        let isNode = place.pod.isEmpty && !place.node.isEmpty
        if isNode {
            let usage = UsageEntry.node(object, stamp: place.stamp, skipped: &skipped)
            table.add(usage, to: place.node)
        } else if !place.pod.isEmpty {
            let usage = UsageEntry.container(object, stamp: place.stamp, skipped: &skipped)
            if usage != ContainerUsage() {
                table.add(usage, to: container(place))
            }
        } else if !UsageEntry.isIndex(object) {
            complain(reader, "names neither a pod nor a node")
        }
        if skipped > 0 { complain(reader, "has \(skipped) points without a time and a number") }
    }

    private mutating func complain(_ reader: JSONReader, _ message: String) {
        // A document of nothing but mistakes must not make a longer one.
        guard table.problems.count < 1000 else { return }
        table.problems.append(ItemProblem(reader.invalid(message), at: reader))
    }
}
