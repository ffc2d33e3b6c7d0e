import Contract
import FoundationEssentials
import Testing

@testable import Pricing

@Suite("Instance catalogue", .timeLimit(.minutes(2)))
struct InstanceCatalogueTests {
    private func facts(_ name: String, _ source: CatalogueSource, vcpus: Int?, memory: Int?) throws -> InstanceTypeFacts
    {
        var facts = InstanceTypeFacts(try #require(InstanceTypeName(name)), source: source)
        facts.set(vcpus: vcpus, memoryMiB: memory)
        return facts
    }

    @Test("better sources correct weaker ones, field by field, in any order")
    func merging() throws {
        let feed = try facts("m5.large", .feed, vcpus: 2, memory: 8_000)
        let offer = try facts("m5.large", .offer, vcpus: nil, memory: 8_192)
        let described = try facts("m5.large", .describeInstanceTypes, vcpus: 3, memory: nil)
        for order in [[feed, offer, described], [described, offer, feed], [offer, described, feed]] {
            let spec = try #require(InstanceCatalogue(order)["m5.large"])
            #expect(spec.vcpus == 3)
            #expect(spec.memoryMiB == 8_192)
            #expect(spec.source == .describeInstanceTypes)
            #expect(spec.derived.contains(.architecture))
        }
    }

    @Test("a type is no type before its vCPUs and memory are known, and pods are never invented")
    func incomplete() throws {
        let catalogue = InstanceCatalogue([
            try facts("m5.large", .feed, vcpus: nil, memory: 1),
            try facts("m5.xlarge", .feed, vcpus: 4, memory: 16_384),
        ])
        #expect(catalogue["m5.large"] == nil)
        let spec = try #require(catalogue["m5.xlarge"])
        #expect(spec.maxPods == nil && spec.allocatablePods == nil && spec.allocatableMemoryMiB == nil)
        #expect(spec.allocatableCPUMillicores == 3_920)
        #expect(spec.derived.isSuperset(of: [.allocatableCPU, .allocatableMemory, .allocatablePods]))
    }

    @Test(
        "names are taken apart",
        arguments: [
            ("m6g.large", "m", 6, CPUArchitecture.arm64), ("c7gn.medium", "c", 7, .arm64),
            ("t4g.micro", "t", 4, .arm64), ("a1.metal", "a", 1, .arm64),
            ("x2gd.large", "x", 2, .arm64), ("im4gn.large", "im", 4, .arm64), ("is4gen.large", "is", 4, .arm64),
            ("hpc7g.16xlarge", "hpc", 7, .arm64),
            ("g5g.xlarge", "g", 5, .arm64), ("g4dn.xlarge", "g", 4, .x86_64), ("m7i-flex.large", "m", 7, .x86_64),
            ("p6-b200.48xlarge", "p", 6, .x86_64),
            ("u-6tb1.112xlarge", "u", 1, .x86_64), ("u7i-12tb.224xlarge", "u", 7, .x86_64),
            ("trn1n.32xlarge", "trn", 1, .x86_64),
            ("mac1.metal", "mac", 1, .x86_64), ("mac2-m2.metal", "mac", 2, .arm64),
        ]
    )
    func names(_ text: String, _ category: String, _ generation: Int, _ architecture: CPUArchitecture) throws {
        let name = try #require(InstanceTypeName(text))
        #expect(name.series == category)
        #expect(name.generation == generation)
        #expect(name.architecture == architecture)
        #expect(name.isBurstable == (category == "t"))
        #expect(name.isBareMetal == text.contains(".metal"))
    }

    @Test(
        "what is no type name is refused",
        arguments: [
            "", ".", "m5", "m5.", ".large", "m5..large", "M5.large", "m5.large ", "m5.l\u{0}", "m5/large.x", "a.b.c",
            "-a.b", "é.large", String(repeating: "a", count: 50) + ".large",
        ]
    )
    func badNames(_ text: String) { #expect(InstanceTypeName(text) == nil) }

    @Test(
        "a catalogue file that holds no type is refused",
        arguments: [
            "{}", "[]", "", #"{"InstanceTypes":[]}"#, #"{"InstanceTypes":[{"InstanceType":"m5.large"}]}"#,
            #"{"m5.large":{"vcpu":"2"}}"#, #"{"m5.large":null}"#,
        ]
    )
    func emptyFile(_ text: String) {
        #expect(throws: PricingError.self) { try CatalogueFile(parsing: Array(text.utf8), document: "c") }
    }

    @Suite("against the shared catalogue", .enabled(if: SharedFiles.isFound))
    struct Shared {
        struct Limits: Decodable {
            var Interface: Int
            var IPv4PerInterface: Int
            var DefaultNetworkCardIndex: Int
            var cards: [String: Int]
        }

        @Test("the formulas give the measured allocatable of every type")
        func allocatable() throws {
            let file = try CatalogueFile(
                parsing: try SharedFiles.bytes("data/instances/karpenter_catalogue_2026-08.json"),
                document: "catalogue"
            )
            #expect(file.facts.count == 1_363)
            for facts in file.facts {
                let vcpus = try #require(facts.vcpus)
                let memory = try #require(facts.memoryMiB)
                let pods = try #require(facts.maxPods)
                let architecture = try #require(facts.architecture)
                #expect(NodeAllocatable.cpuMillicores(vcpus: vcpus) == facts.allocatableCPU, "\(facts.name)")
                #expect(
                    NodeAllocatable.memoryMiB(of: memory, architecture: architecture, maxPods: pods)
                        == facts.allocatableMemory,
                    "\(facts.name)"
                )
                #expect(facts.name.architecture == architecture, "\(facts.name)")
                let spec = try #require(InstanceTypeSpec(facts))
                #expect(spec.allocatablePods == pods && !spec.derived.contains(.allocatableMemory))
            }
        }

        @Test("max pods by interfaces of the default card equal the measured ones of all 1,355 shared types")
        func maxPods() throws {
            let file = try CatalogueFile(
                parsing: try SharedFiles.bytes("data/instances/karpenter_catalogue_2026-08.json"),
                document: "catalogue"
            )
            let limits = try JSONDecoder().decode(
                [String: Limits].self,
                from: Data(try SharedFiles.bytes("data/instances/eni_limits_2026-08.json"))
            )
            var compared = 0
            for facts in file.facts {
                guard let limit = limits[facts.name.description] else { continue }
                compared += 1
                let interfaces = try #require(limit.cards["\(limit.DefaultNetworkCardIndex)"])
                #expect(
                    NodeAllocatable.maxPods(defaultCardInterfaces: interfaces, ipv4PerInterface: limit.IPv4PerInterface)
                        == facts.maxPods,
                    "\(facts.name)"
                )
            }
            #expect(compared == 1_355)
        }

        @Test("native describe-instance-types JSON agrees with the catalogue")
        func native() throws {
            let described = try CatalogueFile(
                parsing: try SharedFiles.bytes("data/instances/describe-instance-types_25.json"),
                document: "native"
            )
            let known = InstanceCatalogue(
                try CatalogueFile(
                    parsing: try SharedFiles.bytes("data/instances/karpenter_catalogue_2026-08.json"),
                    document: "catalogue"
                ).facts
            )
            #expect(described.facts.count == 25)
            for facts in described.facts {
                let spec = try #require(InstanceTypeSpec(facts))
                guard let other = known[spec.name] else { continue }
                #expect(
                    spec.vcpus == other.vcpus && spec.memoryMiB == other.memoryMiB
                        && spec.architecture == other.architecture,
                    "\(spec.name)"
                )
                #expect(spec.allocatableCPUMillicores == other.allocatableCPUMillicores)
                #expect(
                    spec.maxPods == other.maxPods && spec.allocatableMemoryMiB == other.allocatableMemoryMiB,
                    "\(spec.name)"
                )
            }
        }

        @Test("the feed's vCPUs and kind agree with the catalogue; its memory is off by 2 % at most, in 7 old types")
        func feed() throws {
            let feed = try SpotAdvisorFeed(
                parsing: try SharedFiles.bytes("data/spot-advisor/spot-advisor-data_2025-07.json"),
                document: "feed"
            )
            let known = InstanceCatalogue(
                try CatalogueFile(
                    parsing: try SharedFiles.bytes("data/instances/karpenter_catalogue_2026-08.json"),
                    document: "catalogue"
                ).facts
            )
            var missing = 0
            var rounded = 0
            for facts in feed.catalogue {
                guard let other = known[facts.name.description] else {
                    missing += 1
                    continue
                }
                let memory = try #require(facts.memoryMiB)
                #expect(facts.vcpus == other.vcpus && facts.architecture == other.architecture, "\(facts.name)")
                #expect(abs(memory - other.memoryMiB) * 50 <= other.memoryMiB, "\(facts.name)")
                if memory != other.memoryMiB { rounded += 1 }
            }
            #expect(missing == 23)
            #expect(rounded == 7)
        }
    }
}
