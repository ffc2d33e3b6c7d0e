/// A leaf of LightGBM's linear trees: a linear function of the row, or the plain value where one of its features is missing.
package struct LinearLeaf: Sendable, Equatable {
    package var constant: Double
    package var features: [Int32]
    package var coefficients: [Double]

    package init(constant: Double, features: [Int32], coefficients: [Double]) {
        self.constant = constant
        self.features = features
        self.coefficients = coefficients
    }
}
