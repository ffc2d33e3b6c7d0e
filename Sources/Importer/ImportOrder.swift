import Models

/// What the command line says.
struct ImportOrder {
    let memoryBytes: Int
    let processorSeconds: Int
    let formBytes: Int
    private let parts: [(name: String, size: Int)]

    init?(_ arguments: [String]) {
        let numbers = arguments.prefix(3).compactMap { Int($0) }
        guard numbers.count == 3, numbers.allSatisfy({ $0 > 0 }) else { return nil }
        (memoryBytes, processorSeconds, formBytes) = (numbers[0], numbers[1], numbers[2])
        var parts: [(String, Int)] = []
        for argument in arguments.dropFirst(3) {
            let words = argument.split(separator: "=", maxSplits: 1)
            guard words.count == 2, let size = Int(words[1]), size >= 0 else { return nil }
            parts.append((String(words[0]), size))
        }
        self.parts = parts
    }

    /// The parts from standard input; nil when it is shorter than they are.
    func read() -> [ModelForm.Part]? {
        var read: [ModelForm.Part] = []
        for part in parts {
            guard let bytes = StandardStreams.read(part.size) else { return nil }
            read.append(ModelForm.Part(name: part.name, bytes: bytes))
        }
        return read
    }
}
