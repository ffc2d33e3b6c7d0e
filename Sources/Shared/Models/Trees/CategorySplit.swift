/// A split that sends categories, not ranges, to its sides.
///
/// The libraries differ in what they store and in where they send what they do not know; this form holds all three:
/// XGBoost: the stored set goes right, all else left. LightGBM: the stored set goes left, all else right. Histogram
/// gradient boosting: the stored set goes left, other known categories right, unknown ones where missing values go.
package struct CategorySplit: Sendable, Equatable {
    /// Bit c of word c / 32: category c goes right.
    package var rightWords: [UInt32]
    /// Negative values, and categories beyond the words.
    package var othersGoRight: Bool
    /// NaN.
    package var missingGoesRight: Bool

    package init(rightWords: [UInt32], othersGoRight: Bool, missingGoesRight: Bool) {
        self.rightWords = rightWords
        self.othersGoRight = othersGoRight
        self.missingGoesRight = missingGoesRight
    }

    /// The opposite storage: bits that go left.
    package init(leftWords: [UInt32], othersGoRight: Bool, missingGoesRight: Bool) {
        self.init(
            rightWords: leftWords.map { ~$0 },
            othersGoRight: othersGoRight,
            missingGoesRight: missingGoesRight
        )
    }

    /// Histogram gradient boosting: `left` and `known` are bit sets of the same kind; negative values count as missing.
    package init(left: [UInt32], known: [UInt32], missingGoesRight: Bool) {
        let rest: UInt32 = missingGoesRight ? .max : 0
        rightWords = (0..<max(left.count, known.count)).map { index in
            let left = index < left.count ? left[index] : 0
            let known = index < known.count ? known[index] : 0
            return ~left & (known | rest)
        }
        othersGoRight = missingGoesRight
        self.missingGoesRight = missingGoesRight
    }
}
