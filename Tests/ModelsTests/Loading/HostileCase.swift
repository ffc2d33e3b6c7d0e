import Contract
import Models

/// One file that has to be refused, or a harmless one that has to load.
struct HostileCase {
    let id: String
    let file: String
    let reasons: [String]
    let rows: [JSONValue]
    let predictions: [Double]
    let tolerance: Double

    init?(_ json: JSONValue) {
        guard let id = json["id"]?.string, let file = json["file"]?.string else { return nil }
        self.id = id
        self.file = file
        reasons = json["reason"]?.array?.compactMap(\.string) ?? []
        rows = json["rows"]?.array ?? []
        predictions = json["predict"]?.array?.compactMap(\.number) ?? []
        tolerance = json["rtol"]?.number ?? 1e-5
    }

    /// - Returns: nil when the file is refused for one of the reasons, else what happened.
    func checkRefusal(_ bytes: [UInt8]) -> String? {
        do throws(ModelRejection) {
            _ = try LoadedModel.read(bytes, limits: .unhurried)
            return "loaded"
        } catch {
            // A top-level object that is no model may always be called that.
            if reasons.contains(error.reason.rawValue) || error.reason == .unsupported { return nil }
            return "\(error.reason.rawValue) (\(error.message)) where \(reasons) is right"
        }
    }

    /// - Returns: nil when the file loads and predicts as it should.
    func checkControl(_ bytes: [UInt8]) -> String? {
        do {
            let model = try LoadedModel.read(bytes, limits: .unhurried)
            let x = CorpusCase.features(rows, columns: rows.first?.array?.count ?? 0)
            let got = try CorpusCase.answer(model.estimator, "predict", x).map { $0.first?.number ?? .nan }
            for (value, target) in zip(got, predictions)
            where !((value - target).magnitude <= tolerance * (1 + target.magnitude)) {
                return "\(value) for \(target)"
            }
            return got.count == predictions.count ? nil : "\(got.count) answers"
        } catch let refusal as ModelRejection {
            return "refused: \(refusal.reason.rawValue): \(refusal.message)"
        } catch {
            return "\(error)"
        }
    }
}
