/// One page of DescribeInstanceTypes, from EC2's XML.
struct DescribeInstanceTypesReply: Sendable {
    var facts: [InstanceTypeFacts] = []
    /// nil on the last page, which carries no token or an empty one.
    var nextToken: String?

    init(parsing body: [UInt8], document: String) throws(PricingError) {
        let outcome = body.withUnsafeBufferPointer { buffer -> Result<Self, PricingError> in
            var reader = XMLReader(buffer, document: document)
            do throws(PricingError) { return .success(try Self(&reader)) } catch { return .failure(error) }
        }
        self = try outcome.get()
    }

    private init(_ reader: inout XMLReader) throws(PricingError) {
        var path: [String] = []
        var text = ""
        var type = DescribedInstanceType()
        var card: (index: Int?, interfaces: Int?) = (nil, nil)
        while let event = try reader.next() {
            switch event {
            case .start(let name):
                if path.isEmpty, name != "DescribeInstanceTypesResponse" {
                    throw PricingError(
                        .invalid,
                        "expected DescribeInstanceTypesResponse, found \(name.prefix(64))",
                        in: reader.document
                    )
                }
                path.append(name)
                text = ""
                if path.count == 3, path[1] == "instanceTypeSet" { type = DescribedInstanceType() }
                if path.count == 6, path[4] == "networkCards" { card = (nil, nil) }
            case .text(let more):
                text += more
            case .end:
                Self.take(text, at: path, into: &type, &card)
                if path.count == 6, path[4] == "networkCards", let index = card.index, let interfaces = card.interfaces
                {
                    type.cards[index] = interfaces
                }
                if path.count == 3, path[1] == "instanceTypeSet", let facts = type.facts(from: .describeInstanceTypes) {
                    self.facts.append(facts)
                }
                if path.count == 2, path[1] == "nextToken", !text.isEmpty { nextToken = text }
                path.removeLast()
                text = ""
            }
        }
    }

    private static func take(
        _ text: String,
        at path: [String],
        into type: inout DescribedInstanceType,
        _ card: inout (index: Int?, interfaces: Int?)
    ) {
        guard path.count > 3, path[1] == "instanceTypeSet" else { return }
        switch path[3...].joined(separator: "/") {
        case "instanceType": type.name = text
        case "currentGeneration": type.currentGeneration = text == "true"
        case "bareMetal": type.bareMetal = text == "true"
        case "burstablePerformanceSupported": type.burstable = text == "true"
        case "processorInfo/supportedArchitectures/item": type.architectures.append(text)
        case "vCpuInfo/defaultVCpus": type.vcpus = Int(text)
        case "memoryInfo/sizeInMiB": type.memoryMiB = Int(text)
        case "gpuInfo/gpus/item/name": type.gpuName = text
        case "gpuInfo/gpus/item/count": type.gpuCount += Int(text) ?? 0
        case "instanceStorageInfo/totalSizeInGB": type.localDiskGB = Int(text)
        case "networkInfo/networkPerformance": type.networkPerformance = text
        case "networkInfo/enaSupport": type.enaSupport = text
        case "networkInfo/maximumNetworkInterfaces": type.interfaces = Int(text)
        case "networkInfo/ipv4AddressesPerInterface": type.ipv4PerInterface = Int(text)
        case "networkInfo/defaultNetworkCardIndex": type.defaultCard = Int(text) ?? 0
        case "networkInfo/networkCards/item/networkCardIndex": card.index = Int(text)
        case "networkInfo/networkCards/item/maximumNetworkInterfaces": card.interfaces = Int(text)
        default: break
        }
    }
}
