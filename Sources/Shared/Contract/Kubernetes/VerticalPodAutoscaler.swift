/// What changes the requests of a workload's containers by itself.
package struct VerticalPodAutoscaler: Sendable, Hashable {
    package var meta: ObjectMeta
    package var target: ScaleTarget
    /// `Off`, `Initial`, `Recreate`, `InPlaceOrRecreate`, `Auto`; `Auto` unless written.
    package var updateMode = "Auto"

    package init(meta: ObjectMeta, target: ScaleTarget) {
        self.meta = meta
        self.target = target
    }
}
