import Testing

@testable import Pricing

@Suite("Spot Advisor feed", .timeLimit(.minutes(2)))
struct SpotAdvisorFeedTests {
    static let ranges =
        #""ranges":[{"index":0,"label":"<5%","dots":0,"max":5},{"index":4,"label":">20%","dots":4,"max":100}]"#
    static let types = #""instance_types":{"m5.large":{"cores":2,"ram_gb":8.0,"emr":true}}"#

    private func parse(_ text: String) throws(PricingError) -> SpotAdvisorFeed {
        try SpotAdvisorFeed(parsing: Array(text.utf8), document: "feed")
    }

    private func code(_ bytes: [UInt8]) -> PricingError.Code? {
        do throws(PricingError) {
            _ = try SpotAdvisorFeed(parsing: bytes, document: "feed")
            return nil
        } catch { return error.code }
    }

    @Test(
        "what is no feed is refused, and the error names the place",
        arguments: [
            ("", "byte 0"), ("   ", "byte 3"), ("[]", "expected an object"), ("null", "expected an object"),
            ("{", "too early"),
            (
                #"{"spot_advisor":{"us-east-1":{"Linux":{"m5.large":{"s":NaN"#,
                "expected a value at byte 55 in spot_advisor.us-east-1.Linux.m5.large.s"
            ),
            (#"{"spot_advisor":{"us-east-1":[1 2]}}"#, "spot_advisor.us-east-1"), (#"{"a":1}{"#, "something follows"),
            (#"{"ranges":"none"}"#, "expected an array"), ("{}", "ranges"), (#"{"a":01}"#, "leading zero"),
            (#"{"a":"\ud800"}"#, "surrogate"),
            ("{\"a\":\"\n\"}", "control character"), (#"{"a":1e}"#, "digits"), (#"{"a":tru}"#, "expected a value"),
        ]
    )
    func refused(_ text: String, _ place: String) {
        do throws(PricingError) {
            _ = try parse(text)
            Issue.record("accepted")
        } catch {
            #expect(error.description.contains(place), "\(error)")
        }
    }

    @Test("5 MB of opening brackets are refused without exhausting the stack", arguments: ["[", #"{"a":"#])
    func deep(_ opening: String) {
        let prefix = #"{"other":"#
        #expect(
            code(Array((prefix + String(repeating: opening, count: 5_000_000 / opening.utf8.count)).utf8)) == .malformed
        )
    }

    @Test("bad rows are counted and reported, good ones kept")
    func badRows() throws {
        let good = (0..<100).map { #""m5.x\#($0)":{"s":-62,"r":4}"# }.joined(separator: ",")
        let bad = [
            #""m5.a":{"s":"70","r":4}"#, #""m5.b":{"r":4}"#, #""m5.c":{"s":70,"r":9}"#, #""m5.d":{"s":70,"r":-1}"#,
            #""m5.e":[1]"#,
            #""no dot":{"s":1,"r":0}"#, #""m5.f":{"s":1e999,"r":0}"#, #""m5.g":{"s":101,"r":0}"#,
            #""m5.h":{"s":1.5,"r":0}"#, #""m5.x0":{"s":1,"r":0}"#,
        ]
        // Ranges last: their place in the document must not matter.
        let feed = try parse(
            "{\(Self.types),\"spot_advisor\":{\"us-east-1\":{\"Linux\":{\(good),\(bad.joined(separator: ","))}}},\(Self.ranges)}"
        )
        #expect(feed.rows.count == 100)
        #expect(feed.report.malformed == 10)
        #expect(feed.report.problems.count == 10)
        #expect(
            feed.rows[0]
                == SpotAdvisorRow(
                    region: "us-east-1",
                    operatingSystem: "Linux",
                    instanceType: "m5.x0",
                    rateIndex: 4,
                    label: ">20%",
                    maxPercent: 100,
                    savings: -62
                )
        )
    }

    @Test("a feed of which more than a tenth is bad is refused")
    func mostlyBad() {
        let text =
            "{\(Self.types),\(Self.ranges),\"spot_advisor\":{\"us-east-1\":{\"Linux\":{\"m5.large\":{\"s\":1,\"r\":0},\"m5.b\":{}}}}}"
        #expect(code(Array(text.utf8)) == .invalid)
    }

    @Test("unknown regions and systems count as bad rows, escapes and unknown keys are understood")
    func oddities() throws {
        let rows = (0..<20).map { #""m5.x\#($0)":{"s":1,"r":0,"new":{"deep":[1,{"x":null}]}}"# }.joined(separator: ",")
        let feed = try parse(
            "\u{FEFF}{\"global_rate\":\"\\u20ac\\n\\ud83d\\ude00\",\(Self.ranges),\"spot_advisor\":{\"us-east-1\":{\"\\u004Cinux\":{\(rows)},\"BeOS\":{\"m5.a\":{\"s\":1,\"r\":0}}},\"nowhere\":{\"Linux\":{}}}}"
        )
        #expect(feed.rows.count == 20)
        #expect(feed.report.malformed == 2)
    }

    @Suite("the real feed", .enabled(if: SharedFiles.isFound))
    struct Real {
        @Test("every row is read, and the counts are exactly the known ones")
        func counts() throws {
            let bytes = try SharedFiles.bytes("data/spot-advisor/spot-advisor-data_2025-07.json")
            let began = ContinuousClock.now
            let feed = try SpotAdvisorFeed(parsing: bytes, document: "feed")
            let elapsed = began.duration(to: .now)

            #expect(feed.rows.count == 25_323)
            #expect(Set(feed.rows.map(\.region)).count == 33)
            #expect(feed.catalogue.count == 929)
            #expect(
                (0..<5).map { index in feed.rows.count { $0.rateIndex == index } } == [4912, 4892, 4157, 3471, 7891]
            )
            #expect(feed.rows.map(\.savings).min() == -62)
            #expect(feed.rows.map(\.savings).max() == 90)
            #expect(feed.bands.map(\.maxPercent) == [5, 11, 16, 22, 100])
            #expect(feed.report.malformed == 0)
            #expect(Set(feed.rows.map(\.label)) == ["<5%", "5-10%", "10-15%", "15-20%", ">20%"])
            // The bar is 60 ms in release mode; a debug build may take far longer.
            #if !DEBUG
                #expect(elapsed < .milliseconds(60))
            #endif
            print("Spot Advisor feed: \(bytes.count) bytes parsed in \(elapsed)")
        }

        @Test("cut at any 10,000th byte, the feed is refused as malformed, never half accepted")
        func cut() throws {
            let bytes = try SharedFiles.bytes("data/spot-advisor/spot-advisor-data_2025-07.json")
            for length in stride(from: 0, to: bytes.count, by: 10_000) {
                do throws(PricingError) {
                    _ = try SpotAdvisorFeed(parsing: Array(bytes[..<length]), document: "feed")
                    Issue.record("accepted \(length) bytes")
                } catch {
                    #expect(error.code == .malformed)
                    #expect(error.message.contains("at byte"))
                }
            }
        }

        @Test("single flipped bytes never crash the reader")
        func flipped() throws {
            let bytes = Array(try SharedFiles.bytes("data/spot-advisor/spot-advisor-data_2025-07.json")[..<60_000])
            var random = SystemRandomNumberGenerator()
            for _ in 0..<40 {
                var damaged = bytes
                damaged[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
                #expect(throws: PricingError.self) { try SpotAdvisorFeed(parsing: damaged, document: "feed") }
            }
        }
    }
}
