import FoundationEssentials
import Support
import Testing

@testable import Pricing

@Suite("On-Demand offer file", .timeLimit(.minutes(2)))
struct OnDemandOfferTests {
    static let header = [
        "SKU", "OfferTermCode", "TermType", "EffectiveDate", "Unit", "PricePerUnit", "Currency", "Product Family",
        "Location",
        "Location Type", "Instance Type", "Current Generation", "vCPU", "Physical Processor", "Memory", "Storage",
        "Network Performance",
        "Tenancy", "Operating System", "License Model", "CapacityStatus", "Pre Installed S/W", "Region Code", "GPU",
        "Enhanced Networking Supported", "MarketOption",
    ]
    static let good: [String: String] = [
        "SKU": "A", "OfferTermCode": "JRTCKXETXF", "TermType": "OnDemand", "EffectiveDate": "2026-11-01", "Unit": "Hrs",
        "PricePerUnit": "0.0960000000", "Currency": "USD", "Product Family": "Compute Instance",
        "Location": "US East (N. Virginia)",
        "Location Type": "AWS Region", "Instance Type": "m5.large", "Current Generation": "Yes", "vCPU": "2",
        "Physical Processor": "Intel Xeon Platinum 8175 (Skylake)", "Memory": "8 GiB", "Storage": "EBS only",
        "Network Performance": "Up to 10 Gigabit", "Tenancy": "Shared", "Operating System": "Linux",
        "License Model": "No License required",
        "CapacityStatus": "Used", "Pre Installed S/W": "NA", "Region Code": "us-east-1", "GPU": "",
        "Enhanced Networking Supported": "Yes",
        "MarketOption": "OnDemand",
    ]

    static func file(_ rows: [[String: String]], header: [String] = header, lineEnd: String = "\n") -> String {
        let preamble = [
            "\"FormatVersion\",\"v1.0\"", "\"Disclaimer\",\"a \"\"quoted\"\", text\nover two lines\"",
            "\"Publication Date\",\"2026-11-20T00:00:00Z\"", "\"Version\",\"20261120001122\"",
            "\"OfferCode\",\"AmazonEC2\"",
        ]
        let lines = [header] + rows.map { row in header.map { row[$0] ?? "" } }
        let quoted = lines.map {
            $0.map {
                "\"" + $0.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
            }.joined(separator: ",")
        }
        return (preamble + quoted).joined(separator: lineEnd) + lineEnd
    }

    static func parse(_ text: String, region: String? = "us-east-1", chunk: Int = 1 << 20) throws(PricingError)
        -> OnDemandPriceList
    {
        var offer = OnDemandOffer(region: region, document: "offer.csv")
        let bytes = Array(text.utf8)
        var at = 0
        while at < bytes.count {
            let end = min(bytes.count, at + chunk)
            let part = Array(bytes[at..<end])
            let outcome = part.withUnsafeBytes { buffer -> Result<Void, PricingError> in
                do throws(PricingError) { return .success(try offer.feed(buffer)) } catch { return .failure(error) }
            }
            try outcome.get()
            at = end
        }
        return try offer.finish()
    }

    static func row(_ changes: [String: String]) -> [String: String] { good.merging(changes) { $1 } }

    @Test(
        "decoy rows never pass",
        arguments: [
            ["TermType": "Reserved"], ["CapacityStatus": "UnusedCapacityReservation"],
            ["CapacityStatus": "AllocatedCapacityReservation"],
            ["Tenancy": "Dedicated"], ["Tenancy": "Host"], ["Pre Installed S/W": "SQL Web"],
            ["License Model": "Bring your own license"],
            ["Unit": "Quantity"], ["Product Family": "Dedicated Host"], ["PricePerUnit": "0.0000000000"],
            ["PricePerUnit": "-1"],
            ["PricePerUnit": "NaN"], ["PricePerUnit": "1e3"], ["PricePerUnit": ""],
            ["PricePerUnit": "99999999999999999999"],
            ["Instance Type": "m5"], ["Instance Type": ""], ["Operating System": "NA"],
            ["Location Type": "AWS Local Zone"],
            ["MarketOption": "CapacityBlock"], ["Region Code": "eu-west-1"], ["Currency": "DOLLAR"],
        ]
    )
    func decoys(_ changes: [String: String]) throws {
        let list = try Self.parse(Self.file([Self.row(changes), Self.row(["Instance Type": "c5.large"])]))
        #expect(list.prices.map(\.instanceType) == ["c5.large"])
    }

