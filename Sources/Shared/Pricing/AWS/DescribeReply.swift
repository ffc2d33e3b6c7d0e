/// The flat items of a small EC2 answer, such as DescribeRegions: each a map from element to text.
///
/// Deeper elements of an item are left out.
struct DescribeReply: Sendable {
    private(set) var items: [[String: String]] = []

    /// Reads the items of a set.
    ///
    /// - Throws: ``PricingError``, `malformed` or `invalid`.
    init(parsing body: [UInt8], set: String, document: String) throws(PricingError) {
        let outcome = body.withUnsafeBufferPointer { buffer -> Result<[[String: String]], PricingError> in
            do throws(PricingError) { return .success(try Self.read(buffer, set, document)) } catch {
                return .failure(error)
            }
        }
        items = try outcome.get()
    }

    private static func read(
        _ buffer: UnsafeBufferPointer<UInt8>,
        _ set: String,
        _ document: String
    ) throws(PricingError) -> [[String: String]] {
        var reader = XMLReader(buffer, document: document)
        var path: [String] = []
        var items: [[String: String]] = []
        var item: [String: String] = [:]
        var text = ""
        var sawSet = false
        while let event = try reader.next() {
            switch event {
            case .start(let name):
                path.append(name)
                text = ""
                if path.count == 2, name == set { sawSet = true }
                if path.count == 3 { item = [:] }
            case .text(let more): text += more
            case .end(let name):
                if path.count == 4, path[1] == set { item[name] = text }
                if path.count == 3, path[1] == set { items.append(item) }
                path.removeLast()
                text = ""
            }
        }
        guard sawSet else { throw PricingError(.invalid, "the answer has no \(set)", in: document) }
        return items
    }
}
