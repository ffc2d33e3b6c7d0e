import Contract
import OracleSupport
import Testing

@Suite("Instance type name")
struct InstanceTypeNameTests {
    @Test(
        "names come apart",
        arguments: [
            ("m5.large", "m5", "m", 5, "", false), ("c7gn.2xlarge", "c7gn", "c", 7, "gn", true),
            ("is4gen.medium", "is4gen", "is", 4, "gen", true), ("g4dn.xlarge", "g4dn", "g", 4, "dn", false),
            ("a1.medium", "a1", "a", 1, "", true), ("c7i-flex.large", "c7i-flex", "c", 7, "i", false),
            ("u-6tb1.metal", "u-6tb1", "u", 1, "", false), ("u7i-12tb.224xlarge", "u7i-12tb", "u", 7, "i", false),
            ("mac2-m2pro.metal", "mac2-m2pro", "mac", 2, "", true), ("p4de.24xlarge", "p4de", "p", 4, "de", false),
            ("t4g.nano", "t4g", "t", 4, "g", true), ("x2iedn.metal", "x2iedn", "x", 2, "iedn", false),
            ("trn1n.32xlarge", "trn1n", "trn", 1, "n", false), ("p6-b200.48xlarge", "p6-b200", "p", 6, "", false),
        ]
    )
    func parts(
        name: String,
        family: String,
        series: String,
        generation: Int,
        attributes: String,
        isARM: Bool
    ) throws {
        let parsed = try #require(InstanceTypeName(name))
        #expect(parsed.family == family)
        #expect(parsed.series == series)
        #expect(parsed.generation == generation)
        #expect(parsed.attributes == attributes)
        #expect(parsed.isARM == isARM)
        #expect(parsed.description == name)
    }

    @Test("bare metal and burstable show in the name")
    func kinds() throws {
        #expect(InstanceTypeName("m5.metal")?.isBareMetal == true)
        #expect(InstanceTypeName("m8g.metal-24xl")?.isBareMetal == true)
        #expect(InstanceTypeName("t3a.large")?.isBurstable == true)
        #expect(InstanceTypeName("trn1.2xlarge")?.isBurstable == false)
    }

    @Test(
        "what is no type name is refused",
        arguments: [
            "", "m5", ".large", "m5.", "m5.large.x", "M5.large", "m5 .large", "5m.large", "-m5.large", "m5-.large",
            "m5.lärge",
        ]
    )
    func refused(name: String) throws {
        #expect(InstanceTypeName(name) == nil)
    }

    // Skipped without the shared data folder: the catalogue is not part of the repository.
    @Test("every name of the recorded catalogue gives its architecture", .enabled(if: SharedData.isPresent))
    func catalogue() throws {
        let catalogue = try JSONParser.parse(try SharedData.bytes("instances/karpenter_catalogue_2026-08.json"))
        for member in try #require(catalogue.object).members {
            let name = try #require(InstanceTypeName(member.key), "\(member.key)")
            #expect(name.family == member.value["family"]?.string, "\(member.key)")
            #expect(name.isARM == (member.value["arch"]?.string == "arm64"), "\(member.key)")
            #expect(name.generation == member.value["generation"]?.integer.map { Int($0) }, "\(member.key)")
        }
    }
}
