/// Finds the cluster in a request: while it is parsed, and in what the parser left in the tree.
final class ClusterSink: JSONItemSink {
    private static let stateNames: Set<String> = ["cluster_state", "current_state"]

    private var collector = ClusterCollector()
    /// Lists whose items have been offered already, by the keys that lead to them.
    private var offered: Set<[String]> = []
    private var list = ListPlace.anywhere
    private var place = JSONPath.root

    // MARK: While parsing

    func wantsItems(below keys: [String]) -> Bool {
        guard let list = ListPlace(keys) else { return false }
        self.list = list
        place = keys.reduce(.root) { .key($0, $1) }
        offered.insert(keys)
        return true
    }

    func take(_ item: JSONValue, at index: Int) -> Bool {
        let isTaken = collector.take(JSONReader(item, path: .index(place, index)), in: list)
        guard case .object(let object) = item else { return false }
        // An object in the caller's own shape may hold more than we know of.
        return isTaken && ClusterCollector.isNative(object)
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
            collector.take(JSONReader(value, path: path(keys)), in: .anywhere)
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
        case .array: visitItems(value, keys, list)
        case .object(let object):
            if case .array = object["items"] {
                visitList(value, keys: keys)
            } else if ClusterCollector.isNative(object) || list.foreign == .flat && Self.isSingle(object, list.kind) {
                collector.take(JSONReader(value, path: path(keys)), in: list)
            } else {
                visitMap(object, keys, list)
            }
        default:
            guard list.foreign != .ignored, list.isPlural else { return }
            let reader = JSONReader(value, path: path(keys))
            collector.complain(ItemProblem(reader.wrongType(expected: "a list of objects"), at: reader), list.kind)
        }
    }

    /// `{"items": […]}`, whose kind may say what the items are.
    private func visitList(_ value: JSONValue, keys: [String]) {
        guard case .object(let object) = value, let items = object["items"], var list = ListPlace(keys + ["items"])
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
        list.kind = list.kind ?? kind
        visitItems(items, keys + ["items"], list)
    }

    private func visitItems(_ value: JSONValue, _ keys: [String], _ list: ListPlace) {
        guard case .array(let items) = value else { return }
        let wereOffered = offered.contains(keys)
        let place = path(keys)
        for (index, item) in items.enumerated() {
            // Offered before anybody knew the list's kind, which kubectl writes behind the items.
            if wereOffered, list.kind == nil || !ClusterCollector.isUndecided(item) { continue }
            collector.take(JSONReader(item, path: .index(place, index)), in: list)
        }
    }

    /// `{"node-a": {…}, "node-b": {…}}`.
    private func visitMap(_ object: JSONObject, _ keys: [String], _ list: ListPlace) {
        for member in object.members {
            guard case .object(let item) = member.value else { continue }
            // Where the kind is not known a map may be anything.
            guard ClusterCollector.isNative(item) || list.foreign == .flat && list.kind != nil else { continue }
            let reader = JSONReader(member.value, path: .key(path(keys), member.key))
            collector.take(reader, in: list, key: member.key)
        }
    }

    /// True for one flat object, false for a map of them.
    private static func isSingle(_ object: JSONObject, _ kind: ObjectKind?) -> Bool {
        let names = kind == .node ? Node.flatNames : Pod.flatNames
        return names.contains { object[$0]?.string != nil }
    }

    private func path(_ keys: [String]) -> JSONPath { keys.reduce(.root) { .key($0, $1) } }
}
