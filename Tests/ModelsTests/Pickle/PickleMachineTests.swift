import Models
import Testing

/// Opcodes one by one, in pickles written by hand.
@Suite("Pickle machine")
struct PickleMachineTests {
    private func refusal(_ bytes: [UInt8]) -> ModelRejection? {
        do throws(ModelRejection) {
            _ = try LoadedModel.read(bytes, limits: .unhurried)
            return nil
        } catch { return error }
    }

    private func predict(_ pickle: PickleBytes, _ row: [Double]) throws -> [Double] {
        let model = try LoadedModel.read(pickle.bytes, limits: .unhurried)
        guard
            case .values(let values) = try model.estimator.predict(
                Features(Matrix(rows: 1, columns: row.count, values: row))
            )
        else { return [] }
        return values
    }

    @Test("a name outside of the list is refused where it is pushed, with its place, even if it is dropped")
    func droppedGlobal() {
        var pickle = PickleBytes()
        pickle.global("os", "system")
        pickle.op("0")
        pickle.op("}")
        pickle.op(".")
        let refusal = refusal(pickle.bytes)
        #expect(refusal?.reason == .forbiddenGlobal)
        #expect(refusal?.offset == 2)
        #expect(refusal?.message.contains("os.system") == true)
    }

    @Test(
        "names are compared whole",
        arguments: [
            ("sklearn.linear_model._base", "LinearRegression.predict"),
            ("sklearn.linear_model._base.x", "LinearRegression"),
            ("sklearn.linear_model", "_base.LinearRegression"), ("numpy", "ndarray.ctypes"), ("numpy ", "ndarray"),
            ("Numpy", "ndarray"), ("numpy", ""), ("", "ndarray"), ("builtins", "eval"), ("builtins", "getattr"),
        ]
    )
    func exactNames(module: String, name: String) {
        var pickle = PickleBytes()
        pickle.global(module, name)
        pickle.op(".")
        #expect(refusal(pickle.bytes)?.reason == .forbiddenGlobal)
    }

    @Test("a canonically equal spelling of a name is another name")
    func spelling() {
        var pickle = PickleBytes(protocol: 4)
        pickle.text("numpy")
        pickle.text("ndarray\u{301}")
        pickle.op(0x93)
        pickle.op(".")
        #expect(refusal(pickle.bytes)?.reason == .forbiddenGlobal)
    }

    @Test("messages cut and escape what the file says")
    func excerpts() {
        var pickle = PickleBytes(protocol: 4)
        pickle.text("a\u{1B}[31m" + String(repeating: "x", count: 500))
        pickle.text("b")
        pickle.op(0x93)
        pickle.op(".")
        let message = refusal(pickle.bytes)?.message ?? ""
        #expect(message.contains("\\x1b"))
        #expect(!message.contains("\u{1B}"))
        #expect(message.utf8.count < 300)
    }

    @Test(
        "opcodes that have no place in a model are refused",
        arguments: [
            [0x82, 1], [0x83, 1, 0], [0x84, 1, 0, 0, 0], [0x97], [0x98], [UInt8(ascii: "P"), 0x41, 0x0A],
            [0x4E, UInt8(ascii: "Q")],
        ] as [[UInt8]]
    )
    func forbiddenOpcodes(_ opcodes: [UInt8]) {
        #expect(refusal([0x80, 5] + opcodes + [UInt8(ascii: ".")])?.reason == .forbiddenOpcode)
    }

    @Test(
        "lengths beyond the file are refused before anything is taken",
        arguments: [
            [0x8D, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF], [0x8E, 0, 0, 0, 0, 0, 0, 0, 0x80],
            [0x96, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F],
            [0x95, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF],
            [UInt8(ascii: "X"), 0xFF, 0xFF, 0xFF, 0xFF], [UInt8(ascii: "B"), 0xFF, 0xFF, 0xFF, 0xFF],
            [UInt8(ascii: "T"), 0xFF, 0xFF, 0xFF, 0xFF], [0x8B, 0xFF, 0xFF, 0xFF, 0x7F],
            [0x8B, 0xFF, 0xFF, 0xFF, 0xFF],
        ] as [[UInt8]]
    )
    func longLengths(_ opcodes: [UInt8]) {
        let reason = refusal([0x80, 4] + opcodes + [UInt8(ascii: ".")])?.reason
        #expect(reason == .malformed || reason == .limit)
    }

    @Test("BUILD gives an instance its content once")
    func secondBuild() {
        var pickle = PickleBytes()
        pickle.global("sklearn.linear_model._base", "LinearRegression")
        pickle.bytes += Array(")".utf8) + [0x81] + Array("}b}b.".utf8)
        #expect(refusal(pickle.bytes)?.reason == .forbiddenCall)
    }

    @Test(
        "BUILD on a class, a list or a text is refused",
        arguments: ["cnumpy\nndarray\n}b.", "]}b.", "X\u{1}\0\0\0a}b."]
    )
    func buildOnOthers(_ text: String) {
        #expect(refusal([0x80, 2] + Array(text.utf8))?.reason == .forbiddenCall)
    }

