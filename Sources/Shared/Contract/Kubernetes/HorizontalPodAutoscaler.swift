/// What changes a workload's number of pods by itself.
package struct HorizontalPodAutoscaler: Sendable, Hashable {
    package var meta: ObjectMeta
    package var target: ScaleTarget
    /// 1 unless written.
    package var minReplicas: Int64 = 1
    package var maxReplicas: Int64?
    /// Names of the resources and metrics it looks at, such as `cpu` and `memory`; sorted.
    package var metricNames: [String] = []
    package var currentReplicas: Int64?
    package var desiredReplicas: Int64?
    /// `HorizontalPodAutoscaler`, or `ScaledObject` for KEDA's.
    package var kind = "HorizontalPodAutoscaler"

    package init(meta: ObjectMeta, target: ScaleTarget) {
        self.meta = meta
        self.target = target
    }

    package func scales(_ resource: String) -> Bool { metricNames.contains(resource) }
}

/// The workload an autoscaler looks after.
package struct ScaleTarget: Sendable, Hashable {
    package var kind: String
    package var name: String

    package init(kind: String, name: String) {
        self.kind = kind
        self.name = name
    }
}
