import Models
import Testing

/// What training scripts put into one file, or into several.
@Suite("Payloads and bundles")
struct PayloadTests {
    private func read(_ whole: (inout PickleBytes) -> Void) throws -> LoadedModel {
        try LoadedModel.read(PickleBytes(whole: whole).bytes, limits: .unhurried)
    }

    private func predict(_ model: LoadedModel, _ row: [Double]) throws -> Answer {
        try model.estimator.predict(Features(Matrix(rows: 1, columns: row.count, values: row)))
    }

    @Test("a dictionary without a model is refused, and one with two unknown ones as well")
    func noModel() {
        #expect(throws: ModelRejection.self) { try read { $0.dictionary([("a", { $0.int(1) })]) } }
        let model: (inout PickleBytes) -> Void = { $0.linear { $0.array([1]) } }
        #expect(throws: ModelRejection.self) { try read { $0.dictionary([("a", model), ("b", model)]) } }
    }

    @Test("a scaler of other width than its model is refused")
    func widths() {
        let refusal = #expect(throws: ModelRejection.self) {
            try read {
                $0.dictionary([
                    ("model", { $0.linear { $0.array([1, 2]) } }), ("scaler", { $0.scaler(mean: [0], scale: [1]) }),
                ])
            }
        }
        #expect(refusal?.reason == .invalidModel)
    }

    @Test("a dictionary's scaler comes before its model, and its names are the model's")
    func scaled() throws {
        let model = try read {
            $0.dictionary([
                ("scaler", { $0.scaler(mean: [1, 2], scale: [2, 4]) }),
                ("model", { $0.linear { $0.array([10, 100]) } }),
                ("features", { $0.list([{ $0.text("price") }, { $0.text("hour") }]) }), ("note", { $0.text("x") }),
            ])
        }
        #expect(try predict(model, [3, 10]) == .values([210.5]))
        #expect(model.featureNames == ["price", "hour"])
        #expect(model.task == .regression)
    }

    @Test("models with weights are blended, by list and by name")
    func blends() throws {
        let first: (inout PickleBytes) -> Void = { $0.linear(intercept: 0) { $0.array([1]) } }
        let second: (inout PickleBytes) -> Void = { $0.linear(intercept: 0) { $0.array([10]) } }
        let listed = try read {
            $0.dictionary([
                ("models", { $0.list([first, second]) }),
                ("weights", { $0.list([{ $0.double(0.75) }, { $0.double(0.25) }]) }),
            ])
        }
        #expect(try predict(listed, [2]) == .values([6.5]))
        let named = try read {
            $0.dictionary([
                ("models", { $0.dictionary([("a", first), ("b", second)]) }),
                ("weights", { $0.dictionary([("b", { $0.double(0.5) }), ("a", { $0.double(0.25) })]) }),
            ])
        }
        #expect(try predict(named, [2]) == .values([10.5]))
        #expect(throws: ModelRejection.self) {
            try read {
                $0.dictionary([("models", { $0.list([first, second]) }), ("weights", { $0.list([{ $0.double(1) }]) })])
            }
        }
    }

    @Test("label encoders by column come out in the order of their names")
    func encoders() throws {
        let model = try read {
            $0.dictionary([("zone", { $0.labelEncoder(["a", "b"]) }), ("family", { $0.labelEncoder(["m5", "t3"]) })])
        }
        #expect(model.task == .encoders)
        #expect(model.encoders.map(\.name) == ["family", "zone"])
        let x = Features(rows: 2, columns: 1, cells: [.text("t3"), .text("m5")])
        #expect(try model.encoders[0].encoder.transform(x) == Features(Matrix(rows: 2, columns: 1, values: [1, 0])))
        #expect(throws: PredictionError.unknownCategory(value: "'c5'", column: 0)) {
            try model.encoders[0].encoder.transform(Features(rows: 1, columns: 1, cells: [.text("c5")]))
        }
    }

    @Test("a bundle of files answers as one model, and files that do not fit are refused")
    func bundle() throws {
        let model = PickleBytes.linear { $0.array([10, 100]) }.bytes
        let scaler = PickleBytes(whole: { $0.scaler(mean: [1, 2], scale: [2, 4]) }).bytes
        let encoders = PickleBytes(whole: { $0.dictionary([("zone", { $0.labelEncoder(["a"]) })]) }).bytes
        let notes = Array(
            #"{"model_name":"spot","model_version":"3","feature_columns":["price","hour"],"metrics":{"mae":0.01}}"#.utf8
        )
        let whole = try ModelBundle.read(
            model: model,
            scaler: scaler,
            encoders: encoders,
            metadata: notes,
            limits: .unhurried
        )
        #expect(try predict(whole.model, [3, 10]) == .values([210.5]))
        #expect(whole.model.featureNames == ["price", "hour"])
        #expect(whole.model.encoders.map(\.name) == ["zone"])
        #expect(whole.metadata?.name == "spot")
        #expect(whole.metadata?.metrics.first?.value == 0.01)

        let wrong = Array(#"{"feature_columns":["price"]}"#.utf8)
        #expect(throws: ModelRejection.self) { try ModelBundle.read(model: model, metadata: wrong, limits: .unhurried) }
        #expect(throws: ModelRejection.self) { try ModelBundle.read(model: model, scaler: model, limits: .unhurried) }
        #expect(throws: ModelRejection.self) {
            try ModelBundle.read(model: model, metadata: [0x5B], limits: .unhurried)
        }
    }

    @Test("rows of another width, with gaps or without bounds are refused with their place")
    func rows() throws {
        let model = try read { $0.linear { $0.array([1, 2]) } }
        #expect(throws: PredictionError.columns(given: 1, expected: 2)) { try predict(model, [1]) }
        #expect(throws: PredictionError.missing(estimator: "LinearRegression", row: 0, column: 1)) {
            try predict(model, [1, .nan])
        }
        #expect(throws: PredictionError.notFinite(row: 0, column: 0)) { try predict(model, [.infinity, 1]) }
        #expect(throws: PredictionError.notANumber(row: 0, column: 0)) {
            try model.estimator.predict(Features(rows: 1, columns: 2, cells: [.text("x"), .number(1)]))
        }
    }

    @Test("a chain of transformers that multiplies the columns is stopped")
    func columnBomb() throws {
        // Sixteen unions in a row, each of a hundred copies: 10^32 columns.
        let union: (inout PickleBytes) -> Void = { bytes in
            bytes.object(
                "sklearn.pipeline",
                "FeatureUnion",
                [
                    (
                        "transformer_list",
                        { bytes in
                            bytes.list(
                                (0..<100).map { _ in
                                    {
                                        $0.text("a"); $0.text("passthrough"); $0.op(0x86)
                                    }
                                }
                            )
                        }
                    )
                ]
            )
        }
        let model = try read { bytes in
            bytes.object(
                "sklearn.pipeline",
                "Pipeline",
                [
                    (
                        "steps",
                        { bytes in
                            bytes.list(
                                (0..<16).map { _ in
                                    {
                                        $0.text("a"); union(&$0); $0.op(0x86)
                                    }
                                }
                            )
                        }
                    )
                ]
            )
        }
        #expect(throws: PredictionError.self) {
            try model.estimator.transform(Features(Matrix(rows: 1, columns: 1, values: [1])))
        }
    }
}
