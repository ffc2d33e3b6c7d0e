/// A booster of LightGBM 3.x or 4.x, compiled.
package struct LightGBMModel: BoosterModel {
    package let features: Int
    package let groups: Int
    package let featureNames: [String]
    /// Iterations that are used.
    package let iterations: Int
    let link: LightGBMObjective
    /// What raw scores are divided by before the link: the iterations of a random forest, else 1.
    let divisor: Double
    let ensemble: TreeEnsemble

    package var objective: String { link.name }
    package var classes: Int { max(2, groups) }
    package var predictionColumns: Int { groups }
    package var trees: Int { ensemble.trees }
    /// Bytes of the compiled trees.
    package var byteCount: Int { ensemble.byteCount }

    package func margins(
        rows: UnsafePointer<Double>,
        count: Int,
        stride: Int,
        into margins: UnsafeMutablePointer<Double>,
        split: RowSplit?
    ) {
        margins.update(repeating: 0, count: count * groups)
        ensemble.add(rows: rows, count: count, stride: stride, to: margins, split: split)
    }

    /// Divides the raw scores, and links them.
    private func answer(_ margins: UnsafePointer<Double>, into answers: UnsafeMutablePointer<Double>) {
        for group in 0..<groups { answers[group] = margins[group] / divisor }
        link.answer(answers, groups, into: answers)
    }

    package func predict(margins: UnsafePointer<Double>, into predictions: UnsafeMutablePointer<Double>) {
        answer(margins, into: predictions)
    }

    package func probabilities(margins: UnsafePointer<Double>, into probabilities: UnsafeMutablePointer<Double>) {
        if groups == 1 {
            let second = link.answer(margins[0] / divisor)
            probabilities[0] = 1 - second
            probabilities[1] = second
        } else {
            answer(margins, into: probabilities)
        }
    }

    package func classIndex(margins: UnsafePointer<Double>) -> Int {
        if groups == 1 {
            let second = link.answer(margins[0] / divisor)
            return second > 1 - second ? 1 : 0
        }
        return withUnsafeTemporaryAllocation(of: Double.self, capacity: groups) { buffer in
            guard let values = buffer.baseAddress else { return 0 }
            answer(margins, into: values)
            var best = 0
            for index in 1..<groups where values[index] > values[best] { best = index }
            return best
        }
    }
}