    @Test("MEMOIZE takes the next number of the memo and PUT any, mixed as writers please")
    func memo() throws {
        // Memo 7 holds the coefficients; MEMOIZE then takes 1, because one entry is there.
        var pickle = PickleBytes(protocol: 4)
        pickle.array([2, 3])
        pickle.op("q")
        pickle.op(7)
        pickle.op("0")
        pickle.op("N")
        pickle.op(0x94)
        pickle.op("0")
        var rest = PickleBytes.linear { $0.bytes += Array("h".utf8) + [7] }
        rest.bytes.removeFirst(2)
        #expect(try predict(pickle + rest, [1, 10]) == [32.5])
        var wrong = PickleBytes.linear { $0.bytes += Array("h".utf8) + [0] }
        wrong.bytes.removeFirst(2)
        #expect(refusal((pickle + wrong).bytes)?.reason == .malformed)
    }

    @Test("a memo number of four billion costs one entry")
    func sparseMemo() throws {
        let pickle = PickleBytes.linear {
            $0.array([1, 1])
            $0.bytes += Array("r".utf8) + [0xFF, 0xFF, 0xFF, 0xFF]
        }
        #expect(try predict(pickle, [1, 2]) == [3.5])
    }

    @Test("big-endian arrays, and arrays by columns, mean the same")
    func orders() throws {
        let big = PickleBytes.linear {
            $0.array([], shape: [2], data: [0x40, 0, 0, 0, 0, 0, 0, 0, 0x40, 0x08, 0, 0, 0, 0, 0, 0], order: ">")
        }
        #expect(try predict(big, [1, 10]) == [32.5])
        let integers = PickleBytes.linear { $0.array([], shape: [2], code: "i2", data: [2, 0, 0xFD, 0xFF]) }
        #expect(try predict(integers, [1, 10]) == [-27.5])
    }

    @Test(
        "an array whose shape and data disagree is refused",
        arguments: [[1], [3], [-2], [1 << 30, 1 << 30], [2, 0]] as [[Int32]]
    )
    func shapes(_ shape: [Int32]) {
        let pickle = PickleBytes.linear { $0.array([2, 3], shape: shape) }
        #expect(refusal(pickle.bytes)?.reason == .invalidArray)
    }

    @Test("coefficients that are not finite are refused", arguments: [Double.nan, .infinity, -.infinity])
    func coefficients(_ value: Double) {
        let pickle = PickleBytes.linear { $0.array([1, value]) }
        #expect(refusal(pickle.bytes)?.reason == .invalidModel)
    }

    @Test("a container in a container 300 times over is refused, without recursion")
    func depth() {
        var pickle = PickleBytes()
        for _ in 0..<300 { pickle.op("]") }
        for _ in 0..<299 { pickle.op("a") }
        pickle.op(".")
        #expect(refusal(pickle.bytes)?.reason == .limit)
    }

    @Test("a list that holds itself does no harm")
    func selfReference() {
        let reason = refusal([0x80, 2] + Array("]q\0h\0a.".utf8))?.reason
        #expect(reason == .unsupported)
    }

    @Test(
        "nothing may follow the end, and nothing may be left over",
        arguments: ["N.N", "NN.", "(N.", ".", "N0.", "(N(1."]
    )
    func ends(_ text: String) {
        #expect(refusal([0x80, 2] + Array(text.utf8))?.reason == .malformed)
    }

    @Test(
        "numbers in text are read strictly",
        arguments: ["I1x\n.", "I\n.", "F1.2.3\n.", "F\n.", "F0x10\n.", "L5LL\n.", "I1", "Vab", "S'a\n."]
    )
    func textNumbers(_ text: String) {
        #expect(refusal(Array(text.utf8))?.reason == .malformed)
    }

    @Test(
        "calls with other arguments than picklers write are refused",
        arguments: [
            "c_codecs\nencode\n(X\u{1}\0\0\0aX\u{4}\0\0\0utf8tR.", "cbuiltins\nbytearray\nK\u{9}\u{85}R.",
            "cnumpy\ndtype\nK\u{1}\u{85}R.",
            "ccollections\ndefaultdict\ncnumpy\nndarray\n\u{85}R.", "cfunctools\npartial\ncnumpy\nndarray\n\u{85}R.",
            "ccopyreg\n_reconstructor\n(cnumpy\nndarray\ncbuiltins\nobject\nNtR.", "cnumpy\nndarray\n)R.",
            "cnumpy\nndarray\n)\u{81}.",
        ]
    )
    func calls(_ text: String) {
        // Characters up to U+00FF stand for single bytes.
        let bytes = text.unicodeScalars.map { UInt8($0.value) }
        let reason = refusal([0x80, 2] + bytes)?.reason
        #expect(reason == .forbiddenCall || reason == .invalidArray)
    }

    @Test("an argument does not cross the end of its frame")
    func frames() {
        let crossing: [UInt8] = [0x80, 4, 0x95, 2, 0, 0, 0, 0, 0, 0, 0, 0x4A, 0, 0, 0, 0, 0x2E]
        #expect(refusal(crossing)?.reason == .malformed)
    }
}
