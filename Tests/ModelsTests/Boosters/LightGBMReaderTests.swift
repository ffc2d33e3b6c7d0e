import Models
import Testing

@Suite("LightGBM boosters")
struct LightGBMReaderTests {
    private func model(_ text: [UInt8], best: Int? = nil) throws -> LightGBMModel {
        try LightGBMReader.read(text, LightGBMOptions(bestIteration: best))
    }

    private func margins(_ trees: [String], _ rows: [Double], header: String = SmallLightGBM.header()) throws
        -> [Double]
    {
        try model(SmallLightGBM.text(header, trees)).margins(
            Matrix(rows: rows.count / 2, columns: 2, values: rows)
        ).values
    }

    @Test("a value on the split goes left, one just above it right, in 64 bits")
    func sides() throws {
        #expect(try margins([SmallLightGBM.stump(1, 2)], [0, 0.5, 0, 0.5.nextUp, 0, 0.5.nextDown]) == [1, 2, 1])
    }

    @Test("the three kinds of missing values")
    func missing() throws {
        // Bit 1: to the left. Bits 2 and 3: none, zeros, NaN.
        let rows: [Double] = [0, .nan, 0, 0, 0, 1e-36, 0, 1, 0, -1]
        for (threshold, kind, expected) in [
            (-0.5, 0, [2.0, 2, 2, 2, 1]), (0.5, 0, [1, 1, 1, 2, 1]), (0.5, 2, [1, 1, 1, 2, 1]),
            (-0.5, 4, [2, 2, 2, 2, 1]), (-0.5, 6, [1, 1, 1, 2, 1]), (0.5, 4, [2, 2, 2, 2, 1]),
            (0.5, 8, [2, 1, 1, 2, 1]), (-0.5, 10, [1, 2, 2, 2, 1]),
        ] {
            let tree = SmallLightGBM.stump(1, 2, threshold: threshold, kind: kind)
            #expect(try margins([tree], rows) == expected, "kind \(kind) at \(threshold)")
        }
    }

    @Test("categories in the set go left, all others right; a fraction is cut off before the sign is looked at")
    func categories() throws {
        let values: [Double] = [1, 33, 1.9, -0.5, 0, 2, -1, 64, 1e10, .nan]
        let tree = SmallLightGBM.categories([0b10, 0b10], 10, 20)
        #expect(try margins([tree], values.flatMap { [$0, 0] }) == [10, 10, 10, 20, 20, 20, 20, 20, 20, 20])
        let none = SmallLightGBM.categories([], 10, 20)
        #expect(try margins([none], [-0.5, 0, 0, 0, .nan, 0]) == [20, 20, 20])
        let zero = SmallLightGBM.categories([0b1], 10, 20)
        #expect(try margins([zero], [-0.5, 0, -1, 0, 0.9, 0, .nan, 0]) == [10, 20, 10, 20])
    }

    @Test("a tree of one leaf has no splits")
    func leaf() throws {
        #expect(try margins([SmallLightGBM.leaf(0.75), SmallLightGBM.stump(1, 2)], [0, 0]) == [1.75])
    }

    @Test("linear leaves: a function of the row, the plain value where a feature is missing")
    func linear() throws {
        let tree = SmallLightGBM.stump(1, 2).replacing(
            "is_linear=0",
            with: "is_linear=1\nleaf_const=10 20\nnum_features=2 0\nleaf_features=0 1  \nleaf_coeff=2 4  "
        )
        #expect(try margins([tree], [1, 0.25, .nan, 0, 5, 1, .nan, 1]) == [13, 1, 20, 20])
    }

