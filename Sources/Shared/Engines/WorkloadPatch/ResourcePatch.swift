package import Contract

/// A strategic merge patch that sets one container's resources in the object its pods come from.
package struct ResourcePatch: Sendable, Hashable {
    /// What becomes of a limit or request.
    package enum Change: Sendable, Hashable {
        case keep, remove
        case set(Int64)
    }

    package var owner: OwnerIdentity
    package var container: String
    package var isInit: Bool
    package var cpuRequest = Change.keep
    package var memoryRequest = Change.keep
    package var cpuLimit = Change.keep
    package var memoryLimit = Change.keep
    /// Written into the object's own metadata: no pod is replaced for them.
    package var annotations: Labels = [:]

    package init(owner: OwnerIdentity, container: String, isInit: Bool = false) {
        self.owner = owner
        self.container = container
        self.isInit = isInit
    }

    /// Kinds whose pod template can be changed in place, with their API.
    private static let kinds: [(kind: String, api: String)] = [
        ("CronJob", "batch/v1"), ("DaemonSet", "apps/v1"), ("Deployment", "apps/v1"), ("ReplicaSet", "apps/v1"),
        ("ReplicationController", "v1"), ("StatefulSet", "apps/v1"),
    ]

    /// Why there is no patch to apply; nothing when there is one.
    package var obstacle: String? {
        if container.isEmpty { return "container_unknown" }
        if Self.kinds.contains(where: { $0.kind == owner.kind }) { return nil }
        switch owner.kind {
        case "Job": return "job_template_is_immutable"
        case "Pod": return "bare_pod_must_be_made_again"
        case "Node": return "static_pod_lives_in_a_file_on_its_node"
        default: return "owner_is_not_a_built_in_workload"
        }
    }

    /// The patch, or null where the object cannot take one: see ``obstacle``.
    package var json: JSONValue {
        guard !container.isEmpty, let api = Self.kinds.first(where: { $0.kind == owner.kind })?.api else {
            return .null
        }
        let podTemplate: JSONValue = ["spec": ["template": ["spec": podSpec]]]
        var metadata: JSONObject = ["name": .string(owner.name), "namespace": .string(owner.namespace)]
        if !annotations.isEmpty {
            var members = JSONObject()
            for entry in annotations { members[entry.key] = .string(entry.value) }
            metadata["annotations"] = .object(members)
        }
        return [
            "apiVersion": .string(api),
            "kind": .string(owner.kind),
            "metadata": .object(metadata),
            "spec": owner.kind == "CronJob" ? ["jobTemplate": podTemplate] : podTemplate["spec"] ?? .null,
        ]
    }

    /// The container's `resources`, the part that is the same in every kind of object.
    package var resources: JSONObject {
        var resources = JSONObject()
        let requests = Self.members(cpu: cpuRequest, memory: memoryRequest)
        let limits = Self.members(cpu: cpuLimit, memory: memoryLimit)
        if !requests.isEmpty { resources["requests"] = .object(requests) }
        if !limits.isEmpty { resources["limits"] = .object(limits) }
        return resources
    }

    /// The same patch as YAML.
    package var yaml: JSONValue {
        guard case .object(let object) = json else { return .null }
        return .string(Self.lines(object, indent: 0).joined(separator: "\n") + "\n")
    }

    private var podSpec: JSONValue {
        let entry: JSONValue = ["name": .string(container), "resources": .object(resources)]
        return isInit ? ["initContainers": [entry]] : ["containers": [entry]]
    }

    private static func members(cpu: Change, memory: Change) -> JSONObject {
        var members = JSONObject()
        switch cpu {
        case .keep: break
        case .remove: members["cpu"] = .null
        case .set(let millicores): members["cpu"] = .string("\(millicores)m")
        }
        switch memory {
        case .keep: break
        case .remove: members["memory"] = .null
        case .set(let bytes): members["memory"] = .string(quantity(bytes))
        }
        return members
    }

    /// `300Mi`, or plain bytes when they are no whole mebibytes.
    package static func quantity(_ bytes: Int64) -> String {
        bytes % .mebibyte == 0 ? "\(bytes / .mebibyte)Mi" : "\(bytes)"
    }

    private static func lines(_ object: JSONObject, indent: Int) -> [String] {
        let margin = String(repeating: " ", count: indent)
        return object.members.flatMap { member -> [String] in
            switch member.value {
            case .object(let inner): return ["\(margin)\(member.key):"] + lines(inner, indent: indent + 2)
            case .array(let items):
                return ["\(margin)\(member.key):"]
                    + items.flatMap { item -> [String] in
                        guard case .object(let inner) = item else { return [] }
                        let block = lines(inner, indent: indent + 4)
                        return ["\(margin)  - " + (block.first?.dropFirst(indent + 4) ?? "")] + block.dropFirst()
                    }
            default: return ["\(margin)\(member.key): " + String(decoding: member.value.bytes(), as: UTF8.self)]
            }
        }
    }
}
