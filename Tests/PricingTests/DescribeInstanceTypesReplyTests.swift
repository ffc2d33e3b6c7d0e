import Testing

@testable import Pricing

@Suite("DescribeInstanceTypes XML")
struct DescribeInstanceTypesReplyTests {
    private func parse(_ text: String) throws(PricingError) -> DescribeInstanceTypesReply {
        try DescribeInstanceTypesReply(parsing: Array(text.utf8), document: "EC2")
    }

    @Test("a page is read with GPUs, network cards and its token")
    func page() throws {
        let reply = try parse(
            """
            <?xml version="1.0" encoding="UTF-8"?>
            <!-- a comment -->
            <DescribeInstanceTypesResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/">
              <requestId>x</requestId>
              <instanceTypeSet>
                <item><instanceType>p5.48xlarge</instanceType><currentGeneration>true</currentGeneration><bareMetal>false</bareMetal>
                  <burstablePerformanceSupported>false</burstablePerformanceSupported>
                  <processorInfo><supportedArchitectures><item>i386</item><item>x86_64</item></supportedArchitectures></processorInfo>
                  <vCpuInfo><defaultVCpus>192</defaultVCpus></vCpuInfo><memoryInfo><sizeInMiB>2097152</sizeInMiB></memoryInfo>
                  <instanceStorageInfo><totalSizeInGB>30400</totalSizeInGB></instanceStorageInfo>
                  <gpuInfo><gpus><item><name>H100</name><count>8</count></item></gpus></gpuInfo>
                  <networkInfo><networkPerformance>3200 &lt;Gigabit&#62; &amp; more</networkPerformance><enaSupport>required</enaSupport>
                    <maximumNetworkInterfaces>64</maximumNetworkInterfaces><ipv4AddressesPerInterface>50</ipv4AddressesPerInterface>
                    <defaultNetworkCardIndex>0</defaultNetworkCardIndex>
                    <networkCards><item><networkCardIndex>0</networkCardIndex><maximumNetworkInterfaces>2</maximumNetworkInterfaces></item>
                    <item><networkCardIndex>1</networkCardIndex><maximumNetworkInterfaces>2</maximumNetworkInterfaces></item></networkCards></networkInfo></item>
                <item><instanceType>t4g.micro</instanceType><vCpuInfo><defaultVCpus>2</defaultVCpus></vCpuInfo><memoryInfo><sizeInMiB>1024</sizeInMiB></memoryInfo></item>
              </instanceTypeSet>
              <nextToken>abc</nextToken>
            </DescribeInstanceTypesResponse>
            """
        )
        #expect(reply.nextToken == "abc")
        let catalogue = InstanceCatalogue(reply.facts)
        let p5 = try #require(catalogue["p5.48xlarge"])
        // The measured values of the catalogue: pods count the default card only.
        #expect(p5.maxPods == 100)
        #expect(p5.allocatableMemoryMiB == 1_938_410)
        #expect(p5.gpuCount == 8 && p5.gpuName == "h100" && p5.localDiskGB == 30_400 && p5.enhancedNetworking == true)
        #expect(p5.networkPerformance == "3200 <Gigabit> & more")
        #expect(p5.architecture == .x86_64)
        let t4g = try #require(catalogue["t4g.micro"])
        #expect(t4g.architecture == .arm64 && t4g.burstable && t4g.gpuCount == 0 && t4g.maxPods == nil)
    }

    @Test("an empty token means the last page", arguments: ["<nextToken/>", "<nextToken></nextToken>", ""])
    func lastPage(_ token: String) throws {
        let reply = try parse(
            "<DescribeInstanceTypesResponse><instanceTypeSet/>\(token)</DescribeInstanceTypesResponse>"
        )
        #expect(reply.nextToken == nil)
        #expect(reply.facts.isEmpty)
    }

    @Test(
        "damaged, foreign and hostile documents are refused",
        arguments: [
            "", "<", "text", "<a", "<a>", "<a></b>", "<DescribeInstanceTypesResponse>", "<Other/>",
            "<DescribeInstanceTypesResponse/><x/>",
            "<!DOCTYPE a [<!ENTITY x \"y\">]><DescribeInstanceTypesResponse/>",
            "<DescribeInstanceTypesResponse>&unknown;</DescribeInstanceTypesResponse>",
            "<DescribeInstanceTypesResponse>&#0;</DescribeInstanceTypesResponse>",
            "<DescribeInstanceTypesResponse a=b/>", "<DescribeInstanceTypesResponse a=\"b/>",
            "<DescribeInstanceTypesResponse><![CDATA[x</DescribeInstanceTypesResponse>",
            "<DescribeInstanceTypesResponse><!-- x</DescribeInstanceTypesResponse>",
            "<html><body>503</body></html>",
        ]
    )
    func refused(_ text: String) {
        #expect(throws: PricingError.self) { try parse(text) }
    }

    @Test("a million opening tags are refused")
    func deep() {
        #expect(throws: PricingError.self) {
            try parse("<DescribeInstanceTypesResponse>" + String(repeating: "<a>", count: 1_000_000))
        }
    }
}
