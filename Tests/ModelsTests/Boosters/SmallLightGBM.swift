/// LightGBM texts of a few nodes, whose answers can be worked out by hand.
enum SmallLightGBM {
    /// A header for two features, before the trees.
    static func header(
        objective: String? = "regression",
        classes: Int = 1,
        perIteration: Int? = nil,
        extra: String = ""
    ) -> String {
        """
        tree
        version=v4
        num_class=\(classes)
        num_tree_per_iteration=\(perIteration ?? classes)
        label_index=0
        max_feature_idx=1
        \(objective.map { "objective=\($0)\n" } ?? "")\(extra)feature_names=a b
        feature_infos=[0:1] [0:1]
        tree_sizes=1 1


        """
    }

    /// Feature 1 at most `threshold`: `left`, else `right`.
    static func stump(_ left: Double, _ right: Double, threshold: Double = 0.5, kind: Int = 2, number: Int = 0)
        -> String
    {
        """
        Tree=\(number)
        num_leaves=2
        num_cat=0
        split_feature=1
        split_gain=1.5
        threshold=\(threshold)
        decision_type=\(kind)
        left_child=-1
        right_child=-2
        leaf_value=\(left) \(right)
        leaf_weight=1 1
        is_linear=0
        shrinkage=0.1


        """
    }

    static func leaf(_ value: Double) -> String {
        "Tree=0\nnum_leaves=1\nnum_cat=0\nsplit_feature=\nleaf_value=\(value)\nshrinkage=1\n\n\n"
    }

    /// Feature 0 by category: those in the words go left.
    static func categories(_ words: [UInt32], _ left: Double, _ right: Double) -> String {
        stump(left, right, threshold: 0, kind: 1).replacing("split_feature=1", with: "split_feature=0").replacing(
            "num_cat=0",
            with: "num_cat=1\ncat_boundaries=0 \(words.count)\ncat_threshold="
                + words.map(String.init).joined(separator: " ")
        )
    }

    static func text(_ header: String, _ trees: [String]) -> [UInt8] {
        Array(
            (header + trees.joined() + "end of trees\n\nfeature_importances:\na=1\n\nparameters:\nend of parameters\n")
                .utf8
        )
    }
}
