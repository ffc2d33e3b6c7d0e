/// A volume of a pod, as far as it matters for moving the pod.
package struct PodVolume: Sendable, Hashable {
    package enum Source: Sendable, Hashable {
        case claim(name: String)
        /// In memory when `inMemory`; the limit is in bytes.
        case emptyDir(inMemory: Bool, sizeLimit: Int64?)
        case hostPath(path: String)
        /// A volume the driver makes for the pod's life.
        case csi(driver: String)
        /// A claim of its own, named after the pod and the volume.
        case ephemeral(storageClass: String?, storage: Int64?)
        /// A cloud disk named in the pod itself, such as `aws:vol-0123`.
        case disk(id: String)
        /// Config maps, secrets, projections and whatever else moves along by itself.
        case other(kind: String)
    }

    package var name: String
    package var source: Source

    package init(name: String, source: Source) {
        self.name = name
        self.source = source
    }
}
