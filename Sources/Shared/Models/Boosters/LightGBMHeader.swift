/// What a LightGBM text says before its trees.
struct LightGBMHeader {
    var features = 0
    var groups = 0
    var objective: LightGBMObjective
    var featureNames: [String] = []
    var averages = false

    /// Reads to behind the first `Tree=` line, which is returned, or behind `end of trees`.
    static func read(
        _ lines: inout TextLines,
        _ limits: BoosterLimits
    ) throws(ModelRejection) -> (LightGBMHeader, firstTree: TextLines.Field?) {
        guard let first = lines.next(), lines.equals(first.name, "tree"), first.value == nil else {
            throw ModelRejection(.malformed, "LightGBM: the text does not begin with 'tree'", at: 0)
        }
        var fields: [String: TextLines.Field] = [:]
        var averages = false
        while let line = lines.next() {
            if lines.equals(line.name, "Tree") {
                return (try LightGBMHeader(fields, averages, lines, limits), line.name)
            }
            if line.value == nil, lines.equals(line.name, "end of trees") {
                return (try LightGBMHeader(fields, averages, lines, limits), nil)
            }
            if line.value == nil, lines.equals(line.name, "average_output") { averages = true }
            guard let value = line.value, line.name.end - line.name.start <= 64 else { continue }
            guard fields.updateValue(value, forKey: lines.text(line.name)) == nil, fields.count <= 64 else {
                throw ModelRejection(.malformed, "LightGBM: a name stands twice in the header", at: line.name.start)
            }
        }
        throw ModelRejection(.malformed, "LightGBM: the text ends in its header", at: lines.position)
    }

    private init(
        _ fields: [String: TextLines.Field],
        _ averages: Bool,
        _ lines: TextLines,
        _ limits: BoosterLimits
    ) throws(ModelRejection) {
        func required(_ name: String) throws(ModelRejection) -> TextLines.Field {
            guard let field = fields[name] else {
                throw ModelRejection(.malformed, "LightGBM: the header has no \(name)", at: 0)
            }
            return field
        }
        let version = try required("version")
        guard ["v2", "v3", "v4"].contains(lines.text(version)) else {
            throw ModelRejection(
                .unsupported,
                "LightGBM: the text has the version \(BoosterAssembly.shown(lines.text(version)))",
                at: version.start
            )
        }
        let last = try required("max_feature_idx")
        features = try lines.integer(last) + 1
        guard features > 0, features <= limits.trees.features else {
            throw ModelRejection(.invalidModel, "LightGBM: \(features) features", at: last.start)
        }
        let classes = try lines.integer(required("num_class"))
        let perIteration = try required("num_tree_per_iteration")
        groups = try lines.integer(perIteration)
        guard groups > 0, groups <= limits.trees.outputs, classes == groups || groups == 1 else {
            throw ModelRejection(
                .invalidModel,
                "LightGBM: \(groups) trees in an iteration for \(classes) classes",
                at: perIteration.start
            )
        }
        let line = fields["objective"]
        objective = try LightGBMObjective(line.map(lines.text) ?? "custom", at: line?.start ?? 0)
        if objective.link == .softmax || objective.name == "multiclassova" {
            guard groups >= 2, objective.classes == nil || objective.classes == groups else {
                throw ModelRejection(
                    .invalidModel,
                    "LightGBM: the objective's classes are not those of the header",
                    at: line?.start ?? 0
                )
            }
        }
        if let names = fields["feature_names"] {
            featureNames = lines.text(names).split(separator: " ").map(String.init)
            // Names may hold spaces of their own in some files: then there are none that can be told apart.
            if featureNames.count != features { featureNames = [] }
        }
        self.averages = averages
    }
}
