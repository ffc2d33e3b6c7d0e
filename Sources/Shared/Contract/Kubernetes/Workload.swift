/// What makes pods: a Deployment, a StatefulSet and the like.
package struct Workload: Sendable, Hashable {
    package enum Kind: String, Sendable, Hashable, CaseIterable {
        case deployment = "Deployment"
        case statefulSet = "StatefulSet"
        case daemonSet = "DaemonSet"
        case replicaSet = "ReplicaSet"
        case job = "Job"
        case cronJob = "CronJob"
        case replicationController = "ReplicationController"
    }

    package enum Retention: String, Sendable, Hashable, CaseIterable {
        case retain = "Retain"
        case delete = "Delete"
    }

    package struct ClaimTemplate: Sendable, Hashable {
        package var name: String
        package var storageClass: String?
        /// Bytes.
        package var storage: Int64?

        package init(name: String, storageClass: String? = nil, storage: Int64? = nil) {
            self.name = name
            self.storageClass = storageClass
            self.storage = storage
        }
    }

    package struct Counts: Sendable, Hashable {
        package var replicas: Int64?
        package var ready: Int64?
        package var available: Int64?
        /// Pods of a Job, or Jobs of a CronJob, that run now.
        package var active: Int64?

        package init(
            replicas: Int64? = nil,
            ready: Int64? = nil,
            available: Int64? = nil,
            active: Int64? = nil
        ) {
            self.replicas = replicas
            self.ready = ready
            self.available = available
            self.active = active
        }
    }

    package var kind: Kind
    package var meta: ObjectMeta
    /// Wanted pods; nothing for kinds that have no such number, 1 where the API defaults to it.
    package var replicas: Int64?
    package var selector: LabelSelector?
    package var templateLabels: Labels = [:]
    package var templateAnnotations: Labels = [:]
    package var containers: [Container] = []
    package var initContainers: [Container] = []
    /// A CronJob or Job that is told not to run.
    package var suspend = false
    /// Of a CronJob, in its own notation.
    package var schedule = ""
    package var volumeClaimTemplates: [ClaimTemplate] = []
    /// What becomes of a StatefulSet's claims; retained unless written.
    package var whenDeleted = Retention.retain
    package var whenScaled = Retention.retain
    package var status = Counts()
    /// The members as sent when it came as a flat object; empty for native ones.
    package var flat = JSONObject()

    package init(kind: Kind, meta: ObjectMeta) {
        self.kind = kind
        self.meta = meta
    }

    package var key: ObjectKey { meta.key }
    package var owner: OwnerReference? { meta.controller }
}
