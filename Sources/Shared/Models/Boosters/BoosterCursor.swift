/// A place in a booster's document, with the names that lead to it: what is not as it must be is refused by path and offset.
struct BoosterCursor {
    let document: BoosterDocument
    let element: BoosterElement
    let path: String

    init(_ document: BoosterDocument) {
        self.init(document, document.root, "")
    }

    private init(_ document: BoosterDocument, _ element: BoosterElement, _ path: String) {
        self.document = document
        self.element = element
        self.path = path
    }

    /// The member of that name; nil when it is absent or null.
    ///
    /// - Throws: When this is no object.
    func find(_ name: String) throws(ModelRejection) -> BoosterCursor? {
        guard case .object(let members) = element.kind else { throw mismatch("an object") }
        guard let member = members.first(where: { $0.name == name }) else { return nil }
        if case .null = member.value.kind { return nil }
        return BoosterCursor(document, member.value, path.isEmpty ? name : "\(path).\(name)")
    }

    func get(_ name: String) throws(ModelRejection) -> BoosterCursor {
        guard let found = try find(name) else {
            throw fault("\(path.isEmpty ? "the booster" : path) has no \(name)")
        }
        return found
    }

    func text() throws(ModelRejection) -> String {
        guard case .text(let text) = element.kind else { throw mismatch("a text") }
        return text
    }

    /// A whole number, which XGBoost writes as text.
    func integer() throws(ModelRejection) -> Int {
        switch element.kind {
        case .text(let text):
            if let value = Int(text) { return value }
        case .number(let value):
            if let exact = Int(exactly: value) { return exact }
        default: break
        }
        throw mismatch("a whole number")
    }

    /// The number of values in an array.
    func count() throws(ModelRejection) -> Int {
        switch element.kind {
        case .numbers(let numbers): return numbers.count
        case .packed(let packed): return packed.count
        case .array(let elements): return elements.count
        default: throw mismatch("an array")
        }
    }

    /// The elements of an array of objects.
    func elements() throws(ModelRejection) -> [BoosterCursor] {
        switch element.kind {
        case .array(let elements):
            return elements.enumerated().map { BoosterCursor(document, $1, "\(path)[\($0)]") }
        case .numbers(let numbers) where numbers.isEmpty: return []
        case .packed(let packed) where packed.count == 0: return []
        default: throw mismatch("an array of objects")
        }
    }

    /// Numbers; truth values of old files count as 0 and 1.
    func numbers() throws(ModelRejection) -> [Double] {
        switch element.kind {
        case .numbers(let numbers): return numbers
        case .packed(let packed): return document.bytes.withUnsafeBytes { packed.numbers(in: $0) }
        case .array(let elements):
            var numbers: [Double] = []
            numbers.reserveCapacity(elements.count)
            for element in elements {
                switch element.kind {
                case .number(let value): numbers.append(value)
                case .bool(let value): numbers.append(value ? 1 : 0)
                default: throw mismatch("an array of numbers")
                }
            }
            return numbers
        default: throw mismatch("an array of numbers")
        }
    }

    /// Whole numbers of 32 bits.
    func integers() throws(ModelRejection) -> [Int32] {
        let numbers = try numbers()
        var integers: [Int32] = []
        integers.reserveCapacity(numbers.count)
        for number in numbers {
            guard let integer = Int32(exactly: number) else { throw fault("\(path) holds \(number), no 32-bit number") }
            integers.append(integer)
        }
        return integers
    }

    func texts() throws(ModelRejection) -> [String] {
        var texts: [String] = []
        for element in try elements() { texts.append(try element.text()) }
        return texts
    }

    func fault(_ message: String, _ reason: ModelRejection.Reason = .invalidModel) -> ModelRejection {
        ModelRejection(reason, "XGBoost: \(message)", at: element.offset)
    }

    private func mismatch(_ wanted: String) -> ModelRejection {
        fault("\(path.isEmpty ? "the booster" : path) is \(element.kindName), not \(wanted)")
    }
}
