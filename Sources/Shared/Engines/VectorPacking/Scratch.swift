/// Working memory of fixed size for inner loops.
///
/// An Array checks its bounds and its uniqueness on each access, which inner loops pay for with most of their time, in
/// debug builds many times over. Whoever owns a Scratch keeps its own indices within the count.
final class Scratch<Element: BitwiseCopyable> {
    let base: UnsafeMutablePointer<Element>
    let count: Int

    init(_ count: Int, _ value: Element) {
        self.count = max(1, count)
        base = .allocate(capacity: self.count)
        base.initialize(repeating: value, count: self.count)
    }

    convenience init(_ values: [Element], or value: Element) {
        self.init(values.count, value)
        for (index, value) in values.enumerated() { base[index] = value }
    }

    deinit { base.deallocate() }

    func fill(_ value: Element) { base.update(repeating: value, count: count) }

    func copy(from other: Scratch<Element>) { base.update(from: other.base, count: min(count, other.count)) }
}
