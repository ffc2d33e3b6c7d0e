import Contract

/// One entry of a catalogue file: `{"vcpu", "memory_mib", "arch", "allocatable": {"cpu": "1930m", …}, …}`.
enum CataloguedInstanceType {
    static func read(_ reader: inout JSONReader, name: String) throws(PricingError) -> InstanceTypeFacts? {
        guard let type = InstanceTypeName(name), try reader.peek() == .object else {
            try reader.skip()
            return nil
        }
        var facts = InstanceTypeFacts(type, source: .file)
        var disk = 0
        var gpus = 0
        try reader.beginObject()
        while let key = try reader.nextKey() {
            switch key {
            case "vcpu": facts.set(try positive(&reader), .vcpus, \.vcpus)
            case "memory_mib": facts.set(try positive(&reader), .memoryMiB, \.memoryMiB)
            case "arch": facts.set(architecture(try reader.stringIfAny()), .architecture, \.architecture)
            case "gpu_count": gpus = try reader.integerIfAny() ?? 0
            case "gpu_name": facts.set(try reader.stringIfAny(), .gpuName, \.gpuName)
            case "local_nvme_gb": disk = try reader.integerIfAny() ?? 0
            case "network_mbps": facts.set(try positive(&reader), .networkMbps, \.networkMbps)
            case "allocatable": try allocatable(&reader, &facts)
            default: try reader.skip()
            }
        }
        // This catalogue names disks and GPUs only where there are any.
        facts.set(disk, .localDiskGB, \.localDiskGB)
        facts.set(gpus, .gpuCount, \.gpuCount)
        return facts
    }

    static func architecture(_ text: String?) -> CPUArchitecture? {
        switch text {
        case "amd64", "x86_64": .x86_64
        case "arm64", "arm64_mac": .arm64
        default: nil
        }
    }

    private static func positive(_ reader: inout JSONReader) throws(PricingError) -> Int? {
        try reader.integerIfAny().flatMap { $0 > 0 ? $0 : nil }
    }

    private static func allocatable(_ reader: inout JSONReader, _ facts: inout InstanceTypeFacts) throws(PricingError) {
        guard try reader.peek() == .object else { return try reader.skip() }
        try reader.beginObject()
        while let key = try reader.nextKey() {
            guard let text = try reader.stringIfAny() else { continue }
            switch key {
            case "cpu":
                // "1930m", or whole cores.
                let millicores = text.hasSuffix("m") ? Int(text.dropLast()) : Int(text).map { $0 * 1_000 }
                facts.set(millicores, .allocatableCPU, \.allocatableCPU)
            case "memory":
                facts.set(text.hasSuffix("Mi") ? Int(text.dropLast(2)) : nil, .allocatableMemory, \.allocatableMemory)
            case "pods":
                facts.set(Int(text), .allocatablePods, \.allocatablePods)
                facts.set(Int(text), .maxPods, \.maxPods)
            default: break
            }
        }
    }
}
