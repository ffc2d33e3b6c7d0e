package import Contract

/// What ended a container.
package enum OOMKind: String, Sendable, Hashable, CaseIterable, Comparable {
    /// The kernel killed it at its own memory limit: the only kind that a higher limit cures.
    case containerLimit = "container_limit"
    /// Killed for memory below its limit, or without one: the node ran short.
    case nodePressure = "node_pressure"
    /// The kubelet evicted its pod because the node ran short.
    case evicted
    /// The kernel of the node ran out of memory as a whole.
    case systemOOM = "system_oom"
    /// SIGKILL that nobody called a memory kill: a liveness probe, a grace period, a preemption.
    case unknown137 = "unknown_137"

    package static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}

/// One end of one container.
package struct OOMEvent: Sendable, Hashable {
    package enum Source: String, Sendable, Hashable, Comparable {
        case podStatus = "pod_status"
        case podEvents = "pod_events"
        case events

        package static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
    }

    package var unit: ContainerUnit.Key
    package var kind: OOMKind
    package var source: Source
    /// Empty when the source did not say.
    package var podUID = ""
    package var pod = ""
    package var node: String?
    package var restartCount: Int64?
    package var finishedAt: Timestamp?
    /// The container has not come back since.
    package var isCurrent = false
    package var isInit = false
    package var exitCode: Int64?
    /// Bytes, as the source stated them.
    package var limit: Int64?
    package var request: Int64?
    package var peak: Int64?
    package var originalLimit: Int64?
    /// How often, when one record stands for several.
    package var count: Int64 = 1

    package init(unit: ContainerUnit.Key, kind: OOMKind, source: Source) {
        self.unit = unit
        self.kind = kind
        self.source = source
    }

    /// The same end told twice is one: a status shows it again in every dump, and events repeat it.
    ///
    /// nil for records that nothing tells apart: those count one by one.
    var identity: Identity? {
        guard finishedAt != nil || (restartCount != nil && !(pod.isEmpty && podUID.isEmpty)) else { return nil }
        return Identity(
            unit: unit,
            pod: pod.isEmpty ? podUID : pod,
            finishedAt: finishedAt?.milliseconds,
            restartCount: finishedAt == nil ? restartCount : nil
        )
    }

    struct Identity: Hashable {
        let unit: ContainerUnit.Key
        let pod: String
        /// With a time the count of restarts says nothing new: `state` and `lastState` of the same end differ by one.
        let finishedAt: Int64?
        let restartCount: Int64?
    }
}
