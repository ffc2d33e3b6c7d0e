/// Pickles written by hand, opcode by opcode.
struct PickleBytes {
    var bytes: [UInt8]

    init(protocol version: UInt8 = 2) { bytes = [0x80, version] }

    init(text: String) { bytes = Array(text.utf8) }

    static func + (left: PickleBytes, right: PickleBytes) -> PickleBytes {
        var sum = left
        sum.bytes += right.bytes
        return sum
    }

    mutating func op(_ character: Character) { bytes += Array(String(character).utf8) }

    mutating func op(_ byte: UInt8) { bytes.append(byte) }

    mutating func text(_ text: String) {
        op("X")
        let utf8 = Array(text.utf8)
        little(UInt64(utf8.count), 4)
        bytes += utf8
    }

    mutating func int(_ value: Int32) {
        op("J")
        little(UInt64(UInt32(bitPattern: value)), 4)
    }

    mutating func double(_ value: Double) {
        op("G")
        bytes += (0..<8).map { UInt8(truncatingIfNeeded: value.bitPattern >> UInt64(56 - 8 * $0)) }
    }

    mutating func global(_ module: String, _ name: String) {
        op("c")
        bytes += Array("\(module)\n\(name)\n".utf8)
    }

    mutating func little(_ value: UInt64, _ width: Int) {
        bytes += (0..<width).map { UInt8(truncatingIfNeeded: value >> UInt64(8 * $0)) }
    }

    /// `dtype(code, False, True)` with its byte order.
    mutating func dataType(_ code: String, order: String = "<") {
        global("numpy", "dtype")
        text(code)
        op(0x89)
        op(0x88)
        op(0x87)
        op("R")
        op("(")
        op("K")
        op(3)
        text(order)
        for _ in 0..<3 { op("N") }
        int(-1)
        int(-1)
        op("K")
        op(0)
        op("t")
        op("b")
    }

    /// An array of doubles as `_reconstruct` and BUILD make it.
    mutating func array(
        _ values: [Double],
        shape: [Int32]? = nil,
        code: String = "f8",
        data: [UInt8]? = nil,
        order: String = "<"
    ) {
        global("numpy.core.multiarray", "_reconstruct")
        global("numpy", "ndarray")
        op("K")
        op(0)
        op(0x85)
        op("C")
        op(1)
        op("b")
        op(0x87)
        op("R")
        op("(")
        op("K")
        op(1)
        op("(")
        for dimension in shape ?? [Int32(values.count)] { int(dimension) }
        op("t")
        dataType(code, order: order)
        op(0x89)
        let data =
            data
            ?? values.flatMap { value in (0..<8).map { UInt8(truncatingIfNeeded: value.bitPattern >> UInt64(8 * $0)) } }
        op("B")
        little(UInt64(data.count), 4)
        bytes += data
        op("t")
        op("b")
    }

    /// An instance of a class with its attributes, without the end of the pickle.
    mutating func object(_ module: String, _ name: String, _ attributes: [(String, (inout PickleBytes) -> Void)]) {
        global(module, name)
        op(")")
        op(0x81)
        dictionary(attributes)
        op("b")
    }

    mutating func dictionary(_ entries: [(String, (inout PickleBytes) -> Void)]) {
        op("}")
        op("(")
        for (key, value) in entries {
            text(key)
            value(&self)
        }
        op("u")
    }

    mutating func list(_ items: [(inout PickleBytes) -> Void]) {
        op("]")
        op("(")
        for item in items { item(&self) }
        op("e")
    }

    /// A fitted `LinearRegression`, with whatever stands for its coefficients, as a whole pickle.
    static func linear(
        protocol version: UInt8 = 2,
        intercept: Double = 0.5,
        coefficients: @escaping (inout PickleBytes) -> Void
    ) -> PickleBytes {
        PickleBytes(protocol: version, whole: { $0.linear(intercept: intercept, coefficients: coefficients) })
    }

    init(protocol version: UInt8 = 2, whole: (inout PickleBytes) -> Void) {
        self.init(protocol: version)
        whole(&self)
        op(".")
    }

    mutating func linear(intercept: Double = 0.5, coefficients: @escaping (inout PickleBytes) -> Void) {
        object(
            "sklearn.linear_model._base",
            "LinearRegression",
            [("coef_", coefficients), ("intercept_", { $0.double(intercept) })]
        )
    }

    mutating func scaler(mean: [Double], scale: [Double]) {
        object(
            "sklearn.preprocessing._data",
            "StandardScaler",
            [("mean_", { $0.array(mean) }), ("scale_", { $0.array(scale) })]
        )
    }

    mutating func labelEncoder(_ labels: [String]) {
        object(
            "sklearn.preprocessing._label",
            "LabelEncoder",
            [("classes_", { bytes in bytes.list(labels.map { label in { $0.text(label) } }) })]
        )
    }
}
