import Models
import Testing

@Suite("Hostile XGBoost boosters")
struct HostileBoosterTests {
    static let model = SmallBooster.model(
        [SmallBooster.stump(1, 2), SmallBooster.categories([0], 3, 4)],
        groups: [0, 0]
    )
    static let tree = "learner/gradient_booster/model/trees/0/"

    static func rejection(_ bytes: [UInt8]) -> ModelRejection? {
        do {
            _ = try XGBoostReader.read(bytes, XGBoostOptions(stopsAtBestIteration: true))
            return nil
        } catch {
            return error
        }
    }

    static let faults: [(String, ModelRejection.Reason, String, BoosterDoc?)] = [
        ("a child at 2e9", .invalidModel, tree + "left_children", .typed("l", [2_000_000_000, -1, -1])),
        ("a root that is its own child", .invalidModel, tree + "left_children", .typed("l", [0, -1, -1])),
        ("a leaf that leads to the root", .invalidModel, tree + "right_children", .typed("l", [2, 0, -1])),
        ("a feature of 100000", .invalidModel, tree + "split_indices", .typed("l", [100_000, 0, 0])),
        ("a negative feature", .invalidModel, tree + "split_indices", .typed("l", [-1, 0, 0])),
        ("a threshold that is no number", .invalidModel, tree + "split_conditions", .typed("d", [.nan, 1, 2])),
        ("an infinite leaf", .invalidModel, tree + "split_conditions", .typed("d", [1, .infinity, 2])),
        ("arrays of unequal length", .invalidModel, tree + "default_left", .typed("U", [1])),
        ("children that are texts", .invalidModel, tree + "left_children", .array([.text("1")])),
        ("children that are fractions", .invalidModel, tree + "left_children", .typed("d", [0.5, -1, -1])),
        ("children that are an object", .invalidModel, tree + "left_children", .object([])),
        ("no children", .invalidModel, tree + "left_children", nil),
        ("an empty tree", .invalidModel, "learner/gradient_booster/model/trees/0", .object([])),
        ("a tree that is a number", .invalidModel, "learner/gradient_booster/model/trees/0", .number(1)),
        (
            "vector leaves", .unsupported, tree + "tree_param",
            .object([("num_nodes", .text("3")), ("size_leaf_vector", .text("3"))])
        ),
        (
            "a tree of a group that is not there", .invalidModel, "learner/gradient_booster/model/tree_info",
            .typed("l", [0, 1])
        ),
        ("a negative group", .invalidModel, "learner/gradient_booster/model/tree_info", .typed("l", [-1, 0])),
        ("too few groups", .invalidModel, "learner/gradient_booster/model/tree_info", .typed("l", [0])),
        ("an unknown booster", .unsupported, "learner/gradient_booster/name", .text("gbforest")),
        ("an unknown objective", .unsupported, "learner/objective/name", .text("reg:mine")),
        ("no learner", .invalidModel, "learner", nil),
        ("no base score", .invalidModel, "learner/learner_model_param/base_score", nil),
        ("no features", .invalidModel, "learner/learner_model_param/num_feature", .text("0")),
        ("features beyond all measure", .invalidModel, "learner/learner_model_param/num_feature", .text("99999999999")),
        ("features that are no number", .invalidModel, "learner/learner_model_param/num_feature", .text("two")),
        ("classes beyond all measure", .invalidModel, "learner/learner_model_param/num_class", .text("2000000000")),
        ("names for other features", .invalidModel, "learner/feature_names", .array([.text("a")])),
        (
            "a category of 2^30", .invalidModel, "learner/gradient_booster/model/trees/1/categories",
            .typed("l", [1_073_741_824])
        ),
        ("a negative category", .invalidModel, "learner/gradient_booster/model/trees/1/categories", .typed("l", [-1])),
        (
            "a set beyond the end", .invalidModel, "learner/gradient_booster/model/trees/1/categories_sizes",
            .typed("L", [2])
        ),
        (
            "a set before the beginning", .invalidModel, "learner/gradient_booster/model/trees/1/categories_segments",
            .typed("L", [-1])
        ),
        (
            "a set of no node", .invalidModel, "learner/gradient_booster/model/trees/1/categories_nodes",
            .typed("l", [7])
        ),
        ("a set of a leaf", .invalidModel, "learner/gradient_booster/model/trees/1/categories_nodes", .typed("l", [1])),
    ]

    @Test("what cannot be right is refused by its reason, in both spellings", arguments: faults.indices)
    func refused(index: Int) {
        let (name, reason, path, value) = Self.faults[index]
        let document = Self.model.replacing(path, with: value)
        #expect(Self.rejection(document.ubjson)?.reason == reason, "\(name)")
        #expect(Self.rejection(document.jsonBytes)?.reason == reason, "\(name)")
    }

    @Test("the model without a fault is read, from JSON and UBJSON")
    func sound() {
        #expect(Self.rejection(Self.model.ubjson) == nil && Self.rejection(Self.model.jsonBytes) == nil)
    }

