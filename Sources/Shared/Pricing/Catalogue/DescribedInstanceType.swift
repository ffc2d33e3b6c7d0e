import Contract

/// One instance type as DescribeInstanceTypes tells it, whether as the CLI's JSON or as EC2's XML.
struct DescribedInstanceType {
    var name: String?
    var vcpus: Int?
    var memoryMiB: Int?
    var architectures: [String] = []
    var bareMetal: Bool?
    var burstable: Bool?
    var currentGeneration: Bool?
    var gpuCount = 0
    var gpuName: String?
    var localDiskGB: Int?
    var networkPerformance: String?
    var enaSupport: String?
    var interfaces: Int?
    var ipv4PerInterface: Int?
    var defaultCard = 0
    /// Interfaces of each network card; without this list, there is one card.
    var cards: [Int: Int] = [:]

    func facts(from source: CatalogueSource) -> InstanceTypeFacts? {
        guard let type = name.flatMap(InstanceTypeName.init) else { return nil }
        var facts = InstanceTypeFacts(type, source: source)
        facts.set(vcpus: vcpus.flatMap(Self.positive), memoryMiB: memoryMiB.flatMap(Self.positive))
        // Old types list i386 beside x86_64.
        let architecture = architectures.compactMap(CataloguedInstanceType.architecture).first
        facts.set(architecture, .architecture, \.architecture)
        facts.set(bareMetal, .bareMetal, \.bareMetal)
        facts.set(burstable, .burstable, \.burstable)
        facts.set(currentGeneration, .currentGeneration, \.currentGeneration)
        facts.set(gpuCount, .gpuCount, \.gpuCount)
        facts.set(gpuName?.lowercased(), .gpuName, \.gpuName)
        facts.set(localDiskGB ?? 0, .localDiskGB, \.localDiskGB)
        facts.set(networkPerformance, .networkPerformance, \.networkPerformance)
        facts.set(enaSupport.map { $0 != "unsupported" }, .enhancedNetworking, \.enhancedNetworking)
        if let ipv4PerInterface, let onDefaultCard = cards[defaultCard] ?? interfaces {
            let pods = NodeAllocatable.maxPods(defaultCardInterfaces: onDefaultCard, ipv4PerInterface: ipv4PerInterface)
            facts.set(pods, .maxPods, \.maxPods)
        }
        return facts
    }

    private static func positive(_ number: Int) -> Int? { number > 0 ? number : nil }
}

extension DescribedInstanceType {
    /// Reads one element of the CLI's `InstanceTypes`.
    static func read(_ reader: inout JSONReader) throws(PricingError) -> InstanceTypeFacts? {
        var type = DescribedInstanceType()
        try object(&reader) { reader, key throws(PricingError) in
            switch key {
            case "InstanceType": type.name = try reader.stringIfAny()
            case "BareMetal": type.bareMetal = try reader.boolIfAny()
            case "BurstablePerformanceSupported": type.burstable = try reader.boolIfAny()
            case "CurrentGeneration": type.currentGeneration = try reader.boolIfAny()
            case "VCpuInfo": type.vcpus = try integer(&reader, "DefaultVCpus")
            case "MemoryInfo": type.memoryMiB = try integer(&reader, "SizeInMiB")
            case "InstanceStorageInfo": type.localDiskGB = try integer(&reader, "TotalSizeInGB")
            case "ProcessorInfo":
                try object(&reader) { reader, key throws(PricingError) in
                    guard key == "SupportedArchitectures", try reader.peek() == .array else { return try reader.skip() }
                    try reader.beginArray()
                    while try reader.nextElement() {
                        if let name = try reader.stringIfAny() { type.architectures.append(name) }
                    }
                }
            case "GpuInfo": try gpus(&reader, &type)
            case "NetworkInfo": try network(&reader, &type)
            default: try reader.skip()
            }
        }
        return type.facts(from: .file)
    }

    private static func gpus(_ reader: inout JSONReader, _ type: inout DescribedInstanceType) throws(PricingError) {
        try object(&reader) { reader, key throws(PricingError) in
            guard key == "Gpus", try reader.peek() == .array else { return try reader.skip() }
            try reader.beginArray()
            while try reader.nextElement() {
                try object(&reader) { reader, key throws(PricingError) in
                    switch key {
                    case "Name": type.gpuName = try reader.stringIfAny()
                    case "Count": type.gpuCount += try reader.integerIfAny() ?? 0
                    default: try reader.skip()
                    }
                }
            }
        }
    }

    private static func network(_ reader: inout JSONReader, _ type: inout DescribedInstanceType) throws(PricingError) {
        try object(&reader) { reader, key throws(PricingError) in
            switch key {
            case "NetworkPerformance": type.networkPerformance = try reader.stringIfAny()
            case "EnaSupport": type.enaSupport = try reader.stringIfAny()
            case "MaximumNetworkInterfaces": type.interfaces = try reader.integerIfAny()
            case "Ipv4AddressesPerInterface": type.ipv4PerInterface = try reader.integerIfAny()
            case "DefaultNetworkCardIndex": type.defaultCard = try reader.integerIfAny() ?? 0
            case "NetworkCards":
                guard try reader.peek() == .array else { return try reader.skip() }
                try reader.beginArray()
                while try reader.nextElement() {
                    var index: Int?
                    var interfaces: Int?
                    try object(&reader) { reader, key throws(PricingError) in
                        switch key {
                        case "NetworkCardIndex": index = try reader.integerIfAny()
                        case "MaximumNetworkInterfaces": interfaces = try reader.integerIfAny()
                        default: try reader.skip()
                        }
                    }
                    if let index, let interfaces { type.cards[index] = interfaces }
                }
            default: try reader.skip()
            }
        }
    }

    private static func integer(_ reader: inout JSONReader, _ wanted: String) throws(PricingError) -> Int? {
        var value: Int?
        try object(&reader) { reader, key throws(PricingError) in
            if key == wanted { value = try reader.integerIfAny() } else { try reader.skip() }
        }
        return value
    }

    /// Visits each key of an object; anything else, such as null, is skipped.
    private static func object(
        _ reader: inout JSONReader,
        _ visit: (inout JSONReader, String) throws(PricingError) -> Void
    ) throws(PricingError) {
        guard try reader.peek() == .object else { return try reader.skip() }
        try reader.beginObject()
        while let key = try reader.nextKey() { try visit(&reader, key) }
    }
}
