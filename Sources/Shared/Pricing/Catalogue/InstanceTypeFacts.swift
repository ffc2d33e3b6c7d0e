package import Contract

/// Where an attribute comes from; a later case corrects an earlier one.
package enum CatalogueSource: Int, Sendable, Comparable, CaseIterable {
    /// Derived from the type's name or by formula.
    case name
    case sample
    case feed
    case offer
    case file
    case describeInstanceTypes

    package static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }

    package var label: String {
        switch self {
        case .name: "name"
        case .sample: "SAMPLE"
        case .feed: "spot_advisor"
        case .offer: "offer"
        case .file: "file"
        case .describeInstanceTypes: "describe_instance_types"
        }
    }

    package init?(label: String) {
        guard let found = Self.allCases.first(where: { $0.label == label }) else { return nil }
        self = found
    }
}

package enum InstanceAttribute: String, Sendable, CaseIterable {
    case vcpus, memoryMiB, architecture, gpuCount, gpuName, bareMetal, burstable, localDiskGB, networkMbps
    case networkPerformance, enhancedNetworking, maxPods, currentGeneration, processor
    case allocatableCPU, allocatableMemory, allocatablePods
}

/// What is known of one type, attribute by attribute, each with the source it comes from.
package struct InstanceTypeFacts: Sendable, Equatable {
    package let name: InstanceTypeName
    package internal(set) var vcpus: Int?
    package internal(set) var memoryMiB: Int?
    package internal(set) var architecture: CPUArchitecture?
    package internal(set) var gpuCount: Int?
    package internal(set) var gpuName: String?
    package internal(set) var bareMetal: Bool?
    package internal(set) var burstable: Bool?
    package internal(set) var localDiskGB: Int?
    package internal(set) var networkMbps: Int?
    package internal(set) var networkPerformance: String?
    package internal(set) var enhancedNetworking: Bool?
    package internal(set) var maxPods: Int?
    package internal(set) var currentGeneration: Bool?
    package internal(set) var processor: String?
    package internal(set) var allocatableCPU: Int?
    package internal(set) var allocatableMemory: Int?
    package internal(set) var allocatablePods: Int?
    package internal(set) var provenance: [InstanceAttribute: CatalogueSource] = [:]
    /// The source of values set from now on: no part of what is known, so all are equal.
    private struct Author: Sendable, Equatable {
        let source: CatalogueSource
        static func == (left: Self, right: Self) -> Bool { true }
    }
    private let author: Author

    /// Starts with what the name itself tells.
    package init(_ name: InstanceTypeName, source: CatalogueSource) {
        self.name = name
        author = Author(source: source)
        take(name.architecture == .unknown ? nil : name.architecture, .architecture, \.architecture, from: .name)
        take(name.isBareMetal, .bareMetal, \.bareMetal, from: .name)
        take(name.isBurstable, .burstable, \.burstable, from: .name)
    }

    package mutating func set(vcpus: Int?, memoryMiB: Int?) {
        take(vcpus, .vcpus, \.vcpus, from: author.source)
        take(memoryMiB, .memoryMiB, \.memoryMiB, from: author.source)
    }

    mutating func set<Value>(
        _ value: Value?,
        _ attribute: InstanceAttribute,
        _ path: WritableKeyPath<Self, Value?>
    ) {
        take(value, attribute, path, from: author.source)
    }

    mutating func take<Value>(
        _ value: Value?,
        _ attribute: InstanceAttribute,
        _ path: WritableKeyPath<Self, Value?>,
        from source: CatalogueSource
    ) {
        guard let value, source >= provenance[attribute] ?? .name else { return }
        self[keyPath: path] = value
        provenance[attribute] = source
    }

    /// Takes over every attribute that the other knows from a source at least as good.
    package mutating func merge(_ other: Self) {
        func from(_ attribute: InstanceAttribute) -> CatalogueSource { other.provenance[attribute] ?? .name }
        take(other.vcpus, .vcpus, \.vcpus, from: from(.vcpus))
        take(other.memoryMiB, .memoryMiB, \.memoryMiB, from: from(.memoryMiB))
        take(other.architecture, .architecture, \.architecture, from: from(.architecture))
        take(other.gpuCount, .gpuCount, \.gpuCount, from: from(.gpuCount))
        take(other.gpuName, .gpuName, \.gpuName, from: from(.gpuName))
        take(other.bareMetal, .bareMetal, \.bareMetal, from: from(.bareMetal))
        take(other.burstable, .burstable, \.burstable, from: from(.burstable))
        take(other.localDiskGB, .localDiskGB, \.localDiskGB, from: from(.localDiskGB))
        take(other.networkMbps, .networkMbps, \.networkMbps, from: from(.networkMbps))
        take(other.networkPerformance, .networkPerformance, \.networkPerformance, from: from(.networkPerformance))
        take(other.enhancedNetworking, .enhancedNetworking, \.enhancedNetworking, from: from(.enhancedNetworking))
        take(other.maxPods, .maxPods, \.maxPods, from: from(.maxPods))
        take(other.currentGeneration, .currentGeneration, \.currentGeneration, from: from(.currentGeneration))
        take(other.processor, .processor, \.processor, from: from(.processor))
        take(other.allocatableCPU, .allocatableCPU, \.allocatableCPU, from: from(.allocatableCPU))
        take(other.allocatableMemory, .allocatableMemory, \.allocatableMemory, from: from(.allocatableMemory))
        take(other.allocatablePods, .allocatablePods, \.allocatablePods, from: from(.allocatablePods))
    }
}
