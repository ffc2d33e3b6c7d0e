import Contract
import OracleSupport
import Testing

@Suite("Quantity")
struct QuantityTests {
    @Test(
        "quantities read exactly",
        arguments: [
            ("0", Int128(0)), ("1", 1_000_000_000), ("-1", -1_000_000_000), ("+1", 1_000_000_000),
            ("100m", 100_000_000), ("0.1", 100_000_000), (".5", 500_000_000), ("5.", 5_000_000_000),
            ("1500m", 1_500_000_000), ("1n", 1), ("1u", 1000), ("0.5n", 1), ("-0.5n", -1), ("0.0000000001", 1),
            ("0.00000000010000", 1), ("1.0000000001", 1_000_000_001), ("0.3", 300_000_000),
            ("2.9999999999", 3_000_000_000),
            ("1Ki", 1_024_000_000_000), ("1.5Ki", 1_536_000_000_000), ("1k", 1_000_000_000_000),
            ("0.1Ki", 102_400_000_000), ("1Mi", 1_048_576_000_000_000), ("1Gi", 1_073_741_824_000_000_000),
            ("1M", 1_000_000_000_000_000), ("2e3", 2_000_000_000_000), ("2E3", 2_000_000_000_000),
            ("2e+3", 2_000_000_000_000), ("2e-3", 2_000_000), ("1e-9", 1), ("1e-10", 1), ("1e-500", 1), ("0e9999", 0),
            ("1E", 1_000_000_000_000_000_000_000_000_000), ("1Ei", Int128(1) << 60 * 1_000_000_000),
            ("0.000000000000000001Ei", 1_152_921_505), ("12345678901234567890", Quantity(units: .max).nanos),
            ("1e400", Quantity(units: .max).nanos), ("-1e400", -Quantity(units: .max).nanos),
            ("8Ei", Quantity(units: .max).nanos), ("9E", 9_000_000_000_000_000_000 * Int128(1_000_000_000)),
            ("00000000000000000000000000000000000000000001", 1_000_000_000),
            ("0.00000000000000000000000000000000000000000000000000000001Gi", 1),
        ]
    )
    func exact(text: String, nanos: Int128) throws {
        #expect(Quantity(text)?.nanos == nanos)
    }

    @Test(
        "what is no quantity is refused",
        arguments: [
            "", " ", "1 ", " 1", "m", "Gi", ".", "-", "+", "--1", "1..2", "1.2.3", "1e", "1e+", "1e3.5", "1eM", "1g",
            "1K",
            "1ki", "1gi", "1GB", "1Gib", "1mm", "1m2", "0x10", "1_000", "1,5", "NaN", "inf", "١", "1µ", "1e3Gi",
            String(repeating: "9", count: 200),
        ]
    )
    func refused(text: String) throws {
        #expect(Quantity(text) == nil)
    }

    @Test("rounding goes away from zero, as in the API machinery")
    func rounding() throws {
        #expect(Quantity("1001m")?.units == 2)
        #expect(Quantity("-1001m")?.units == -2)
        #expect(Quantity("1u")?.millis == 1)
        #expect(Quantity("1.0005")?.millis == 1001)
        #expect(Quantity("1Mi")?.mebibytes == 1)
        #expect(Quantity("1048577")?.mebibytes == 2)
        #expect(Quantity("4Gi")?.mebibytes == 4096)
        #expect(Quantity("500m")?.millis == 500)
    }

    @Test("a thousand tenths are exactly a hundred")
    func noDrift() throws {
        let tenth = try #require(Quantity("100m"))
        let sum = (0..<1000).reduce(Quantity.zero) { partial, _ in partial + tenth }
        #expect(sum == Quantity(units: 100))
    }

    @Test("the decimal text reads back as the same quantity", arguments: 0..<4)
    func roundTrip(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        for _ in 0..<500 {
            let nanos =
                Int128(Int64.random(in: .min ... .max, using: &random))
                * Int128(Int.random(in: 1...1000, using: &random))
            let quantity = Quantity(nanos: nanos)
            #expect(Quantity(quantity.decimalText) == quantity)
        }
    }
}
