extension Node {
    /// Reads a native node.
    init(_ reader: JSONReader) throws(APIError) {
        let fields = try JSONFields(reader)
        self.init(meta: try ObjectMeta(metadataOf: fields, isNamespaced: false))
        if let spec = try fields.fields("spec") {
            providerID = try spec.name("providerID")
            unschedulable = try spec.flag("unschedulable")
            taints = try spec.list("taints", Taint.init(_:))
        }
        if let status = try fields.fields("status") { try readStatus(status) }
        readiness = Self.readiness(conditions, taints)
        deriveFromNames()
    }

    private mutating func readStatus(_ status: JSONFields) throws(APIError) {
        allocatable = try status.resourceAmounts("allocatable")
        capacity = try status.resourceAmounts("capacity") ?? .zero
        conditions = try status.list("conditions", Condition.init(_:))
        addresses = try status.list("addresses") { reader throws(APIError) in
            let address = try JSONFields(reader)
            return Address(type: try address.name("type"), address: try address.name("address"))
        }
        guard let info = try status.fields("nodeInfo") else { return }
        kubeletVersion = try info.name("kubeletVersion")
        architecture = try info.nameIfPresent("architecture")
        operatingSystem = try info.nameIfPresent("operatingSystem")
    }

    /// A state with conditions but without `Ready` says that nobody vouches for the node.
    static func readiness(_ conditions: [Condition], _ taints: [Taint]) -> Readiness {
        if let ready = conditions.first(where: { $0.type == "Ready" }) {
            return ready.status == .yes ? .ready : .notReady
        }
        let bad: Set<String> = ["node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"]
        return conditions.isEmpty && !taints.contains { bad.contains($0.key) } ? .assumed : .notReady
    }
}
