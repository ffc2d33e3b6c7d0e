/// A booster of XGBoost 1.0 to 3.x, compiled.
package struct XGBoostModel: BoosterModel {
    enum Core: Sendable {
        case trees(TreeEnsemble)
        case linear(XGBoostLinear)
    }

    package let features: Int
    package let groups: Int
    package let featureNames: [String]
    /// The kinds of the features ("float", "int", "i", "q", "c"), empty where the file has none.
    package let featureTypes: [String]
    /// The best iteration of early stopping, counted from 0.
    package let bestIteration: Int?
    /// The library's version; empty where the file has none.
    package let version: [Int]
    let link: XGBoostObjective
    /// Raw scores that the sums start from.
    let base: [Double]
    let missing: Float?
    let core: Core

    package var objective: String { link.name }
    package var classes: Int { max(2, groups) }
    package var predictionColumns: Int { link.link == .argmax ? 1 : groups }
    /// Trees that are used; 0 for a linear booster.
    package var trees: Int {
        if case .trees(let ensemble) = core { return ensemble.trees }
        return 0
    }
    /// Bytes of the compiled trees.
    package var byteCount: Int {
        switch core {
        case .trees(let ensemble): return ensemble.byteCount
        case .linear(let linear): return linear.weights.count * 4
        }
    }

    package func margins(
        rows: UnsafePointer<Double>,
        count: Int,
        stride: Int,
        into margins: UnsafeMutablePointer<Double>,
        split: RowSplit?
    ) {
        for row in 0..<count {
            for group in 0..<groups { margins[row * groups + group] = base[group] }
        }
        guard let missing else { return add(rows, count, stride, margins, split) }
        let width = features
        withUnsafeTemporaryAllocation(of: Double.self, capacity: count * width) { buffer in
            guard let copy = buffer.baseAddress else { return }
            for row in 0..<count {
                for feature in 0..<width {
                    let value = rows[row * stride + feature]
                    copy[row * width + feature] = Float(value) == missing ? .nan : value
                }
            }
            add(copy, count, width, margins, split)
        }
    }

    private func add(
        _ rows: UnsafePointer<Double>,
        _ count: Int,
        _ stride: Int,
        _ margins: UnsafeMutablePointer<Double>,
        _ split: RowSplit?
    ) {
        switch core {
        case .trees(let ensemble): ensemble.add(rows: rows, count: count, stride: stride, to: margins, split: split)
        case .linear(let linear):
            for row in 0..<count {
                linear.add(row: rows + row * stride, features: features, to: margins + row * groups, groups: groups)
            }
        }
    }

    package func predict(margins: UnsafePointer<Double>, into predictions: UnsafeMutablePointer<Double>) {
        switch link.link {
        case .softmax: XGBoostObjective.softmax(margins, groups, predictions)
        case .argmax: predictions[0] = Double(XGBoostObjective.argmax(margins, groups))
        default:
            for group in 0..<groups { predictions[group] = Double(link.answer(Float(margins[group]))) }
        }
    }

    package func probabilities(margins: UnsafePointer<Double>, into probabilities: UnsafeMutablePointer<Double>) {
        if groups == 1 {
            let second = link.answer(Float(margins[0]))
            probabilities[0] = Double(1 - second)
            probabilities[1] = Double(second)
        } else if link.link == .softmax || link.link == .argmax {
            XGBoostObjective.softmax(margins, groups, probabilities)
        } else {
            for group in 0..<groups { probabilities[group] = Double(link.answer(Float(margins[group]))) }
        }
    }

    package func classIndex(margins: UnsafePointer<Double>) -> Int {
        if groups == 1 { return link.answer(Float(margins[0])) > 0.5 ? 1 : 0 }
        // The wrapper looks at probabilities: two that round to the same 32-bit number are equal, and the first wins.
        return withUnsafeTemporaryAllocation(of: Double.self, capacity: groups) { buffer in
            guard let values = buffer.baseAddress else { return 0 }
            if link.link == .argmax { return XGBoostObjective.argmax(margins, groups) }
            probabilities(margins: margins, into: values)
            return XGBoostObjective.argmax(values, groups)
        }
    }
}