    @Test("links by the objective's line")
    func links() throws {
        let expected: [(String?, [Double])] = [
            ("regression", [-1, 2]), ("binary sigmoid:1", [0.2689414213699951, 0.8807970779778823]),
            ("binary sigmoid:2", [0.11920292202211755, 0.9820137900379085]),
            ("cross_entropy", [0.2689414213699951, 0.8807970779778823]),
            ("cross_entropy_lambda", [0.31326168751822286, 2.1269280110429727]),
            ("poisson", [0.36787944117144233, 7.38905609893065]), ("gamma", [0.36787944117144233, 7.38905609893065]),
            ("tweedie tweedie_variance_power:1.5", [0.36787944117144233, 7.38905609893065]),
            ("regression sqrt", [-1, 4]),
            ("quantile alpha:0.9", [-1, 2]), ("huber", [-1, 2]), ("fair", [-1, 2]), ("mape", [-1, 2]),
            ("regression_l1", [-1, 2]), ("lambdarank", [-1, 2]), (nil, [-1, 2]),
        ]
        let rows = Matrix(rows: 2, columns: 2, values: [0, 0, 0, 1])
        for (objective, answers) in expected {
            let text = SmallLightGBM.text(SmallLightGBM.header(objective: objective), [SmallLightGBM.stump(-1, 2)])
            let model = try model(text)
            for (got, wanted) in zip(model.predict(rows).values, answers) {
                #expect(abs(got - wanted) <= 1e-15 * abs(wanted), "\(objective ?? "none")")
            }
        }
        let binary = try model(
            SmallLightGBM.text(SmallLightGBM.header(objective: "binary sigmoid:1"), [SmallLightGBM.stump(-1, 2)])
        )
        #expect(
            binary.probabilities(rows).values == [
                1 - 0.2689414213699951, 0.2689414213699951, 1 - 0.8807970779778823, 0.8807970779778823,
            ]
        )
        #expect(binary.classIndices(rows) == [0, 1])
    }

    @Test("classes: trees take turns; one against all does not add up to 1")
    func classes() throws {
        let trees = [1.0, 0, 0.5].enumerated().map { SmallLightGBM.stump($1, $1, number: $0) }
        let header = SmallLightGBM.header(objective: "multiclass num_class:3", classes: 3)
        let model = try model(SmallLightGBM.text(header, trees))
        let row = Matrix(rows: 1, columns: 2, values: [0, 0])
        #expect(model.margins(row).values == [1, 0, 0.5] && model.classIndices(row) == [0])
        let probabilities = model.probabilities(row).values
        #expect(abs(probabilities.reduce(0, +) - 1) < 1e-15 && abs(probabilities[0] - 0.5064804) < 1e-7)
        let against = try self.model(
            SmallLightGBM.text(
                SmallLightGBM.header(objective: "multiclassova num_class:3 sigmoid:1", classes: 3),
                trees
            )
        )
        #expect(
            abs(against.predict(row).values[1] - 0.5) < 1e-15
                && abs(against.predict(row).values[0] - 0.7310585786300049) < 1e-15
        )
    }

    @Test("random forests average their iterations; early stopping cuts them")
    func iterations() throws {
        let trees = (0..<4).map { SmallLightGBM.stump(Double(1 << $0), 0, number: $0) }
        let row = Matrix(rows: 1, columns: 2, values: [0, 0])
        let averages = SmallLightGBM.text(SmallLightGBM.header(extra: "average_output\n"), trees)
        // Raw scores are sums here as well: the library divides where it answers.
        #expect(try model(averages).margins(row).values == [15])
        #expect(try model(averages).predict(row).values == [3.75])
        #expect(try model(averages, best: 2).predict(row).values == [1.5])
        let sums = SmallLightGBM.text(SmallLightGBM.header(), trees)
        for (best, sum) in [(nil, 15.0), (-1, 15), (0, 15), (1, 1), (3, 7), (9, 15), (Int.max, 15)] {
            #expect(try model(sums, best: best).margins(row).values == [sum])
        }
    }

    static let faults: [(String, ModelRejection.Reason, String, String)] = [
        ("a child far away", .invalidModel, "left_child=-1", "left_child=2000000000"),
        ("a leaf that is not there", .invalidModel, "right_child=-2", "right_child=-3"),
        ("a root that is its own child", .invalidModel, "left_child=-1", "left_child=0"),
        ("a leaf twice", .invalidModel, "right_child=-2", "right_child=-1"),
        ("a feature that is not there", .invalidModel, "split_feature=1", "split_feature=2"),
        ("a negative feature", .invalidModel, "split_feature=1", "split_feature=-1"),
        ("a threshold that is no number", .invalidModel, "threshold=0.5", "threshold=nan"),
        ("a threshold that is a word", .malformed, "threshold=0.5", "threshold=half"),
        ("an infinite leaf", .invalidModel, "leaf_value=1.0 2.0", "leaf_value=inf 2.0"),
        ("a leaf too few", .invalidModel, "leaf_value=1.0 2.0", "leaf_value=1.0"),
        ("a leaf too many", .invalidModel, "leaf_value=1.0 2.0", "leaf_value=1.0 2.0 3.0"),
        ("more leaves than values", .invalidModel, "num_leaves=2", "num_leaves=3"),
        ("leaves beyond all measure", .limit, "num_leaves=2", "num_leaves=2000000000"),
        ("no leaves", .invalidModel, "num_leaves=2", "num_leaves=0"),
        ("a number with something behind it", .malformed, "num_leaves=2", "num_leaves=2x"),
        ("an unknown decision type", .invalidModel, "decision_type=2", "decision_type=14"),
        ("a category set that is not there", .invalidModel, "decision_type=2", "decision_type=1"),
        ("a name twice", .malformed, "num_leaves=2", "num_leaves=2\nnum_leaves=2"),
        ("no children", .malformed, "left_child=-1\n", ""),
        ("an unknown objective", .unsupported, "objective=regression", "objective=mine"),
        ("an unknown version", .unsupported, "version=v4", "version=v9"),
        ("features beyond all measure", .invalidModel, "max_feature_idx=1", "max_feature_idx=2000000000"),
        ("no features", .invalidModel, "max_feature_idx=1", "max_feature_idx=-1"),
        ("no trees in an iteration", .invalidModel, "num_tree_per_iteration=1", "num_tree_per_iteration=0"),
        (
            "half an iteration", .invalidModel, "num_class=1\nnum_tree_per_iteration=1",
            "num_class=2\nnum_tree_per_iteration=2"
        ),
        ("no end", .malformed, "end of trees", "end of tree"),
        ("a linear tree without functions", .invalidModel, "is_linear=0", "is_linear=1"),
        (
            "linear functions of other features", .invalidModel, "is_linear=0",
            "is_linear=1\nleaf_const=1 2\nnum_features=1 0\nleaf_features=2\nleaf_coeff=1"
        ),
        (
            "linear functions of unequal length", .invalidModel, "is_linear=0",
            "is_linear=1\nleaf_const=1 2\nnum_features=1 1\nleaf_features=1\nleaf_coeff=1"
        ),
        ("another beginning", .malformed, "tree\nversion", "trees\nversion"),
    ]

    @Test("what cannot be right is refused by its reason", arguments: faults.indices)
    func refused(index: Int) {
        let (name, reason, found, other) = Self.faults[index]
        let text = String(
            decoding: SmallLightGBM.text(SmallLightGBM.header(), [SmallLightGBM.stump(1, 2)]),
            as: UTF8.self
        )
        #expect(text.contains(found), "\(name)")
        let rejection = #expect(throws: ModelRejection.self, "\(name)") {
            try model(Array(text.replacing(found, with: other).utf8))
        }
        #expect(rejection?.reason == reason, "\(name): \(rejection?.message ?? "")")
        #expect(rejection?.offset != nil, "\(name)")
    }

    @Test("category sets with boundaries out of order are refused")
    func boundaries() {
        for boundaries in ["0 2", "1 1", "0 -1", "0", "0 1 2"] {
            let tree = SmallLightGBM.categories([1], 1, 2).replacing(
                "cat_boundaries=0 1",
                with: "cat_boundaries=\(boundaries)"
            )
            #expect(throws: ModelRejection.self) { try model(SmallLightGBM.text(SmallLightGBM.header(), [tree])) }
        }
        for word in ["-1", "4294967296", "0.5"] {
            let tree = SmallLightGBM.categories([1], 1, 2).replacing("cat_threshold=1", with: "cat_threshold=\(word)")
            #expect(throws: ModelRejection.self) { try model(SmallLightGBM.text(SmallLightGBM.header(), [tree])) }
        }
    }

    @Test("every beginning of a text is refused")
    func truncated() {
        let text = Array((SmallLightGBM.header() + SmallLightGBM.stump(1, 2) + "end of trees").utf8)
        #expect(throws: Never.self) { try model(text) }
        for end in text.indices {
            #expect(throws: ModelRejection.self) { try model(Array(text[..<end])) }
        }
    }
}
