/// Turns the objects of a document into a cluster state, one at a time.
///
/// The parser hands over each item of a long list as soon as it has read it, so that the tree of a dump of 100 MB never
/// exists as a whole; whatever comes in another shape is taken from the tree afterwards.
struct ClusterCollector {
    private(set) var state = ClusterState()
    private var log = ProblemLog()
    private var names: [ObjectKind: [ObjectKey: Int]] = [:]
    private var uids: Set<String> = []
    private var attachLimits: [String: NameTable<Int64>] = [:]
    private var assumptions: Set<String> = []

    /// What was collected; call once, at the end.
    consuming func finished() -> ClusterState {
        for index in state.nodes.indices {
            if let limits = attachLimits[state.nodes[index].name] { state.nodes[index].attachLimits = limits }
        }
        state.problems = log.all
        state.assumptions = assumptions.sorted()
        return state
    }

    /// Takes what the state says about the cluster as a whole.
    mutating func describe(_ object: JSONObject) {
        func text(_ keys: [String]) -> String? {
            let found = keys.lazy.compactMap { object[$0]?.string }.first
            return found.flatMap { !$0.isEmpty && JSONFields.nameFault($0) == nil ? $0 : nil }
        }
        state.metrics = object["metrics"] ?? .null
        state.clusterName = text(["cluster_name", "clusterName", "cluster", "name"])
        state.region = text(["region", "aws_region"])?.lowercased()
    }

    /// Notes that objects of the kind are missing, and nobody knows which.
    mutating func complain(_ problem: ItemProblem, _ kind: ObjectKind?) {
        log.add(problem)
        doubt(JSONObject(), kind)
    }

    // MARK: Items

    /// Takes one item of a list.
    ///
    /// - Parameters:
    ///   - item: The item with its place.
    ///   - list: What the list's name tells; the own `kind` of a native object counts more.
    ///   - key: The item's key, when the list is a map.
    /// - Returns: False when the item is of no use here and stays where it is.
    @discardableResult
    mutating func take(_ item: JSONReader, in list: ListPlace, key: String? = nil) -> Bool {
        guard case .object(let object) = item.value, Self.isNative(object) else { return takeForeign(item, list, key) }
        let own = object["kind"]?.string
        // A kind that nobody asks for, such as a Secret.
        if let own, ObjectKind(name: own) == nil { return false }
        guard let kind = own.flatMap(ObjectKind.init(name:)) ?? list.kind ?? Self.guess(object) else { return false }
        do throws(APIError) {
            try takeNative(item, kind)
        } catch {
            log.add(ItemProblem(error, at: item))
            doubt(object, kind)
        }
        return true
    }

    /// What is no native object: something in the small shape, or nothing at all.
    private mutating func takeForeign(_ item: JSONReader, _ list: ListPlace, _ key: String?) -> Bool {
        guard list.foreign != .ignored else { return false }
        let object = item.value.object ?? JSONObject()
        do throws(APIError) {
            _ = try item.object()
            guard list.foreign == .flat else {
                throw item.invalid("has no metadata", hint: "Send objects as kubectl prints them.")
            }
            try takeFlat(item, list.kind, key)
        } catch {
            log.add(ItemProblem(error, at: item))
            doubt(object, list.kind)
        }
        return true
    }

    static func isNative(_ object: JSONObject) -> Bool {
        if case .object = object["metadata"] { true } else { false }
    }

    /// True for a native object of which only the list around it can say what it is.
    static func isUndecided(_ item: JSONValue) -> Bool {
        guard case .object(let object) = item, isNative(object), object["kind"] == nil else { return false }
        return guess(object) == nil
    }

    /// The items of a list that the API server itself typed carry no kind of their own.
    private static func guess(_ object: JSONObject) -> ObjectKind? {
        guard isNative(object) else { return nil }
        if object["status"]?["nodeInfo"] != nil || object["spec"]?["providerID"] != nil { return .node }
        if object["spec"]?["containers"] != nil { return .pod }
        return nil
    }

    private mutating func takeNative(_ item: JSONReader, _ kind: ObjectKind) throws(APIError) {
        switch kind {
        case .node: add(try Node(item), to: \.nodes, kind, item) { $0.meta }
        case .pod: add(try Pod(item), to: \.pods, kind, item) { $0.meta }
        case .deployment, .statefulSet, .daemonSet, .replicaSet, .job, .cronJob, .replicationController:
            guard let workload = kind.workload else { return }
            add(try Workload(item, kind: workload), to: \.workloads, kind, item) { $0.meta }
        case .persistentVolume: add(try PersistentVolume(item), to: \.persistentVolumes, kind, item) { $0.meta }
        case .claim: add(try PersistentVolumeClaim(item), to: \.claims, kind, item) { $0.meta }
        case .disruptionBudget: add(try PodDisruptionBudget(item), to: \.disruptionBudgets, kind, item) { $0.meta }
        case .autoscaler, .scaledObject:
            add(try HorizontalPodAutoscaler(item), to: \.autoscalers, kind, item) { $0.meta }
        case .verticalAutoscaler:
            add(try VerticalPodAutoscaler(item), to: \.verticalAutoscalers, kind, item) { $0.meta }
        case .limitRange: add(try LimitRange(item), to: \.limitRanges, kind, item) { $0.meta }
        case .quota: add(try ResourceQuota(item), to: \.quotas, kind, item) { $0.meta }
        case .event: add(try KubernetesEvent(item), to: \.events, kind, item) { $0.meta }
        case .namespace: add(try NamespaceObject(item), to: \.namespaces, kind, item) { $0.meta }
        case .storageClass: add(try StorageClass(item), to: \.storageClasses, kind, item) { $0.meta }
        case .service: add(try Service(item), to: \.services, kind, item) { $0.meta }
        case .csiNode:
            let limits = try AttachLimits(item)
            if attachLimits[limits.node] == nil { attachLimits[limits.node] = limits.limits }
        }
    }