    @Test("many categories in few bytes are refused before the memory is taken")
    func categories() {
        let tree = SmallBooster.categories([16_777_215], 1, 2)
        let trees = Array(repeating: tree, count: 40)
        let rejection = Self.rejection(SmallBooster.model(trees, groups: trees.map { _ in 0 }).ubjson)
        #expect(rejection?.reason == .limit)
    }

    @Test("bytes that are no document are malformed, with the place")
    func malformed() {
        let cases: [(String, [UInt8], Int?)] = [
            ("empty", [], 0), ("no brace", Array("tree".utf8), 0), ("a brace alone", Array("{".utf8), 1),
            (
                "an array that is announced and not there",
                Array("{".utf8) + BoosterDoc.length(1) + Array("a[$d#".utf8)
                    + BoosterDoc.length(1 << 60), 15
            ),
            (
                "a negative count",
                Array("{".utf8) + BoosterDoc.length(1) + Array("a[$d#".utf8) + BoosterDoc.length(-1), 15
            ),
            ("a name longer than the bytes", Array("{".utf8) + BoosterDoc.length(1 << 20), 10),
            ("a typed array of texts", Array("{".utf8) + BoosterDoc.length(1) + Array("a[$S#".utf8), 11),
            (
                "a text that is not UTF-8",
                Array("{".utf8) + BoosterDoc.length(1) + Array("aS".utf8) + BoosterDoc.length(1) + [0xFF], 12
            ),
            ("bytes behind the end", Self.model.ubjson + [0], nil),
            ("text behind the end", Self.model.jsonBytes + [0x78], nil),
            ("a name twice", Array("{\"a\":1,\"a\":2}".utf8), 7), ("no colon", Array("{\"a\" 1}".utf8), 5),
            ("a comma too many", Array("{\"a\":[1,]}".utf8), 8), ("a leading zero", Array("{\"a\":01}".utf8), 5),
            ("half a surrogate pair", Array("{\"a\":\"\\ud800\"}".utf8), 12),
            ("a bare word", Array("{\"a\":nul}".utf8), 8),
            ("a text without end", Array("{\"a\":\"b".utf8), 7),
        ]
        for (name, bytes, offset) in cases {
            let rejection = Self.rejection(bytes)
            #expect(rejection?.reason == .malformed, "\(name): \(String(describing: rejection))")
            if let offset { #expect(rejection?.offset == offset, "\(name)") }
        }
    }

    @Test("documents nested without end are refused, not followed")
    func nesting() {
        let deep = Array("{\"a\":".utf8) + Array(repeating: UInt8(ascii: "["), count: 1_000_000)
        #expect(Self.rejection(deep)?.reason == .limit)
        let binary =
            Array("{".utf8) + BoosterDoc.length(1) + Array("a".utf8)
            + Array(repeating: UInt8(ascii: "["), count: 1_000_000)
        #expect(Self.rejection(binary)?.reason == .limit)
    }

    @Test("a document of more values than allowed is refused")
    func values() throws {
        var limits = BoosterLimits()
        limits.elements = 100
        let many =
            Array("{\"a\":[".utf8) + Array("[],".utf8.lazy) + (0..<200).flatMap { _ in Array("[],".utf8) }
            + Array("[]]}".utf8)
        let options = XGBoostOptions(stopsAtBestIteration: true, limits: limits)
        let rejection = #expect(throws: ModelRejection.self) { try XGBoostReader.read(many, options) }
        #expect(rejection?.reason == .limit)
        // Numbers that turn out to be no array of numbers count as values.
        let mixed = Array("{\"a\":[".utf8) + (0..<200).flatMap { _ in Array("1,".utf8) } + Array("\"x\"]}".utf8)
        let second = #expect(throws: ModelRejection.self) { try XGBoostReader.read(mixed, options) }
        #expect(second?.reason == .limit)
    }

    @Test("formats of old versions are refused by name")
    func old() {
        for beginning in ["binf\u{0}\u{0}", "CONFIG-offset:\u{1}", "bs64\t"] {
            let rejection = Self.rejection(Array(beginning.utf8))
            #expect(rejection?.reason == .unsupported && rejection?.message.contains("format") == true)
        }
    }

    @Test("every beginning of a booster is refused")
    func truncated() {
        for bytes in [Self.model.ubjson, Self.model.jsonBytes] {
            for end in bytes.indices { #expect(Self.rejection(Array(bytes[..<end]))?.reason == .malformed) }
        }
    }

    @Test("typed arrays of every number type are read, and arrays without a type")
    func types() throws {
        for mark: Character in ["i", "I", "l", "L", "d", "D"] {
            let document = Self.model.replacing(Self.tree + "left_children", with: .typed(mark, [1, -1, -1]))
            #expect(Self.rejection(document.ubjson) == nil, "\(mark)")
        }
        let loose = Self.model.replacing(
            Self.tree + "default_left",
            with: .array([.bool(true), .bool(false), .bool(false)])
        )
        #expect(Self.rejection(loose.ubjson) == nil && Self.rejection(loose.jsonBytes) == nil)
    }
}
