/// A pickled LinearRegression, opcode by opcode: a model for tests that have no Python at hand.
package struct LinearPickle {
    private var bytes: [UInt8] = [0x80, 4]

    /// The file of `intercept + coefficients · row`.
    package static func file(_ coefficients: [Double], intercept: Double) -> [UInt8] {
        var pickle = LinearPickle()
        pickle.global("sklearn.linear_model._base", "LinearRegression")
        pickle.bytes += Array(")".utf8) + [0x81] + Array("}(".utf8)
        pickle.text("coef_")
        pickle.array(coefficients)
        pickle.text("intercept_")
        pickle.bytes += Array("G".utf8) + Self.bytes(intercept.bitPattern.bigEndian)
        pickle.text("n_features_in_")
        pickle.bytes += Array("K".utf8) + [UInt8(coefficients.count)] + Array("ub.".utf8)
        return pickle.bytes
    }

    private mutating func text(_ text: String) { bytes += [0x8C, UInt8(text.utf8.count)] + Array(text.utf8) }

    private mutating func global(_ module: String, _ name: String) {
        text(module)
        text(name)
        bytes.append(0x93)
    }

    /// As numpy writes one of 64-bit floats.
    private mutating func array(_ values: [Double]) {
        global("numpy.core.multiarray", "_reconstruct")
        global("numpy", "ndarray")
        bytes +=
            Array("K".utf8) + [0, 0x85] + Array("C".utf8) + [1] + Array("b".utf8) + [0x87] + Array("R(K".utf8) + [1]
        bytes += Array("(K".utf8) + [UInt8(values.count)] + Array("t".utf8)
        global("numpy", "dtype")
        text("f8")
        bytes += [0x89, 0x88, 0x87] + Array("R(K".utf8) + [3]
        text("<")
        let minusOne = Array("J".utf8) + [255, 255, 255, 255]
        bytes += Array("NNN".utf8) + minusOne + minusOne + Array("K".utf8) + [0] + Array("tb".utf8) + [0x89]
        let data = values.flatMap { Self.bytes($0.bitPattern.littleEndian) }
        bytes += Array("C".utf8) + [UInt8(data.count)] + data + Array("tb".utf8)
    }

    private static func bytes(_ value: UInt64) -> [UInt8] { withUnsafeBytes(of: value) { Array($0) } }
}
