import Compression
import FoundationEssentials
import Models
import Testing

/// One small model in every wrapping, each packed by Python's own modules.
@Suite("Containers")
struct ContainerTests {
    static let packed: [String: String] = [
        "zlib": """
        eJw9jDEPgjAQhQvGxHTyZ+DS2cFEooMJGAYmtoaW0xChJe0xMJjoYJR/6T/RAsY33Lt778vdfGkvFeRGsapUznmtC6gYF7kFehyjFM4GrC21oqv7NcjmhBCp\
        4cSlauumY1IbYHVbYZkbk3eUG5BaWTStRDoxVBVTF5PH3hPPNIi9IPLdI/wBBXYN0GyITuv+NRCzzHPXJkmS6OM0jpig6HdL8lc42SJEkVG3lArBSGiQH7bv\
        qWsF+wLvCElC
        """,
        "gzip": """
        H4sIAAAAAAACAz2MMQ+CMBCFC8bEdPJn4NLZwUSigwkYBia2hpbTEKEl7TEwmOhglH/pP9ECxjfcu3vvy918aS8V5EaxqlTOea0LqBgXuQV6HKMUzgasLbWi\
        q/s1yOaEEKnhxKVq66ZjUhtgdVthmRuTd5QbkFpZNK1EOjFUFVMXk8feE880iL0g8t0j/AEFdg3QbIhO6/41ELPMc9cmSZLo4zSOmKDod0vyVzjZIkSRUbeU\
        CsFIaJAftu+pawX7Ank92lvnAAAA
        """,
        "bzip2": """
        QlpoOTFBWSZTWfRMoH0AAGj/wftQQAAAYQBE2J0QQL+v3iJi4EAAAACwALrQagJiJp6TRk0aaAxABsKFTI0NGg0AAAAANAiaTTQ0CNMAAjIwTNAO8oUIZY6B\
        MAE6ASQiMowFiMkVTFWLfr8AdBCZ2oE+MTsZf1z8ttsX48MVhpwU4vgMuiZG2YaFSUk8+1pD2UWmQViDLFoJF2qc5RgnEnS502NpoCPJEigH4ZtwKAmVzPgR\
        CygcIijnMgjgsHVM9JKStlVUav9pCNSq7G0SEzCUk8KnT7o4GhFwJkP4u5IpwoSHomUD6A==
        """,
        "xz": """
        /Td6WFoAAATm1rRGAgAhARYAAAB0L+Wj4ADmALddAEAAiAP55cmgen5SOz5l11vuKpa5EUHbE2BUfE7EETdD6ridac0ACwPEBIqIJurNRHPTQo0cA5tPF4D9\
        74GY5MVJmr4nerzb3bpT6J15s1IvoFaI7C+EhRMYN/MwaizxrQ/+PUhCH/tB3XlI7r36l0ZGx/CUc8e71xxOuaueYvROJUme6GgXLczJt9P60JQwlqrhdQIq\
        0dnENz3yvoBye/lAuHCqWa/OerFbT+Z9ReKc0hZjhwDSbgAAKXlVx2S9HcYAAdMB5wEAAFqA9SCxxGf7AgAAAAAEWVo=
        """,
        "lzma": """
        XQAAgAD//////////wBAAIgD+eXJoHp+Ujs+Zddb7iqWuRFB2xNgVHxOxBE3Q+q4nWnNAAsDxASKiCbqzURz00KNHAObTxeA/e+BmOTFSZq+J3q82926U+id\
        ebNSL6BWiOwvhIUTGDfzMGos8a0P/j1IQh/7Qd15SO69+pdGRsfwlHPHu9ccTrmrnmL0TiVJnuhoFy3MybfT+tCUMJaq4XUCKtHZxDc98r6Acnv5QLhwqlmv\
        znqxW0/mfUXinNIWY6tqrGH/9jhUAA==
        """,
        "lz4": """
        BCJNGGhA5wAAAAAAAAAy1AAAAPEQgAJjc2tsZWFybi5saW5lYXJfbW9kZWwuX2Jhc2UKTBMA8i5SZWdyZXNzaW9uCimBfShYBQAAAGNvZWZfY251bXB5LmNv\
        cmUubXVsdGlhcnJheQpfcmVjb25zdHJ1Y3QKJAAyCm5kHADzA0sAhUMBYodSKEsBKEoCAAAAdCEAcGR0eXBlClgTAEBmOImIIgDxAANYAQAAADxOTk5K////\
        /wUAhUsAdGKJQhAAAQASQAoA8BAIQHRiWAoAAABpbnRlcmNlcHRfRz/gAAAAAAAAdWIuAAAAAA==
        """,
    ]

    private static func bytes(_ name: String) throws -> [UInt8] {
        let text = try #require(packed[name])
        return [UInt8](try #require(Data(base64Encoded: text)))
    }

    private func refusal(_ bytes: [UInt8], _ limits: ReadingLimits = .unhurried) -> ModelRejection.Reason? {
        do throws(ModelRejection) {
            _ = try LoadedModel.read(bytes, limits: limits)
            return nil
        } catch { return error.reason }
    }

    @Test(
        "a stream that breaks off, is followed by something, or is damaged is refused",
        arguments: packed.keys.sorted()
    )
    func damaged(_ name: String) throws {
        let bytes = try Self.bytes(name)
        for count in stride(from: 8, to: bytes.count, by: 7) {
            #expect(refusal(Array(bytes[..<count])) != nil, "cut at \(count)")
        }
        #expect(refusal(bytes + [0x00, 0x01]) == .malformed)
        var changed = bytes
        changed[bytes.count / 2] ^= 0x10
        // Formats without a checksum (lzma) may unpack to something else, which the pickle machine then refuses.
        #expect(refusal(changed) != nil || name == "lz4" || name == "lzma")
    }

    @Test("a stream that unpacks to more than the limit is refused", arguments: packed.keys.sorted())
    func limits(_ name: String) throws {
        var limits = ReadingLimits.unhurried
        limits.unpackedBytes = 230
        #expect(refusal(try Self.bytes(name), limits) == .limit)
        limits.unpackedBytes = 1 << 20
        limits.ratioFreeBytes = 100
        limits.unpackingRatio = 0
        #expect(refusal(try Self.bytes(name), limits) == .limit)
    }

    @Test("every packing is told by its content, and the model inside answers", arguments: packed.keys.sorted())
    func unpacks(_ name: String) throws {
        let model = try LoadedModel.read(try Self.bytes(name), limits: .unhurried)
        #expect(try model.estimator.predict(Features(Matrix(rows: 1, columns: 2, values: [1, 10]))) == .values([32.5]))
    }

    @Test("packing inside of packing is not opened")
    func twice() throws {
        #expect(refusal(try Zlib.pack(try Self.bytes("gzip"))) == .badContainer)
    }

    @Test(
        "other kinds of files are named",
        arguments: [
            ("PK\u{3}\u{4}", "zip"), ("{\"a\":1}", "JSON"), ("<html>", "web page"), ("tree\nversion=v4", "LightGBM"),
            ("", "empty"),
        ]
    )
    func strangers(start: String, name: String) {
        let refusal = #expect(throws: ModelRejection.self) {
            try LoadedModel.read(Array(start.utf8), limits: .unhurried)
        }
        #expect(refusal?.reason == .badContainer)
        #expect(refusal?.message.contains(name) == true)
    }
}