    @Test("the right row gives the price and the type's attributes")
    func rightRow() throws {
        let rows = [
            Self.good,
            Self.row([
                "Instance Type": "c7gd.metal", "Product Family": "Compute Instance (bare metal)", "Memory": "1,952 GiB",
                "vCPU": "64", "Physical Processor": "AWS Graviton3 Processor", "Storage": "2 x 1900 NVMe SSD",
                "GPU": "4", "PricePerUnit": "2.0000004999", "Operating System": "Windows",
                "Enhanced Networking Supported": "No",
            ]),
        ]
        let list = try Self.parse(Self.file(rows))
        #expect(list.version == "20261120001122")
        #expect(list.prices.map(\.hourly.description) == ["2.000000", "0.096000"])
        #expect(
            list.prices[1]
                == OnDemandPrice(
                    region: "us-east-1",
                    instanceType: "m5.large",
                    operatingSystem: "Linux",
                    hourly: try #require(HourlyPrice(micros: 96_000)),
                    currency: "USD",
                    effectiveDate: "2026-11-01"
                )
        )
        let metal = try #require(InstanceCatalogue(list.catalogue)["c7gd.metal"])
        #expect(metal.memoryMiB == 1_952 * 1_024)
        #expect(metal.architecture == .arm64)
        #expect(metal.bareMetal)
        #expect(metal.localDiskGB == 3_800)
        #expect(metal.gpuCount == 4)
        #expect(metal.enhancedNetworking == false)
        #expect(metal.source == .offer)
        let m5 = try #require(InstanceCatalogue(list.catalogue)["m5.large"])
        #expect(
            m5.vcpus == 2 && m5.memoryMiB == 8_192 && m5.localDiskGB == 0 && m5.maxPods == nil
                && m5.allocatableMemoryMiB == nil
        )
        #expect(m5.currentGeneration == true)
    }

    @Test("the same rows come out whatever the chunks", arguments: [1, 2, 3, 7, 64, 4_096])
    func chunks(_ size: Int) throws {
        let rows = (0..<200).map {
            Self.row(["Instance Type": "m5.x\($0)", "PricePerUnit": "0.\($0 + 1)", "Storage": "a \"b\", c"])
        }
        for lineEnd in ["\n", "\r\n"] {
            let text = Self.file(rows, lineEnd: lineEnd)
            let whole = try Self.parse(text)
            let cut = try Self.parse(text, chunk: size)
            #expect(cut.prices == whole.prices)
            #expect(cut.catalogue == whole.catalogue)
            #expect(cut.version == whole.version)
            #expect(whole.prices.count == 200)
        }
    }

    @Test(
        "columns are found by name in any order; files without Region Code fall back to the location, then to the caller"
    )
    func columns() throws {
        let reversed = Array(Self.header.dropFirst().reversed())
        let old = ["SKU"] + reversed.filter { !["Region Code", "MarketOption", "Location Type"].contains($0) }
        #expect(try Self.parse(Self.file([Self.good], header: old)).prices.map(\.region) == ["us-east-1"])
        #expect(
            try Self.parse(Self.file([Self.row(["Location": "Middle-earth"])], header: old)).prices.map(\.region) == [
                "us-east-1"
            ]
        )
        #expect(throws: PricingError.self) {
            try Self.parse(Self.file([Self.row(["Location": "Middle-earth"])], header: old), region: nil)
        }
    }

    @Test("a missing column, a missing header, a cut file and an empty one are refused with the reason")
    func refused() {
        let cases: [(String, String)] = [
            (Self.file([Self.good], header: Self.header.filter { $0 != "Tenancy" }), "'Tenancy'"), ("", "no header"),
            ("a,b\n", "no header"),
            (String(repeating: "a,b\n", count: 100), "no On-Demand"), ("\u{0}\u{1}\u{2}", "no header"),
            (Self.file([]), "no On-Demand price"),
            (String(Self.file([Self.good]).dropLast(4)), "inside a quoted field"), ("\"a\"b,c\n", "closing quote"),
            ("\"" + String(repeating: "x", count: 2 << 20), "1 MiB"),
        ]
        for (text, reason) in cases {
            do throws(PricingError) {
                _ = try Self.parse(text)
                Issue.record("accepted: \(reason)")
            } catch {
                #expect(error.description.contains(reason) || error.description.contains("no header row"), "\(error)")
            }
        }
    }

    @Test("a row of another width is counted, a second price for one product is reported and not taken")
    func badRows() throws {
        let last = Self.file([Self.good]).split(separator: "\n").last ?? ""
        let odd = "\"only\",\"three\",\"fields\"\n"
        let text = Self.file([Self.good, Self.row(["PricePerUnit": "5"])])
        let list = try Self.parse(text + odd + last + "\n")
        #expect(list.prices.map(\.hourly.micros) == [96_000])
        #expect(list.report.malformed == 2)
    }

    @Test("a file that was cut inside a row, is in another encoding, or is mostly unreadable is refused")
    func damaged() throws {
        let whole = Self.file([Self.good, Self.row(["Instance Type": "m5.xlarge"])])
        // Cut behind a closing quote: nothing is open, only the row is short.
        let cut = whole.utf8.prefix(whole.utf8.count - 40)
        let end = try #require(cut.lastIndex(of: UInt8(ascii: "\"")))
        let wide: [UInt8] = [0xFF, 0xFE] + whole.utf16.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] }
        let strange = Self.file([Self.good] + (0..<20).map { Self.row(["PricePerUnit": "€\($0)"]) })
        let cases: [([UInt8], String)] = [
            (Array(cut[...end]), "cut"), (Array(cut[..<end]), "cut"), (wide, "no header"),
            (Array(strange.utf8), "unreadable rows"),
        ]
        for (bytes, reason) in cases {
            do throws(PricingError) {
                var offer = OnDemandOffer(region: "us-east-1", document: "test")
                try Self.feed(bytes, to: &offer)
                _ = try offer.finish()
                Issue.record("accepted: \(reason)")
            } catch {
                #expect(error.description.contains(reason) || error.description.contains("quote"), "\(error)")
            }
        }
    }

    private static func feed(_ bytes: [UInt8], to offer: inout OnDemandOffer) throws(PricingError) {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 1)
        defer { buffer.deallocate() }
        buffer.copyBytes(from: bytes)
        try offer.feed(UnsafeRawBufferPointer(buffer))
    }

    @Test(
        "prices are exact to a millionth",
        arguments: [
            ("0.0960000000", 96_000), ("1", 1_000_000), ("0.0000005", 1), ("0.00000049", 0), ("23.82627", 23_826_270),
            (".5", 500_000), ("5.", 5_000_000),
        ]
    )
    func exact(_ text: String, _ micros: Int) {
        #expect(HourlyPrice(text.utf8)?.micros == Int64(micros))
    }

    @Test("storage and memory columns are read in every known spelling")
    func spellings() {
        let disks = [
            ("EBS only", 0), ("1 x 900 NVMe SSD", 900), ("2 x 40 SSD", 80), ("900 GB NVMe SSD", 900),
            ("24 x 2000 HDD", 48_000), ("8 x 3.84 TB NVMe SSD", 30_720),
        ]
        for (text, gigabytes) in disks { #expect(OfferAttributes.disk(text) == gigabytes, "\(text)") }
        for text in ["", "NA", "a lot"] { #expect(OfferAttributes.disk(text) == nil) }
        for (text, mebibytes) in [
            ("8 GiB", 8_192), ("0.5 GiB", 512), ("24,576 GiB", 25_165_824), ("24 TiB", 25_165_824),
        ] { #expect(OfferAttributes.memory(text) == mebibytes) }
        for text in ["", "8", "-8 GiB", "8 XB", "nan GiB"] { #expect(OfferAttributes.memory(text) == nil) }
    }

    @Test("a local file is recognised as CSV, as packed CSV, and as a JSON table, packed or not")
    func files() async throws {
        let folder = try TemporaryFolder()
        let csv = try folder.write(Self.file([Self.good]), to: "offer.csv")
        let table = try folder.write(
            #"{"os":"Linux","generated_at":"2026-07-20T13:44:30Z","prices":{"us-east-1":{"m5.large":0.096}},"currency":"USD"}"#,
            to: "table.json"
        )
        try await folder.run("gzip -k offer.csv table.json && head -c 200 offer.csv.gz > cut.csv.gz")
        for path in [csv, csv + ".gz", table, table + ".gz", "file://" + csv] {
            let list = try OnDemandFile.open(path)
            #expect(list.prices.map(\.hourly.micros) == [96_000], "\(path)")
        }
        #expect(throws: PricingError.self) { try OnDemandFile.open(folder.path + "/cut.csv.gz") }
        for path in ["/nowhere/at/all.csv", folder.path] {
            do throws(PricingError) {
                _ = try OnDemandFile.open(path)
                Issue.record("read \(path)")
            } catch { #expect(error.code == .unreadable) }
        }
    }

    @Test("the JSON table counts what it leaves out: price 0, bare families, impossible prices")
    func table() throws {
        let text =
            #"{"currency":"USD","os":"Linux","generated_at":"2026-07-20","prices":{"us-east-1":{"a1":0.5,"a1.large":0,"b1.large":-1,"c1.large":"x","d1.large":1e300,"e1.large":0.1},"bad region":{}}}"#
        let list = try OnDemandTable.parse(Array(text.utf8), document: "t")
        #expect(list.prices.map(\.instanceType) == ["e1.large"])
        #expect(list.prices[0].effectiveDate == "2026-07-20")
        #expect(list.version == "20260720000000")
        #expect(list.report.withoutPrice == 1)
        #expect(list.report.ignored == 1)
        #expect(list.report.malformed == 4)
        for wrong in [
            "{}", #"{"prices":{}}"#, #"{"prices":{"us-east-1":{"a.b":1}},"generated_at":"soon"}"#,
            #"{"prices":{"us-east-1":{"a.b":1}},"generated_at":"2026-07-20","currency":"dollars"}"#, "[1]",
        ] {
            #expect(throws: PricingError.self, "\(wrong)") { try OnDemandTable.parse(Array(wrong.utf8), document: "t") }
        }
    }

    // Needs the shared data folder.
    @Test(
        "the known price files are read in full",
        .enabled(if: SharedFiles.isFound),
        arguments: [
            ("karpenter_us-east-1_2026-07.json", 1_367, "USD"), ("karpenter_us-east-1_2025-07-29.json", 932, "USD"),
            ("karpenter_us-gov_2026-07.json", 1_319, "USD"), ("karpenter_cn_2026-07.json", 316, "CNY"),
        ]
    )
    func realTables(_ name: String, _ count: Int, _ currency: String) throws {
        let list = try OnDemandFile.open(try SharedFiles.path("data/on-demand/\(name)"))
        #expect(list.prices.count == count)
        #expect(list.prices.allSatisfy { $0.currency == currency && $0.hourly.micros > 0 })
        #expect((list.prices[0].hourlyUSD == nil) == (currency == "CNY"))
        #expect(list.report.malformed == 0)
    }

    @Test(
        "the dirty multi-region file loses its zeros and bare families, and says how many",
        .enabled(if: SharedFiles.isFound)
    )
    func dirty() throws {
        let list = try OnDemandFile.open(try SharedFiles.path("data/on-demand/libcloud_multiregion_2023-08.json"))
        #expect(list.regions.count == 10)
        #expect(list.report.withoutPrice > 0 && list.report.ignored > 0)
        #expect(list.prices.allSatisfy { $0.instanceType.contains(".") && $0.hourly.micros > 0 })
        print("libcloud table: \(list.report)")
    }
}