    private mutating func takeFlat(_ item: JSONReader, _ kind: ObjectKind?, _ key: String?) throws(APIError) {
        var notes: [String] = []
        switch kind {
        case .node: add(try Node(flat: item, key: key, assumptions: &notes), to: \.nodes, .node, item) { $0.meta }
        case .pod: add(try Pod(flat: item, key: key, assumptions: &notes), to: \.pods, .pod, item) { $0.meta }
        case .persistentVolume:
            add(try PersistentVolume(flat: item, key: key), to: \.persistentVolumes, .persistentVolume, item) {
                $0.meta
            }
        case .claim: add(try PersistentVolumeClaim(flat: item, key: key), to: \.claims, .claim, item) { $0.meta }
        case .disruptionBudget:
            add(try PodDisruptionBudget(flat: item, key: key), to: \.disruptionBudgets, .disruptionBudget, item) {
                $0.meta
            }
        case .autoscaler, .scaledObject:
            add(try HorizontalPodAutoscaler(flat: item, key: key), to: \.autoscalers, .autoscaler, item) { $0.meta }
        case .namespace: add(try NamespaceObject(flat: item, key: key), to: \.namespaces, .namespace, item) { $0.meta }
        case .event: add(try KubernetesEvent(flat: item), to: \.events, .event, item) { $0.meta }
        case nil, .deployment, .statefulSet, .daemonSet, .replicaSet, .job, .cronJob, .replicationController:
            let workload = try Workload(flat: item, key: key, kind: kind?.workload, assumptions: &notes)
            let own = ObjectKind(rawValue: workload.kind.rawValue) ?? .deployment
            add(workload, to: \.workloads, own, item) { $0.meta }
        case .verticalAutoscaler, .limitRange, .quota, .storageClass, .service, .csiNode:
            throw item.invalid("has no metadata", hint: "Send objects of this kind as kubectl prints them.")
        }
        assumptions.formUnion(notes)
    }

    // MARK: Duplicates

    private mutating func add<Object: Equatable>(
        _ object: Object,
        to list: WritableKeyPath<ClusterState, [Object]>,
        _ kind: ObjectKind,
        _ item: JSONReader,
        _ meta: (Object) -> ObjectMeta
    ) {
        let meta = meta(object)
        if let earlier = names[kind, default: [:]][meta.key] {
            duplicate(
                kind,
                meta,
                item,
                isSame: state[keyPath: list][earlier] == object,
                node: (object as? Pod)?.nodeName
            )
            return
        }
        if !meta.uid.isEmpty, !uids.insert(meta.uid).inserted {
            duplicate(kind, meta, item, isSame: false, node: (object as? Pod)?.nodeName)
            return
        }
        names[kind, default: [:]][meta.key] = state[keyPath: list].count
        state[keyPath: list].append(object)
    }

    private mutating func duplicate(
        _ kind: ObjectKind,
        _ meta: ObjectMeta,
        _ item: JSONReader,
        isSame: Bool,
        node: String?
    ) {
        let what = "\(kind.rawValue) \(meta.key)"
        log.add(
            ItemProblem(
                field: item.path.description,
                code: "duplicate",
                message: isSame
                    ? "\(what) comes twice; the first counts" : "\(what) comes twice and differs; the first counts"
            )
        )
        guard !isSame else { return }
        state.doubt(UnreadableObject(kind: kind.rawValue, namespace: meta.namespace, name: meta.name, nodeName: node))
    }

    // MARK: Doubt

    /// Keeps what can be made out of an unreadable object.
    private mutating func doubt(_ object: JSONObject, _ kind: ObjectKind?) {
        let meta = object["metadata"]
        func text(_ values: [JSONValue?]) -> String {
            let found = values.lazy.compactMap { $0?.string }.first { !$0.isEmpty && JSONFields.nameFault($0) == nil }
            return found ?? ""
        }
        let node = text([object["spec"]?["nodeName"], object["node_name"], object["node"], object["nodeName"]])
        var unreadable = UnreadableObject(
            kind: kind?.rawValue ?? "",
            namespace: text([meta?["namespace"], object["namespace"]]),
            name: text([meta?["name"], object["name"], object["pod_name"], object["node_name"]]),
            nodeName: node.isEmpty ? nil : node
        )
        if kind == .node {
            let labels = meta?["labels"]
            let zone = text([labels?["topology.kubernetes.io/zone"], object["availability_zone"], object["zone"]])
            let region = text([labels?["topology.kubernetes.io/region"], object["region"]])
            unreadable.nodeName = nil
            unreadable.zone = zone.isEmpty ? nil : zone
            unreadable.region = region.isEmpty ? nil : region
        }
        state.doubt(unreadable)
    }
}
