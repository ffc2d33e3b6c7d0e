/// From the text of a LightGBM booster (`_handle` or `handle` of a pickled `Booster`, or a saved model) to a model.
package enum LightGBMReader {
    /// - Throws: `malformed` with the offset for what is no such text, `invalidModel` for numbers that cannot be right,
    ///   `limit` for too much of something, `unsupported` for what is not evaluated here, by its name.
    package static func read(_ text: [UInt8], _ options: LightGBMOptions) throws(ModelRejection) -> LightGBMModel {
        guard text.count <= options.limits.bytes else {
            throw ModelRejection(.limit, "a booster of more than \(options.limits.bytes) bytes")
        }
        let result = text.withUnsafeBytes { bytes in
            Result { () throws(ModelRejection) in try read(TextLines(bytes), options) }
        }
        return try result.get()
    }

    private static func read(
        _ text: TextLines,
        _ options: LightGBMOptions
    ) throws(ModelRejection) -> LightGBMModel {
        var lines = text
        var (header, next) = try LightGBMHeader.read(&lines, options.limits)
        var form = TreeForm(
            features: header.features,
            outputs: header.groups,
            precision: .double,
            comparison: .atMost
        )
        form.truncatesCategories = true
        form.flushesTinyValues = true
        var builder = try TreeEnsembleBuilder(form, limits: options.limits.trees)
        var most = Int.max
        if let best = options.bestIteration, best > 0 {
            most = best.multipliedReportingOverflow(by: header.groups).overflow ? .max : best * header.groups
        }
        var total = 0
        while let line = next {
            // All trees are checked, and those beyond the best iteration left out.
            let start = line.start
            let (block, following) = try LightGBMTreeText.read(&lines, options.limits)
            var nodes = try block.nodes(lines)
            nodes.output = total % header.groups
            if total < most {
                do {
                    try builder.add(nodes)
                } catch {
                    throw ModelRejection(error.reason, "LightGBM: \(error.message)", at: start)
                }
            }
            total += 1
            guard total <= options.limits.trees.trees else {
                throw ModelRejection(.limit, "LightGBM: more than \(options.limits.trees.trees) trees", at: start)
            }
            next = following
        }
        guard total % header.groups == 0 else {
            throw ModelRejection(
                .invalidModel,
                "LightGBM: \(total) trees do not make whole iterations of \(header.groups)",
                at: lines.position
            )
        }
        return LightGBMModel(
            features: header.features,
            groups: header.groups,
            featureNames: header.featureNames,
            iterations: builder.count / header.groups,
            link: header.objective,
            divisor: header.averages ? Double(max(1, builder.count / header.groups)) : 1,
            ensemble: builder.finish()
        )
    }
}
