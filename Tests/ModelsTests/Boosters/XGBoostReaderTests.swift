import Models
import OracleSupport
import Testing

@Suite("XGBoost boosters")
struct XGBoostReaderTests {
    static let bare = XGBoostOptions(stopsAtBestIteration: false)

    /// Reads both spellings, which must be the same model, and answers rows of two features.
    static func margins(
        _ document: BoosterDoc,
        _ rows: [Double],
        _ options: XGBoostOptions = bare
    ) throws -> [Double] {
        let matrix = Matrix(rows: rows.count / 2, columns: 2, values: rows)
        let text = try XGBoostReader.read(document.jsonBytes, options).margins(matrix).values
        let binary = try XGBoostReader.read(document.ubjson, options).margins(matrix).values
        #expect(text.map(\.bitPattern) == binary.map(\.bitPattern))
        return text
    }

    @Test("a value on the split goes right, one just below it left, a missing one where the tree says")
    func sides() throws {
        let model = SmallBooster.model(
            [SmallBooster.stump(1, 2), SmallBooster.stump(4, 8, missingLeft: false)],
            groups: [0, 0]
        )
        let below = Double(Float(0.5).nextDown)
        #expect(try Self.margins(model, [0, 0.5, 0, below, 0, .nan]) == [10.5, 5.5, 9.5])
        // Rounded to 32 bits first, this is on the split.
        #expect(try Self.margins(model, [0, 0.5.nextDown]) == [10.5])
    }

    @Test("a threshold written in decimals is the 32-bit number it names, on whichever side of it the decimals lie")
    func decimals() throws {
        for threshold in [0.504, 0.1, 0.3, 0.279318, 1e-40, 3.4e38, 16_777_217] {
            let document = SmallBooster.model([SmallBooster.stump(1, 2, threshold: threshold)], groups: [0], base: "0")
            let split = Float(threshold)
            let rows = [threshold, Double(split), Double(split.nextDown), Double(split.nextUp)].flatMap { [0.0, $0] }
            #expect(try Self.margins(document, rows) == [2, 2, 1, 2], "\(threshold)")
        }
    }

    @Test("sums are taken in 32 bits in the order of the trees")
    func order() throws {
        let trees = [16_777_216, 1, 1, -16_777_216].map { SmallBooster.stump($0, $0) }
        #expect(try Self.margins(SmallBooster.model(trees, groups: [0, 0, 0, 0], base: "0E0"), [0, 0]) == [0])
    }

    @Test("the handle of a pickle has a configuration beside the model")
    func wrapped() throws {
        let model = SmallBooster.model([SmallBooster.stump(1, 2)], groups: [0])
        let handle = BoosterDoc.object([
            ("Config", .object([("anything", .array([.null, .bool(true), .object([])]))])), ("Model", model),
        ])
        #expect(try Self.margins(handle, [0, 0]) == [1.5])
    }

    @Test("the stored base score becomes a raw score as the objective wants it")
    func bases() throws {
        let expected: [(String, String, Double)] = [
            ("reg:squarederror", "2.5E-1", 0.25), ("reg:squarederror", "[2.5E-1]", 0.25),
            ("binary:logistic", "5E-1", 0), ("binary:logistic", "[7.5E-1]", 1.098612289),
            ("reg:logistic", "2.5E-1", -1.098612289), ("binary:logitraw", "5E-1", 0.5),
            ("count:poisson", "1E0", 0), ("reg:gamma", "2E0", 0.693147181), ("reg:tweedie", "5E-1", -0.693147181),
            ("binary:hinge", "5E-1", 0.5), ("reg:absoluteerror", "-3E0", -3), ("reg:quantileerror", "1E1", 10),
            ("rank:ndcg", "5E-1", 0.5), ("reg:pseudohubererror", "5E-1", 0.5),
        ]
        for (objective, base, margin) in expected {
            let model = SmallBooster.model([SmallBooster.stump(0, 0)], groups: [0], objective: objective, base: base)
            let got = try Self.margins(model, [0, 0])[0]
            #expect(abs(got - margin) <= 1e-7 * max(1, abs(margin)), "\(objective) \(base)")
        }
        for (objective, base) in [
            ("binary:logistic", "0E0"), ("binary:logistic", "1E0"), ("count:poisson", "0"), ("reg:squarederror", "nan"),
            ("reg:squarederror", "[]"), ("reg:squarederror", "[1,2]"), ("reg:squarederror", "x"),
            ("reg:squarederror", ""),
        ] {
            let model = SmallBooster.model([SmallBooster.stump(0, 0)], groups: [0], objective: objective, base: base)
            #expect(throws: ModelRejection.self, "\(objective) \(base)") { try Self.margins(model, [0, 0]) }
        }
    }

