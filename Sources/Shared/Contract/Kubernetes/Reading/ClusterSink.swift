/// Finds the cluster in a request: while it is parsed, and in what the parser left in the tree.
final class ClusterSink: JSONItemSink {
    private static let stateNames: Set<String> = ["cluster_state", "current_state"]

    private var collector = ClusterCollector()
    /// Lists whose items have been offered already, by the keys that lead to them.
    private var offered: Set<[String]> = []
    private var listed: ObjectKind?
    private var place = JSONPath.root
    private var takesFlat = true

    // MARK: While parsing

    func wantsItems(below keys: [String]) -> Bool {
        guard let list = ListPlace(keys) else { return false }
        listed = list.kind
        takesFlat = list.takesFlat
        place = keys.reduce(.root) { .key($0, $1) }
        offered.insert(keys)
        return true
    }

    func take(_ item: JSONValue, at index: Int) -> Bool {
        guard offers(item) else { return false }
        let isTaken = collector.take(JSONReader(item, path: .index(place, index)), listed: listed)
        guard case .object(let object) = item else { return false }
        // An object in the caller's own shape may hold more than we know of.
        return isTaken && ClusterCollector.isNative(object)
    }

    private func offers(_ item: JSONValue) -> Bool {
        if takesFlat { return true }
        guard case .object(let object) = item else { return false }
        return ClusterCollector.isNative(object)
    }

    // MARK: What is left

    /// Takes what did not come as a list, and ends.
    func finish(_ document: JSONValue) -> ClusterState {
        visitList(document, keys: [])
        for member in document.object?.members ?? [] {
            if Self.stateNames.contains(member.key) {
                visitState(member.value, keys: [member.key])
            } else if member.key == "requirements" {
                visitMembers(member.value, keys: [member.key])
            }
        }
        return collector.finished()
    }

    private func visitState(_ value: JSONValue, keys: [String]) {
        guard case .object(let object) = value else { return }
        if ClusterCollector.isNative(object) {
            collector.take(JSONReader(value, path: path(keys)), listed: nil)
            return
        }
        collector.describe(object)
        visitMembers(value, keys: keys)
    }

    private func visitMembers(_ value: JSONValue, keys: [String]) {
        visitList(value, keys: keys)
        for member in value.object?.members ?? [] {
            let keys = keys + [member.key]
            guard member.key != "items", let list = ListPlace(keys) else { continue }
            visit(member.value, keys, list)
        }
    }

    /// One member that names a kind of objects, in whatever shape.
    private func visit(_ value: JSONValue, _ keys: [String], _ list: ListPlace) {
        switch value {
        case .null: return
        case .array: visitItems(value, keys, list.kind, list.takesFlat)
        case .object(let object):
            if case .array = object["items"] {
                visitList(value, keys: keys)
            } else if ClusterCollector.isNative(object) {
                collector.take(JSONReader(value, path: path(keys)), listed: list.kind)
            } else if list.takesFlat, Self.isSingle(object, list.kind) {
                collector.take(JSONReader(value, path: path(keys)), listed: list.kind)
            } else {
                visitMap(object, keys, list)
            }
        default:
            guard list.takesFlat, list.isPlural else { return }
            let reader = JSONReader(value, path: path(keys))
            collector.complain(ItemProblem(reader.wrongType(expected: "a list of objects"), at: reader), list.kind)
        }
    }

    /// `{"items": […]}`, whose kind may say what the items are.
    private func visitList(_ value: JSONValue, keys: [String]) {
        guard case .object(let object) = value, let items = object["items"], let list = ListPlace(keys + ["items"])
        else {
            return
        }
        let kind = object["kind"]?.string.flatMap { ObjectKind(name: $0) }
        if let rest = object["metadata"]?["continue"]?.string, !rest.isEmpty {
            let message = "the list goes on behind a continue token; send all of its pages"
            let field = path(keys).description
            collector.complain(
                ItemProblem(field: field, code: "incomplete_list", message: message),
                list.kind ?? kind
            )
        }
        visitItems(items, keys + ["items"], list.kind ?? kind, list.takesFlat)
    }

    private func visitItems(_ value: JSONValue, _ keys: [String], _ kind: ObjectKind?, _ takesFlat: Bool) {
        guard case .array(let items) = value else { return }
        let wereOffered = offered.contains(keys)
        let place = path(keys)
        for (index, item) in items.enumerated() {
            // Offered before anybody knew the list's kind, which kubectl writes behind the items.
            if wereOffered, kind == nil || !ClusterCollector.isUndecided(item) { continue }
            if !takesFlat, item["metadata"]?.object == nil { continue }
            collector.take(JSONReader(item, path: .index(place, index)), listed: kind)
        }
    }

    /// `{"node-a": {…}, "node-b": {…}}`.
    private func visitMap(_ object: JSONObject, _ keys: [String], _ list: ListPlace) {
        for member in object.members {
            guard case .object(let item) = member.value, list.takesFlat || ClusterCollector.isNative(item) else {
                continue
            }
            let reader = JSONReader(member.value, path: .key(path(keys), member.key))
            collector.take(reader, listed: list.kind, key: member.key)
        }
    }

    /// True for one flat object, false for a map of them.
    private static func isSingle(_ object: JSONObject, _ kind: ObjectKind?) -> Bool {
        let names = kind == .node ? Node.flatNames : Pod.flatNames
        return names.contains { object[$0]?.string != nil }
    }

    private func path(_ keys: [String]) -> JSONPath { keys.reduce(.root) { .key($0, $1) } }
}

/// A place in a request where objects of a cluster may lie.
private struct ListPlace {
    /// Nothing where the items must say themselves what they are.
    var kind: ObjectKind?
    /// Objects of the caller's own shape count too; elsewhere such an object may mean anything.
    var takesFlat = true
    var isPlural = true

    init?(_ keys: [String]) {
        guard let first = keys.first else { return nil }
        let isRequirement = first == "requirements"
        switch keys.count {
        case 1 where first == "items": takesFlat = false
        case 2 where first == "cluster_state" || first == "current_state" || isRequirement:
            guard read(keys[1]) else { return nil }
        case 3 where (first == "cluster_state" || first == "current_state" || isRequirement) && keys[2] == "items":
            guard read(keys[1]) else { return nil }
        default: return nil
        }
        if isRequirement { takesFlat = kind == .persistentVolume || kind == .claim }
    }

    private mutating func read(_ name: String) -> Bool {
        kind = ObjectKind(name: name)
        isPlural = name.hasSuffix("s")
        if kind == nil { takesFlat = !["items", "objects", "resources"].contains(name) }
        return kind != nil || ObjectKind.isMixed(name)
    }
}
