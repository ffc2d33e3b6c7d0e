extension Workload {
    /// Reads a workload in the small shape: `{"name", "namespace", "kind", "replicas", "labels", …}`.
    init(flat reader: JSONReader, key: String?, kind listed: Kind?, assumptions: inout [String]) throws(APIError) {
        let flat = try FlatFields(reader)
        let names = ["name", "deployment_name", "workload_name", "statefulset_name", "id"]
        let word = try flat.text(["kind", "type", "workload_type", "workload_kind"])
        if listed == nil, word.flatMap(Self.kind(named:)) == nil {
            assumptions.append("workloads without a known kind were read as Deployments")
        }
        self.init(
            kind: word.flatMap(Self.kind(named:)) ?? listed ?? .deployment,
            meta: ObjectMeta(name: try flat.name(names, or: key))
        )
        self.flat = flat.fields.object
        meta.namespace = try flat.text(["namespace", "ns"]) ?? "default"
        meta.uid = try flat.text(["uid", "deployment_uid"]) ?? ""
        meta.labels = try flat.labels(["labels"])
        meta.annotations = try flat.labels(["annotations"])
        meta.createdAt = try flat.time(["created_at", "creation_timestamp"])
        replicas = try flat.count(["replicas", "desired_replicas", "spec_replicas"])
        status.replicas = try flat.count(["current_replicas"])
        status.ready = try flat.count(["ready_replicas"])
        status.available = try flat.count(["available_replicas"])
        suspend = try flat.flag(["suspend", "suspended"]) ?? false
        if let field = flat.fields.first(["selector", "selectors", "match_labels"]) {
            selector = try LabelSelector(selectorOrLabels: field)
        }
    }

    static func kind(named name: String) -> Kind? {
        let wanted = ObjectKind.folded(name)
        return Kind.allCases.first { ObjectKind.folded($0.rawValue) == wanted }
    }
}
