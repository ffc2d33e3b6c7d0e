import Contract
import FoundationEssentials
import OracleSupport
import Testing

/// Every real dump, against an independent reading in Python.
@Suite("Real clusters", .enabled(if: SharedData.isPresent && PythonOracle.isPresent, "needs ../shared and python3"))
struct ClusterFactsTests {
    private static let folder = "clusters"

    /// Path and kind of every file; the kind is the file's name up to a hyphen.
    private static func files() throws -> [(path: String, kind: String)] {
        let root = try SharedData.url(folder)
        var found: [(String, String)] = []
        for cluster in try FileManager.default.contentsOfDirectory(atPath: root.path()).sorted() {
            let files = try? FileManager.default.contentsOfDirectory(atPath: root.appending(path: cluster).path())
            for file in (files ?? []).sorted() where file.hasSuffix(".json") {
                found.append(("\(cluster)/\(file)", String(file.dropLast(5).prefix { $0 != "-" })))
            }
        }
        return found
    }

    @Test("every file is read without a problem, and each object as Python reads it")
    func facts() async throws {
        let files = try Self.files()
        try #require(files.count >= 20)
        let root = try SharedData.url(Self.folder)
        let arguments = files.map { "\($0.kind)=\(root.appending(path: $0.path).path())" }
        let oracle = try #require(try await PythonOracle.run("cluster_facts.py", ["facts"] + arguments).array)
        for (file, expected) in zip(files, oracle) {
            let document = try JSONParser.parse(try SharedData.bytes("\(Self.folder)/\(file.path)"))
            let state = ClusterState(state: .object([file.kind: document]))
            #expect(state.problems.isEmpty, "\(file.path)")
            #expect(state.unreadable.isEmpty, "\(file.path)")
            let rows = try #require(ClusterRows.rows(of: file.kind, in: state))
            #expect(rows.count == expected.array?.count, "\(file.path)")
            for (row, wanted) in zip(rows, expected.array ?? []) { #expect(row == wanted, "\(file.path)") }
        }
    }

    @Test("a file alone, as kubectl printed it, gives the same objects where they say their kind")
    func alone() throws {
        for file in try Self.files() {
            let bytes = try SharedData.bytes("\(Self.folder)/\(file.path)")
            let document = try JSONParser.parse(bytes)
            let kinds = (document["items"]?.array ?? [document]).compactMap { $0["kind"]?.string }
            guard kinds.count == document["items"]?.array?.count ?? 1 else { continue }
            let alone = try ClusterState(kubectl: bytes)
            #expect(alone.problems.isEmpty)
            #expect(
                ClusterRows.rows(of: file.kind, in: alone)
                    == ClusterRows.rows(of: file.kind, in: ClusterState(state: .object([file.kind: document])))
            )
        }
    }

    @Test("owners of real pods are resolved through their ReplicaSets, with and without them at hand")
    func owners() throws {
        var members = JSONObject()
        for kind in ["pods", "replicasets", "deployments"] {
            members[kind] = try JSONParser.parse(try SharedData.bytes("clusters/minikube-2023/\(kind).json"))
        }
        let full = ClusterIndex(ClusterState(state: .object(members)))
        members["replicasets"] = nil
        let less = ClusterIndex(ClusterState(state: .object(members)))
        var resolved = 0
        for pod in full.state.pods where pod.meta.controller?.kind == "ReplicaSet" {
            let owner = try #require(full.owner(of: pod))
            #expect(owner.kind == "Deployment")
            #expect(less.owner(of: pod)?.name == owner.name)
            #expect(full.workload(of: pod)?.kind == .deployment)
            resolved += 1
        }
        #expect(resolved >= 8)
    }
}

/// The rows that Tests/Oracles/cluster_facts.py prints, from our values.
enum ClusterRows {
    static func rows(of kind: String, in state: ClusterState) -> [JSONValue]? {
        switch kind {
        case "pods": state.pods.map(pod)
        case "nodes": state.nodes.map(node)
        case "deployments", "daemonsets", "replicasets", "statefulsets": state.workloads.map(workload)
        case "persistentvolumes": state.persistentVolumes.map(volume)
        case "persistentvolumeclaims": state.claims.map(claim)
        case "events": state.events.map(event)
        case "services":
            state.services.map { [text($0.meta.namespace), text($0.meta.name), count($0.selector.count)] }
        default: nil
        }
    }

