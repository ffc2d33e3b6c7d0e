extension Pod {
    /// Reads a native pod.
    init(_ reader: JSONReader) throws(APIError) {
        let fields = try JSONFields(reader)
        self.init(meta: try ObjectMeta(metadataOf: fields, isNamespaced: true))
        if let spec = try fields.fields("spec") { try readSpec(spec) }
        if let status = try fields.fields("status") { try readStatus(status) }
    }

    private mutating func readSpec(_ spec: JSONFields) throws(APIError) {
        nodeName = try spec.nameIfPresent("nodeName")
        priority = try spec.integer("priority") ?? 0
        priorityClass = try spec.name("priorityClassName")
        containers = try spec.list("containers", Container.init(_:))
        initContainers = try spec.list("initContainers", Container.init(_:))
        overhead = try spec.resourceList("overhead")
        if let resources = try spec.fields("resources") {
            podRequests = try resources.has("requests") ? resources.resourceList("requests") : nil
            podLimits = try resources.has("limits") ? resources.resourceList("limits") : nil
        }
        nodeSelector = try spec.labels("nodeSelector")
        if let affinity = try spec.fields("affinity"), !affinity.object.isEmpty {
            self.affinity = try Affinity(affinity)
        }
        topologySpread = try spec.list("topologySpreadConstraints", TopologySpread.init(_:))
        tolerations = try spec.list("tolerations", Toleration.init(_:))
        volumes = try spec.list("volumes", PodVolume.init(_:))
        hostNetwork = try spec.flag("hostNetwork")
        terminationGracePeriodSeconds = try spec.count("terminationGracePeriodSeconds") ?? 30
        schedulerName = try spec.nameIfPresent("schedulerName") ?? schedulerName
        restartPolicy = try spec.nameIfPresent("restartPolicy") ?? restartPolicy
        if hostNetwork { takeContainerPorts(spec) }
    }

    /// On the host's network every container port is a host port; the API server writes them so.
    private mutating func takeContainerPorts(_ spec: JSONFields) {
        guard case .array(let list) = spec.value("containers"), list.count == containers.count else { return }
        for (index, container) in list.enumerated() where containers[index].hostPorts.isEmpty {
            guard case .array(let ports) = container["ports"] else { continue }
            containers[index].hostPorts = ports.compactMap { port in
                guard let number = port["containerPort"]?.integer, (1...65_535).contains(number) else { return nil }
                return HostPort(port: Int(number), protocol: port["protocol"]?.string ?? "TCP")
            }
        }
    }

    private mutating func readStatus(_ status: JSONFields) throws(APIError) {
        phase = try status.knownChoice("phase", Phase.self) ?? .unknown
        reason = try status.text("reason")
        message = try status.text("message")
        qosClass = try status.knownChoice("qosClass", QoSClass.self)
        startTime = try status.time("startTime")
        address = try status.name("podIP")
        statuses = try status.list("initContainerStatuses") { reader throws(APIError) in
            try ContainerStatus(reader, isInit: true)
        }
        let running = try status.list("containerStatuses") { reader throws(APIError) in
            try ContainerStatus(reader, isInit: false)
        }
        if statuses.isEmpty { statuses = running } else { statuses += running }
        conditions = try status.list("conditions", Condition.init(_:))
    }
}
