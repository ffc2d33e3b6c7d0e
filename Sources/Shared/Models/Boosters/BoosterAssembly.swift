/// Puts a document together from what a reader finds, without recursion, within the limits.
struct BoosterAssembly {
    private struct Frame {
        let isObject: Bool
        let offset: Int
        var members: [BoosterElement.Member] = []
        /// The names so far, once they are too many to look through.
        var names: Set<String> = []
        var name: String?
        var numbers: [Double] = []
        /// Set once an array holds something that is no number.
        var elements: [BoosterElement]?
    }

    private let limits: BoosterLimits
    private var frames: [Frame] = []
    private var elements = 0
    private var numbers = 0
    private(set) var root: BoosterElement?

    init(_ limits: BoosterLimits) { self.limits = limits }

    /// Whether the next thing belongs to an object, and what it waits for.
    var isInObject: Bool { frames.last?.isObject ?? false }
    var isInArray: Bool { frames.last.map { !$0.isObject } ?? false }
    var awaitsValue: Bool { frames.last?.name != nil }
    var isEmptyContainer: Bool {
        guard let frame = frames.last else { return false }
        return frame.members.isEmpty && frame.numbers.isEmpty && (frame.elements?.isEmpty ?? true)
    }
    var depth: Int { frames.count }

    mutating func begin(object: Bool, at offset: Int) throws(ModelRejection) {
        guard frames.count < limits.depth else {
            throw ModelRejection(.limit, "nested more than \(limits.depth) deep", at: offset)
        }
        try count(at: offset)
        frames.append(Frame(isObject: object, offset: offset))
    }

    /// The name of the next value of an object.
    mutating func name(_ name: String, at offset: Int) throws(ModelRejection) {
        let frame = frames.count - 1
        let twin: Bool
        if frames[frame].members.count < 16 {
            twin = frames[frame].members.contains { $0.name == name }
        } else {
            if frames[frame].names.isEmpty { frames[frame].names = Set(frames[frame].members.map(\.name)) }
            twin = !frames[frame].names.insert(name).inserted
        }
        guard !twin else {
            throw ModelRejection(.malformed, "the name \(Self.shown(name)) stands twice in an object", at: offset)
        }
        frames[frame].name = name
    }

    mutating func number(_ value: Double, at offset: Int) throws(ModelRejection) {
        guard let frame = frames.indices.last, !frames[frame].isObject, frames[frame].elements == nil else {
            return try add(BoosterElement(kind: .number(value), offset: offset))
        }
        numbers += 1
        guard numbers <= limits.numbers else {
            throw ModelRejection(.limit, "more than \(limits.numbers) numbers", at: offset)
        }
        frames[frame].numbers.append(value)
    }

    mutating func add(_ kind: BoosterElement.Kind, at offset: Int) throws(ModelRejection) {
        try add(BoosterElement(kind: kind, offset: offset))
    }

    /// Closes the innermost object or array.
    mutating func end() throws(ModelRejection) {
        guard let frame = frames.popLast() else { return }
        let kind: BoosterElement.Kind
        if frame.isObject {
            kind = .object(frame.members)
        } else if let elements = frame.elements {
            kind = .array(elements)
        } else {
            kind = .numbers(frame.numbers)
        }
        try attach(BoosterElement(kind: kind, offset: frame.offset))
    }

    private mutating func add(_ element: BoosterElement) throws(ModelRejection) {
        try count(at: element.offset)
        try attach(element)
    }

    private mutating func attach(_ element: BoosterElement) throws(ModelRejection) {
        guard let frame = frames.indices.last else {
            root = element
            return
        }
        if frames[frame].isObject {
            frames[frame].members.append(.init(name: frames[frame].name ?? "", value: element))
            frames[frame].name = nil
        } else {
            if frames[frame].elements == nil {
                let offset = frames[frame].offset
                for _ in frames[frame].numbers { try count(at: offset) }
                frames[frame].elements = frames[frame].numbers.map { BoosterElement(kind: .number($0), offset: offset) }
                frames[frame].numbers = []
            }
            frames[frame].elements?.append(element)
        }
    }

    private mutating func count(at offset: Int) throws(ModelRejection) {
        elements += 1
        guard elements <= limits.elements else {
            throw ModelRejection(.limit, "more than \(limits.elements) values", at: offset)
        }
    }

    /// A name cut to what can be shown.
    static func shown(_ name: String) -> String {
        let safe = name.unicodeScalars.prefix(40).map { $0.value < 32 || $0.value == 127 ? "?" : String($0) }.joined()
        return "'\(safe)\(name.unicodeScalars.count > 40 ? "…" : "")'"
    }
}