    @Test("links: what the bare booster answers, and the wrapper's probabilities and classes")
    func links() throws {
        func model(_ objective: String, base: String = "5E-1") throws -> XGBoostModel {
            try XGBoostReader.read(
                SmallBooster.model([SmallBooster.stump(-1, 2)], groups: [0], objective: objective, base: base).ubjson,
                Self.bare
            )
        }
        let rows = Matrix(rows: 2, columns: 2, values: [0, 0, 0, 1])
        let logistic = try model("binary:logistic")
        expect(logistic.predict(rows).values, [0.26894142, 0.88079708])
        expect(logistic.probabilities(rows).values, [0.73105858, 0.26894142, 0.11920292, 0.88079708])
        #expect(logistic.classIndices(rows) == [0, 1] && logistic.classes == 2)
        expect(try model("count:poisson", base: "1").predict(rows).values, [0.36787944, 7.3890561])
        expect(try model("reg:squarederror", base: "0").predict(rows).values, [-1, 2])
        expect(try model("binary:hinge", base: "0").predict(rows).values, [0, 1])
        #expect(try model("binary:hinge", base: "0").classIndices(rows) == [0, 1])
        expect(try model("binary:logitraw", base: "0").predict(rows).values, [-1, 2])
    }

    @Test("classes: trees take turns, one base score for all or one for each")
    func classes() throws {
        let trees = [SmallBooster.stump(1, 0), SmallBooster.stump(0, 1), SmallBooster.stump(0.5, 0.5)]
        for (base, start) in [("5E-1", [0.5, 0.5, 0.5]), ("[0E0,1E0,-1E0]", [0, 1, -1])] {
            for objective in ["multi:softprob", "multi:softmax"] {
                let document = SmallBooster.model(
                    trees,
                    groups: [0, 1, 2],
                    objective: objective,
                    base: base,
                    classes: 3
                )
                let margins = [start[0] + 1, start[1], start[2] + 0.5]
                #expect(try Self.margins(document, [0, 0]) == margins)
                let model = try XGBoostReader.read(document.ubjson, Self.bare)
                let row = Matrix(rows: 1, columns: 2, values: [0, 0])
                let exponentials = margins.map { exponential($0) }
                let sum = exponentials.reduce(0, +)
                expect(model.probabilities(row).values, exponentials.map { $0 / sum })
                // Equal scores: the first one wins.
                #expect(model.classIndices(row) == [0])
                let predicted = model.predict(row)
                if objective == "multi:softmax" {
                    #expect(predicted.values == [0] && predicted.columns == 1)
                } else {
                    expect(predicted.values, exponentials.map { $0 / sum })
                }
            }
        }
    }

