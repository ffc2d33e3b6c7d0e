import FoundationEssentials
import Models
import OracleSupport
import Testing

/// `./test --soak fuzz-boosters` runs each of these for `--minutes` (30) with the address sanitizer; `./test` makes a few thousand
/// changes, always the same.
@Suite("Changed boosters")
struct BoosterFuzzTests {
    private static let environment = ProcessInfo.processInfo.environment
    private static let isLong = environment["CLOUDOPTIM_SOAK"] == "fuzz-boosters"
    private static let seed = isLong ? environment["CLOUDOPTIM_SOAK_SEED"].flatMap { UInt64($0) } ?? 1 : 1
    private static let minutes = environment["CLOUDOPTIM_SOAK_MINUTES"].flatMap { Int($0) } ?? 30

    /// Documents to change: XGBoost first, then LightGBM.
    private static let xgboost: [[UInt8]] = {
        let plain = SmallBooster.model(
            [SmallBooster.stump(1, 2), SmallBooster.categories([1, 40], 3, 4)],
            groups: [0, 1],
            objective: "multi:softprob",
            classes: 2
        )
        let dart = plain.replacing("learner/gradient_booster/model/weight_drop", with: .typed("d", [0.5, 1]))
        let linear = SmallBooster.learner(
            .object([("name", .text("gblinear")), ("model", .object([("weights", .typed("d", [1, 2, 3]))]))])
        )
        return [plain, dart, linear].flatMap { [$0.jsonBytes, $0.ubjson] } + recorded { $0.first == UInt8(ascii: "{") }
    }()
    private static let lightGBM: [[UInt8]] = {
        let header = SmallLightGBM.header()
        let linear = SmallLightGBM.stump(1, 2).replacing(
            "is_linear=0",
            with: "is_linear=1\nleaf_const=1 2\nnum_features=1 0\nleaf_features=1\nleaf_coeff=1"
        )
        return [
            SmallLightGBM.text(header, [SmallLightGBM.stump(1, 2), SmallLightGBM.categories([1, 2], 3, 4)]),
            SmallLightGBM.text(header, [SmallLightGBM.leaf(1), linear]),
        ] + recorded { $0.first == UInt8(ascii: "t") }
    }()

    /// The long form changes the recorded boosters as well.
    private static func recorded(where fits: ([UInt8]) -> Bool) -> [[UInt8]] {
        guard isLong, let root = try? SharedData.url("models") else { return [] }
        var found: [[UInt8]] = []
        for environment in ["skl1.0", "skl1.2", "skl1.3", "skl1.5", "sklnew"] {
            let folder = root.appending(path: environment)
            let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path())) ?? []
            for name in names.sorted() where name.hasSuffix(".pkl") && (name.contains("xgb") || name.contains("lgb")) {
                guard let data = try? Data(contentsOf: folder.appending(path: name)), data.count < 300_000,
                    let handle = HandleBytes.find(in: [UInt8](data)), fits(handle)
                else { continue }
                found.append(handle)
            }
        }
        return found
    }

    @Test("changed boosters of XGBoost are refused, or answer; nothing crashes or hangs", .timeLimit(.minutes(70)))
    func changedXGBoost() throws {
        try run(Self.xgboost) { bytes in
            try XGBoostReader.read(bytes, XGBoostOptions(stopsAtBestIteration: bytes.count % 2 == 0))
        }
    }

    @Test("changed texts of LightGBM are refused, or answer; nothing crashes or hangs", .timeLimit(.minutes(70)))
    func changedLightGBM() throws {
        try run(Self.lightGBM) { bytes in try LightGBMReader.read(bytes, LightGBMOptions()) }
    }

    private func run(_ seeds: [[UInt8]], _ read: ([UInt8]) throws -> any BoosterModel) throws {
        var mutation = ByteMutation(random: SeededGenerator(seed: Self.seed))
        let end = ContinuousClock.now + .seconds(60 * Self.minutes)
        var refused: [ModelRejection.Reason: Int] = [:]
        var answered = 0, made = 0
        while Self.isLong ? ContinuousClock.now < end : made < 1500 {
            let bytes = mutation.mutate(seeds[made % seeds.count], with: seeds)
            made += 1
            let start = ContinuousClock.now
            do {
                let model = try read(bytes)
                answered += 1
                try answer(model)
            } catch let rejection as ModelRejection {
                refused[rejection.reason, default: 0] += 1
                #expect(rejection.message.utf8.count < 400, "a refusal that repeats the file")
            }
            #expect(ContinuousClock.now - start < .seconds(20), "seed \(Self.seed), change \(made)")
        }
        if Self.isLong { print("\(made) changed boosters: \(answered) answered, refused \(refused)") }
        // Changes that never get through, or always do, would test nothing.
        #expect(answered > made / 50 && refused[.malformed, default: 0] > 0 && refused[.invalidModel, default: 0] > 0)
    }

    /// Rows of every sort of value, one and many.
    private func answer(_ model: any BoosterModel) throws {
        guard model.features <= 10_000, model.groups <= 100 else { return }
        let kinds: [Double] = [0, 1, -1, .nan, 1e300, -1e300, 0.5, .infinity]
        let rows = Matrix(
            rows: 9,
            columns: model.features,
            values: (0..<9 * model.features).map { kinds[($0 &* 7 &+ $0 / model.features) % kinds.count] }
        )
        let margins = model.margins(rows)
        #expect(margins.values.count == 9 * model.groups)
        #expect(model.predict(rows).rows == 9)
        let classes = model.classIndices(rows)
        #expect(classes.allSatisfy { (0..<model.classes).contains($0) })
        let first = Matrix(rows: 1, columns: model.features, values: Array(rows.values[..<model.features]))
        #expect(model.margins(first).values.map(\.bitPattern) == margins.values[..<model.groups].map(\.bitPattern))
    }
}
