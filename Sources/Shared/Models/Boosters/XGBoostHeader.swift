/// What a booster says of itself beside its trees.
struct XGBoostHeader {
    let features: Int
    let groups: Int
    let objective: XGBoostObjective
    /// Raw scores, one for each group.
    let base: [Double]
    let featureNames: [String]
    let featureTypes: [String]

    init(_ learner: BoosterCursor, limits: BoosterLimits) throws(ModelRejection) {
        let parameters = try learner.get("learner_model_param")
        features = try parameters.get("num_feature").integer()
        guard features > 0, features <= limits.trees.features else {
            throw parameters.fault("num_feature is \(features)")
        }
        let classes = try parameters.find("num_class")?.integer() ?? 0
        let targets = try parameters.find("num_target")?.integer() ?? 1
        guard classes >= 0, classes <= limits.trees.outputs, targets >= 0, targets <= limits.trees.outputs else {
            throw parameters.fault("num_class is \(classes), num_target \(targets)")
        }
        groups = max(1, classes, targets)
        let name = try learner.get("objective").get("name")
        guard let objective = XGBoostObjective(try name.text()) else {
            throw name.fault("the objective \(BoosterAssembly.shown(try name.text())) is not known", .unsupported)
        }
        self.objective = objective
        if objective.link == .softmax || objective.link == .argmax {
            guard classes >= 2 else { throw parameters.fault("\(objective.name) with num_class \(classes)") }
        }
        base = try Self.base(parameters.get("base_score"), objective, groups)
        featureNames = try learner.find("feature_names")?.texts() ?? []
        featureTypes = try learner.find("feature_types")?.texts() ?? []
        guard featureNames.isEmpty || featureNames.count == features,
            featureTypes.isEmpty || featureTypes.count == features
        else {
            throw learner.fault(
                "\(featureNames.count) feature names, \(featureTypes.count) types, \(features) features"
            )
        }
    }

    /// One number as text, or since 3.1 a list in brackets with one for each group, or one for all.
    private static func base(
        _ score: BoosterCursor,
        _ objective: XGBoostObjective,
        _ groups: Int
    ) throws(ModelRejection) -> [Double] {
        let text = try score.text()
        var parts = [Substring(text)]
        if text.hasPrefix("["), text.hasSuffix("]") {
            parts = text.dropFirst().dropLast().split(separator: ",", omittingEmptySubsequences: false)
        }
        guard parts.count == 1 || parts.count == groups else {
            throw score.fault("\(parts.count) base scores for \(groups) groups")
        }
        var margins: [Double] = []
        for part in parts {
            let trimmed = part.drop { $0 == " " }
            guard let value = Float(trimmed), let margin = objective.margin(ofBase: value) else {
                throw score.fault("base_score \(BoosterAssembly.shown(String(part))) does not suit \(objective.name)")
            }
            margins.append(Double(margin))
        }
        return margins.count == groups ? margins : Array(repeating: margins[0], count: groups)
    }
}