    @Test("categories in the set go right; negative, unknown and huge ones left, missing ones where the tree says")
    func categories() throws {
        for mark: Character in ["i", "l", "L"] {
            let model = SmallBooster.model(
                [SmallBooster.categories([1, 33], 10, 20, mark: mark)],
                groups: [0],
                base: "0"
            )
            let values: [Double] = [1, 33, 1.9, 0, 2, 32, 34, -1, -0.5, 1000, 3e9, .nan]
            let expected: [Double] = [20, 20, 20, 10, 10, 10, 10, 10, 10, 10, 10, 10]
            #expect(try Self.margins(model, values.flatMap { [$0, 0] }) == expected)
        }
        let missingRight = SmallBooster.categories([1], 10, 20).replacing("default_left", with: .typed("U", [0, 0, 0]))
        #expect(
            try Self.margins(SmallBooster.model([missingRight], groups: [0], base: "0"), [.nan, 0, 0, 0]) == [20, 10]
        )
    }

    @Test("dart weighs its trees, wherever the weights stand")
    func dart() throws {
        let plain = SmallBooster.model(
            [SmallBooster.stump(1, 2), SmallBooster.stump(4, 8)],
            groups: [0, 0],
            base: "0"
        )
        let weights = BoosterDoc.typed("d", [0.5, 0.25])
        let inside = plain.replacing("learner/gradient_booster/model/weight_drop", with: weights)
        #expect(try Self.margins(inside, [0, 0, 0, 1]) == [1.5, 3])
        guard case .object(let members) = plain, case .object(let learner) = members[0].1,
            let booster = learner.first(where: { $0.0 == "gradient_booster" })?.1
        else { throw SharedData.Missing() }
        let outside = BoosterDoc.object([("name", .text("dart")), ("gbtree", booster), ("weight_drop", weights)])
        #expect(
            try Self.margins(plain.replacing("learner/gradient_booster", with: outside), [0, 0, 0, 1]) == [1.5, 3]
        )
        for wrong in [BoosterDoc.typed("d", [1]), .typed("d", [1, .nan]), .text("x")] {
            let model = plain.replacing("learner/gradient_booster/model/weight_drop", with: wrong)
            #expect(throws: ModelRejection.self) { try Self.margins(model, [0, 0]) }
        }
    }

    @Test("linear boosters: a weight for each feature and group, biases last; what is missing adds nothing")
    func linear() throws {
        func model(_ weights: [Double], classes: Int) -> BoosterDoc {
            SmallBooster.learner(
                .object([("name", .text("gblinear")), ("model", .object([("weights", .typed("d", weights))]))]),
                objective: classes > 0 ? "multi:softprob" : "reg:squarederror",
                classes: classes
            )
        }
        #expect(try Self.margins(model([2, 3, 0.25], classes: 0), [1, 10, .nan, 1, 1, .nan]) == [32.75, 3.75, 2.75])
        #expect(try Self.margins(model([1, 2, 3, 4, 5, 6], classes: 2), [1, 1]) == [9.5, 12.5])
        let bases = model([1, 2, 3, 4, 5, 6], classes: 2).replacing(
            "learner/learner_model_param/base_score",
            with: .text("[5E-1,7E0]")
        )
        #expect(try Self.margins(bases, [1, 1]) == [9.5, 12.5])
        #expect(throws: ModelRejection.self) { try Self.margins(model([1, 2], classes: 0), [0, 0]) }
        #expect(throws: ModelRejection.self) { try Self.margins(model([1, 2, .nan], classes: 0), [0, 0]) }
    }

    @Test("early stopping: the wrapper uses trees up to the best iteration, the bare booster all")
    func best() throws {
        let attributes: [(String, BoosterDoc)] = [("best_iteration", .text("0")), ("best_score", .text("0.1"))]
        let trees = [1, 2, 4, 8].map { SmallBooster.stump($0, $0) }
        let wrapper = XGBoostOptions(stopsAtBestIteration: true)
        let plain = SmallBooster.model(trees, groups: [0, 0, 0, 0], base: "0", attributes: attributes)
        #expect(try Self.margins(plain, [0, 0], wrapper) == [1])
        #expect(try Self.margins(plain, [0, 0]) == [15])
        let parallel = plain.replacing(
            "learner/gradient_booster/model/gbtree_model_param",
            with: .object([("num_parallel_tree", .text("2"))])
        )
        #expect(try Self.margins(parallel, [0, 0], wrapper) == [3])
        let ends = plain.replacing("learner/gradient_booster/model/iteration_indptr", with: .typed("l", [0, 3, 4]))
        #expect(try Self.margins(ends, [0, 0], wrapper) == [7])
        let far = plain.replacing("learner/attributes", with: .object([("best_iteration", .text("9"))]))
        #expect(try Self.margins(far, [0, 0], wrapper) == [15])
        let negative = plain.replacing("learner/attributes", with: .object([("best_iteration", .text("-1"))]))
        #expect(throws: ModelRejection.self) { try Self.margins(negative, [0, 0], wrapper) }
        let huge = plain.replacing("learner/attributes", with: .object([("best_iteration", .text("\(Int.max)"))]))
        #expect(try Self.margins(huge, [0, 0], wrapper) == [15])
    }

    @Test("the wrapper's own sign for missing values counts as missing, in 32 bits")
    func sentinel() throws {
        let model = SmallBooster.model([SmallBooster.stump(1, 2, threshold: -2000)], groups: [0], base: "0")
        let options = XGBoostOptions(stopsAtBestIteration: true, missing: -999)
        #expect(try Self.margins(model, [0, -999, 0, -998, 0, .nan, 0, -999.000001], options) == [1, 2, 1, 1])
    }

    private func expect(_ got: [Double], _ wanted: [Double], line: Int = #line) {
        #expect(got.count == wanted.count, "line \(line)")
        for (got, wanted) in zip(got, wanted) {
            #expect(abs(got - wanted) <= 2e-7 * max(1, abs(wanted)), "line \(line)")
        }
    }

    /// e^x by its series: the tests import no mathematics.
    private func exponential(_ value: Double) -> Double {
        var term = 1.0, sum = 1.0
        for index in 1..<40 {
            term *= value / Double(index)
            sum += term
        }
        return sum
    }
}
