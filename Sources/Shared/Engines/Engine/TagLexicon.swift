/// What keys of tags mean, worked out once for each different key: a fleet has few of them, however large it is.
struct TagLexicon<Meaning> {
    private var known: [String: Meaning] = [:]
    private let read: (String) -> Meaning

    init(_ read: @escaping (String) -> Meaning) { self.read = read }

    mutating func callAsFunction(_ key: String) -> Meaning {
        if let meaning = known[key] { return meaning }
        let meaning = read(key)
        known[key] = meaning
        return meaning
    }
}
