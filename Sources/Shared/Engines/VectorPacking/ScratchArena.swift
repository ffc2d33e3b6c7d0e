/// Working memory of inner loops, given back as a whole.
///
/// An Array checks its bounds and its uniqueness on each access, which these loops pay for with most of their time, in
/// debug builds many times over. Whoever owns an arena keeps its own indices within the counts.
final class ScratchArena {
    private var blocks: [UnsafeMutableRawPointer] = []

    /// At least one element; valid as long as the arena.
    func make<Element: BitwiseCopyable>(_ count: Int, _ value: Element) -> UnsafeMutablePointer<Element> {
        let block = UnsafeMutablePointer<Element>.allocate(capacity: max(1, count))
        block.initialize(repeating: value, count: max(1, count))
        blocks.append(UnsafeMutableRawPointer(block))
        return block
    }

    func make<Element: BitwiseCopyable>(_ values: [Element], or value: Element) -> UnsafeMutablePointer<Element> {
        let block = make(values.count, value)
        for (index, value) in values.enumerated() { block[index] = value }
        return block
    }

    deinit { for block in blocks { block.deallocate() } }
}
