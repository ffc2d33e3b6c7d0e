import Support
import Testing

@testable import Access

@Suite("API keys as text")
struct APIKeyTests {
    @Test("a new key has the documented shape, reads back, and is never made twice")
    func make() throws {
        let keys = (0..<100).map { _ in APIKey.make() }

        #expect(Set(keys.map(\.text)).count == 100)
        #expect(Set(keys.map(\.keyID)).count == 100)
        for key in keys {
            let parts = key.text.split(separator: "_").map(String.init)
            #expect(parts.map(\.count) == [2, 12, 64])
            #expect(parts[0] == "sk")
            let read = try #require(APIKey(key.text))
            #expect(read.keyID == key.keyID)
            #expect(read.matches(key.secretHash))
        }
    }

    static let good = "sk_0123456789ab_" + String(repeating: "5", count: 64)

    @Test(
        "any other shape is no key",
        arguments: [
            "", "sk", "sk__", good + "0", String(good.dropLast()), good.uppercased(), " " + good, good + "\n",
            good + "_",
            good.replacing("0123456789ab", with: "0123456789aB"), good.replacing("0123456789ab", with: "0123456789a"),
            "pk" + good.dropFirst(2), good.replacing("5555555555", with: "555555555é"),
            good.replacing("555555", with: "5555\u{0}5"),
            good.replacing("0123", with: "٠١٢٣"), String(repeating: "_", count: 10_000),
        ]
    )
    func wrongShape(_ text: String) {
        #expect(APIKey(text) == nil)
    }

    @Test("only the very secret matches, whole")
    func matches() throws {
        let key = try #require(APIKey(Self.good))
        let other = try #require(APIKey(String(Self.good.dropLast()) + "6"))

        #expect(key.matches(key.secretHash))
        #expect(!other.matches(key.secretHash))
        #expect(!key.matches([]))
        #expect(!key.matches(Array(key.secretHash.dropLast())))
        #expect(!key.matches(key.secretHash + [0]))
        #expect(key.secretHash.count == 32)
    }

    @Test("no way of printing a key shows its secret")
    func printing() throws {
        let key = try #require(APIKey(Self.good))
        var dumped = ""
        dump(key, to: &dumped)

        for text in ["\(key)", String(reflecting: key), String(describing: Optional(key)), "\([key])", dumped] {
            #expect(!text.contains("55555555"))
            #expect(text.contains("0123456789ab"))
        }
    }

    @Test("admin includes every scope, any other only itself")
    func scopes() {
        for scope in Scope.allCases {
            #expect(Identity(keyID: "k", tenant: "t", scopes: [.admin]).may(scope))
            #expect(Identity(keyID: "k", tenant: "t", scopes: [scope]).may(scope))
            #expect(!Identity(keyID: "k", tenant: "t", scopes: []).may(scope))
        }
        #expect(!Identity(keyID: "k", tenant: "t", scopes: [.submit, .read, .models]).may(.admin))
    }
}