    private static func text(_ text: String?) -> JSONValue { .string(text ?? "") }
    private static func count(_ count: Int) -> JSONValue { .integer(Int64(count)) }
    private static func time(_ time: Timestamp?) -> JSONValue { .integer(time?.milliseconds ?? 0) }

    private static func pod(_ pod: Pod) -> JSONValue {
        let request = pod.effectiveRequest
        let words = pod.statuses.map { "\($0.name)=\(word($0.state))|\(word($0.lastState))" }
        func volumes(_ matches: (PodVolume.Source) -> Bool) -> JSONValue {
            count(pod.volumes.filter { matches($0.source) }.count)
        }
        return [
            text(pod.namespace), text(pod.name), text(pod.nodeName), text(pod.phase.rawValue),
            text(pod.meta.controller?.kind), text(pod.meta.controller?.name), .integer(pod.priority),
            text(pod.priorityClass), text(pod.qosClass?.rawValue), .integer(request.cpu), .integer(request.memory),
            .integer(request.ephemeralStorage), .integer(pod.statuses.map(\.restartCount).reduce(0, +)),
            text(words.joined(separator: ";")), count((pod.containers + pod.initContainers).flatMap(\.hostPorts).count),
            count(pod.tolerations.count), count(pod.nodeSelector.count), text(pod.claimNames.joined(separator: ",")),
            volumes { if case .emptyDir = $0 { true } else { false } },
            volumes { if case .hostPath = $0 { true } else { false } }, count(pod.labels.count), .bool(pod.isMirror),
            .bool(pod.isDaemon), count(pod.affinity?.requiredNodeTerms?.count ?? 0),
            count(pod.affinity?.preferredAntiTerms.count ?? 0), count(pod.topologySpread.count), .bool(pod.isReady),
            time(pod.startTime), .integer(pod.terminationGracePeriodSeconds), time(pod.meta.createdAt),
        ]
    }

    private static func word(_ state: ContainerStatus.State?) -> String {
        guard let state else { return "" }
        return "\(state.kind.rawValue):\(state.reason):\(state.exitCode.map { String($0) } ?? "")"
    }

    private static func node(_ node: Node) -> JSONValue {
        let usable = node.allocatable ?? .zero
        return [
            text(node.name), text(node.instanceID), text(node.instanceType), text(node.zone), text(node.architecture),
            .bool(node.isReady), .bool(node.unschedulable), count(node.taints.count), .integer(usable.cpu),
            .integer(usable.memory), .integer(usable.pods), .integer(usable.extended["nvidia.com/gpu"] ?? 0),
            count(node.labels.count), text(node.kubeletVersion),
            text(node.addresses.map(\.address).joined(separator: ",")), text(node.capacityType.rawValue),
        ]
    }

    private static func workload(_ workload: Workload) -> JSONValue {
        [
            text(workload.kind.rawValue), text(workload.meta.namespace), text(workload.meta.name),
            .integer(workload.replicas ?? -1), count(workload.containers.count),
            count(workload.selector?.matchLabels.count ?? 0), count(workload.volumeClaimTemplates.count),
            .integer(workload.status.ready ?? -1), text(workload.owner?.kind), text(workload.owner?.name),
        ]
    }

    private static func volume(_ volume: PersistentVolume) -> JSONValue {
        [
            text(volume.name), text(volume.phase?.rawValue), text(volume.claim?.namespace), text(volume.claim?.name),
            .integer(volume.capacity ?? -1), text(volume.storageClass), text(volume.reclaimPolicy?.rawValue),
        ]
    }

    private static func claim(_ claim: PersistentVolumeClaim) -> JSONValue {
        [
            text(claim.meta.namespace), text(claim.meta.name), text(claim.volumeName), text(claim.phase?.rawValue),
            text(claim.storageClass), .integer(claim.requestedStorage ?? -1),
        ]
    }

    private static func event(_ event: KubernetesEvent) -> JSONValue {
        [
            text(event.meta.namespace), text(event.meta.name), text(event.reason), text(event.type),
            .integer(event.count), text(event.involved.kind), text(event.involved.name), time(event.firstSeen),
            time(event.lastSeen), text(event.sourceHost),
        ]
    }
}
