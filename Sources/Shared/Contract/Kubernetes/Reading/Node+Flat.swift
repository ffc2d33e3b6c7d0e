extension Node {
    /// More cores or GiB than this has no machine, so the number is in a smaller unit.
    private static let mostCores = 2000.0
    /// Few machines have more; a bare 2048 is far more often MiB than GiB.
    private static let mostGiB = 1023.0

    static let flatNames = ["name", "node_name", "hostname", "node", "instance_id", "id"]

    /// Reads a node in the small shape: `{"name", "instance_type", "cpu_capacity", "memory_capacity", "zone", …}`.
    ///
    /// The key is the name under which the object stood, when the nodes came as a map.
    init(flat reader: JSONReader, key: String?, assumptions: inout [String]) throws(APIError) {
        var flat = try FlatFields(reader)
        self.init(meta: ObjectMeta(name: try flat.name(Self.flatNames, or: key)))
        self.flat = flat.fields.object
        meta.uid = try flat.text(["uid", "node_uid"]) ?? ""
        meta.labels = try flat.labels(["labels"])
        meta.annotations = try flat.labels(["annotations"])
        meta.createdAt = try flat.time(["created_at", "creation_timestamp", "launch_time"])
        try readIdentity(flat)
        try readAmounts(&flat)
        try readState(flat)
        try readUse(&flat)
        deriveFromNames()
        assumptions += flat.assumptions
    }

    private mutating func readIdentity(_ flat: FlatFields) throws(APIError) {
        providerID = try flat.text(["provider_id", "providerID"]) ?? ""
        instanceID = try flat.text(["instance_id", "ec2_instance_id"])
        instanceType = try flat.text(["instance_type", "current_instance_type", "machine_type", "type"])
        zone = try flat.text(["availability_zone", "zone", "az"])?.lowercased()
        region = try flat.text(["region"])?.lowercased()
        architecture = try flat.text(["architecture", "arch"])
        operatingSystem = try flat.text(["operating_system", "os"])
        let kind = try flat.text(["node_type", "capacity_type", "lifecycle", "purchase_option", "instance_lifecycle"])
        capacityType = kind.flatMap(Self.capacityType(named:)) ?? .unknown
        isFargate = kind?.lowercased() == "fargate"
        if let isSpot = try flat.flag(["is_spot", "spot"]) { capacityType = isSpot ? .spot : .onDemand }
    }

    private mutating func readAmounts(_ flat: inout FlatFields) throws(APIError) {
        let cpu = try flat.millicores(
            "CPU of nodes",
            ["cpu_capacity", "capacity_cpu", "cpu_total", "total_cpu", "cpu", "cpu_cores", "vcpu", "vcpus", "cores"],
            largest: Self.mostCores
        )
        let memory = try flat.bytes(
            "memory of nodes",
            ["memory_capacity", "capacity_memory", "memory_total", "total_memory", "memory", "ram"],
            largestGiB: Self.mostGiB
        )
        let pods = try flat.count(["pod_capacity", "pods_capacity", "max_pods", "capacity_pods"])
        capacity = ResourceAmounts(cpu: cpu ?? 0, memory: memory ?? 0, pods: pods ?? 0)
        if let gpus = try flat.count(["gpu", "gpus", "gpu_count", "gpu_capacity"]), gpus > 0 {
            capacity.extended["nvidia.com/gpu"] = gpus
        }
        let freeCPU = try flat.millicores(
            "allocatable CPU of nodes",
            ["cpu_allocatable", "allocatable_cpu"],
            largest: Self.mostCores
        )
        let freeMemory = try flat.bytes(
            "allocatable memory of nodes",
            ["memory_allocatable", "allocatable_memory"],
            largestGiB: Self.mostGiB
        )
        guard let freeCPU, let freeMemory else { return }
        allocatable = capacity
        allocatable?.cpu = freeCPU
        allocatable?.memory = freeMemory
        allocatable?.pods = try flat.count(["pods_allocatable", "allocatable_pods"]) ?? capacity.pods
    }

    private mutating func readState(_ flat: FlatFields) throws(APIError) {
        unschedulable = try flat.flag(["unschedulable", "cordoned", "is_cordoned"]) ?? false
        if let list = flat.fields.reader("taints") {
            for element in try list.elements() { taints.append(try Taint(element)) }
        }
        if let ready = try flat.flag(["ready", "is_ready"]) {
            readiness = ready ? .ready : .notReady
            return
        }
        guard let status = try flat.text(["status", "state", "node_status", "condition"]) else { return }
        // kubectl prints `Ready,SchedulingDisabled`.
        let words = status.lowercased().split(separator: ",").map { $0.filter { $0 != " " && $0 != "_" } }
        if words.contains("schedulingdisabled") || words.contains("cordoned") { unschedulable = true }
        let good: Set<String> = ["ready", "running", "active", "healthy", "ok", "online", "cordoned", "inservice"]
        readiness = words.contains(where: good.contains) ? .ready : .notReady
    }

    private mutating func readUse(_ flat: inout FlatFields) throws(APIError) {
        var usage = ResourceUsage()
        usage.cpuPercent = try flat.percent(
            ["cpu_usage_pct", "cpu_usage_percent", "cpu_percent", "cpu_utilization_percent", "cpu_pct"],
            shares: ["cpu_usage_percentage", "cpu_utilization", "cpu_util"]
        )
        usage.memoryPercent = try flat.percent(
            ["memory_usage_pct", "memory_usage_percent", "memory_percent", "memory_utilization_percent", "memory_pct"],
            shares: ["memory_usage_percentage", "memory_utilization", "memory_util"]
        )
        let cores = Double(capacity.cpu) / 1000
        if let field = flat.fields.first(["cpu_usage"]), let number = field.value.number, cores > 0, number > cores,
            number <= 100
        {
            // More cores than it has: the number is a percentage.
            usage.cpuPercent = usage.cpuPercent ?? number
        } else {
            usage.cpu = try flat.millicores("CPU use of nodes", ["cpu_usage", "cpu_used"], largest: Self.mostCores)
        }
        let gibibytes = Double(capacity.memory) / 1_073_741_824
        if let field = flat.fields.first(["memory_usage"]), let number = field.value.number, gibibytes > 0,
            number > gibibytes, number <= 100
        {
            usage.memoryPercent = usage.memoryPercent ?? number
        } else {
            usage.memory = try flat.bytes(
                "memory use of nodes",
                ["memory_usage", "memory_used"],
                largestGiB: Self.mostGiB
            )
        }
        self.usage = usage.isEmpty ? nil : usage
    }
}
