/// Boosters of a few nodes, whose answers can be worked out by hand.
enum SmallBooster {
    /// Feature 1 below 0.5: `left`, else `right`; missing values go left.
    static func stump(_ left: Double, _ right: Double, threshold: Double = 0.5, missingLeft: Bool = true) -> BoosterDoc
    {
        .object([
            ("tree_param", .object([("num_nodes", .text("3")), ("size_leaf_vector", .text("1"))])), ("id", .number(0)),
            ("left_children", .typed("l", [1, -1, -1])), ("right_children", .typed("l", [2, -1, -1])),
            ("split_indices", .typed("l", [1, 0, 0])), ("split_conditions", .typed("d", [threshold, left, right])),
            ("default_left", .typed("U", [missingLeft ? 1 : 0, 0, 0])), ("split_type", .typed("U", [0, 0, 0])),
            ("categories", .typed("l", [])), ("categories_nodes", .typed("l", [])),
            ("categories_segments", .typed("L", [])), ("categories_sizes", .typed("L", [])),
        ])
    }

    /// Feature 0 by category: those in the set go right.
    static func categories(_ set: [Double], _ left: Double, _ right: Double, mark: Character = "l") -> BoosterDoc {
        stump(left, right)
            .replacing("split_indices", with: .typed("l", [0, 0, 0])).replacing(
                "split_type",
                with: .typed("U", [1, 0, 0])
            ).replacing("categories", with: .typed(mark, set)).replacing("categories_nodes", with: .typed(mark, [0]))
            .replacing("categories_segments", with: .typed("L", [0]))
            .replacing("categories_sizes", with: .typed("L", [Double(set.count)]))
    }

    /// A model of two features around trees and their groups.
    static func model(
        _ trees: [BoosterDoc],
        groups: [Double],
        objective: String = "reg:squarederror",
        base: String = "5E-1",
        classes: Int = 0,
        attributes: [(String, BoosterDoc)] = [],
        targets: Int = 1
    ) -> BoosterDoc {
        learner(
            .object([
                ("name", .text("gbtree")),
                (
                    "model",
                    .object([
                        (
                            "gbtree_model_param",
                            .object([("num_trees", .text("\(trees.count)")), ("num_parallel_tree", .text("1"))])
                        ), ("trees", .array(trees)), ("tree_info", .typed("l", groups)),
                    ])
                ),
            ]),
            objective: objective,
            base: base,
            classes: classes,
            attributes: attributes,
            targets: targets
        )
    }

    static func learner(
        _ booster: BoosterDoc,
        objective: String = "reg:squarederror",
        base: String = "5E-1",
        classes: Int = 0,
        attributes: [(String, BoosterDoc)] = [],
        targets: Int = 1
    ) -> BoosterDoc {
        .object([
            (
                "learner",
                .object([
                    ("attributes", .object(attributes)), ("feature_names", .array([])), ("feature_types", .array([])),
                    ("gradient_booster", booster),
                    (
                        "learner_model_param",
                        .object([
                            ("base_score", .text(base)), ("num_class", .text("\(classes)")),
                            ("num_feature", .text("2")), ("num_target", .text("\(targets)")),
                        ])
                    ), ("objective", .object([("name", .text(objective))])),
                ])
            ), ("version", .typed("l", [2, 0, 3])),
        ])
    }
}
