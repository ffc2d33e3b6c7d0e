/// What a namespace may use in all.
package struct ResourceQuota: Sendable, Hashable {
    package var meta: ObjectMeta
    /// By the quota's own names, such as `requests.cpu` and `pods`.
    package var hard: NameTable<Quantity> = [:]
    package var used: NameTable<Quantity> = [:]

    package init(meta: ObjectMeta) { self.meta = meta }
}
