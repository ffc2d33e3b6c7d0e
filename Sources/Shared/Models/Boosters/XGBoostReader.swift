/// From the bytes of a booster (the `handle` of a pickled `Booster`, or a model saved as JSON or UBJSON) to a model.
package enum XGBoostReader {
    /// - Throws: `malformed` with the offset for bytes that are no such document, `invalidModel` for numbers that cannot be
    ///   right, `limit` for too much of something, `unsupported` for what is not evaluated here, by its name.
    package static func read(_ bytes: [UInt8], _ options: XGBoostOptions) throws(ModelRejection) -> XGBoostModel {
        let document = try BoosterDocument(bytes, limits: options.limits)
        let root = BoosterCursor(document)
        let model = try root.find("Model") ?? root
        let learner = try model.get("learner")
        let header = try XGBoostHeader(learner, limits: options.limits)
        let attributes = try learner.find("attributes")
        var best: Int?
        if let text = try attributes?.find("best_iteration") { best = try text.integer() }
        // 1.5 does not say in the model how many trees an iteration has, but to how many trees the best one goes.
        var parallel: Int?
        if let best, best >= 0, best < Int.max, let text = try attributes?.find("best_ntree_limit") {
            parallel = max(1, try text.integer() / (best + 1))
        }
        let booster = try learner.get("gradient_booster")
        let core = try core(
            booster,
            header,
            best: options.stopsAtBestIteration ? best : nil,
            parallel: parallel,
            options.limits
        )
        var base = header.base
        // With one base score for each class the library's linear booster takes the first for all of them (seen in 3.2).
        if case .linear = core { base = base.map { _ in header.base[0] } }
        var version: [Int] = []
        if let numbers = try model.find("version") { version = try numbers.integers().map(Int.init) }
        return XGBoostModel(
            features: header.features,
            groups: header.groups,
            featureNames: header.featureNames,
            featureTypes: header.featureTypes,
            bestIteration: best,
            version: version,
            link: header.objective,
            base: base,
            missing: options.missing,
            core: core
        )
    }

    private static func core(
        _ booster: BoosterCursor,
        _ header: XGBoostHeader,
        best: Int?,
        parallel: Int?,
        _ limits: BoosterLimits
    ) throws(ModelRejection) -> XGBoostModel.Core {
        let name = try booster.get("name").text()
        switch name {
        case "gbtree":
            // 3.4 names dart so, and puts the weights inside the model.
            let model = try booster.get("model")
            return .trees(
                try XGBoostTrees(model, header, weights: model.find("weight_drop"), limits).compile(
                    best: best,
                    parallel: parallel
                )
            )
        case "dart":
            let model = try booster.get("gbtree").get("model")
            return .trees(
                try XGBoostTrees(model, header, weights: booster.get("weight_drop"), limits).compile(
                    best: best,
                    parallel: parallel
                )
            )
        case "gblinear":
            let weights = try booster.get("model").get("weights")
            let numbers = try weights.numbers().map { Float($0) }
            guard numbers.count == (header.features + 1) * header.groups, numbers.allSatisfy(\.isFinite) else {
                throw weights.fault(
                    "\(numbers.count) weights for \(header.features) features and \(header.groups) groups, or not finite"
                )
            }
            return .linear(XGBoostLinear(weights: numbers))
        default:
            throw booster.fault("the booster \(BoosterAssembly.shown(name)) is not known", .unsupported)
        }
    }
}
