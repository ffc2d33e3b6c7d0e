/// Something that happened to an object.
package struct KubernetesEvent: Sendable, Hashable {
    package struct Subject: Sendable, Hashable {
        package var kind = ""
        package var namespace = ""
        package var name = ""
        package var uid = ""
        /// Such as `spec.containers{web}`.
        package var fieldPath = ""

        package init() {}

        package init(kind: String, namespace: String, name: String, uid: String = "", fieldPath: String = "") {
            self.kind = kind
            self.namespace = namespace
            self.name = name
            self.uid = uid
            self.fieldPath = fieldPath
        }
    }

    package var meta: ObjectMeta
    package var reason = ""
    /// `Normal` or `Warning`.
    package var type = ""
    package var message = ""
    package var involved = Subject()
    /// How often it happened; at least 1.
    package var count: Int64 = 1
    package var firstSeen: Timestamp?
    package var lastSeen: Timestamp?
    package var sourceComponent = ""
    package var sourceHost = ""

    package init(meta: ObjectMeta) { self.meta = meta }
}
