/// The sets of all categorical splits of an ensemble.
struct CategorySets {
    struct Entry {
        var firstWord: Int
        /// Categories from here on are others.
        var capacity: Double
        var othersGoRight: Bool
        var missingGoesRight: Bool
    }

    let entries: UnsafePointer<Entry>
    let words: UnsafePointer<UInt32>
    let truncates: Bool

    @inline(__always)
    func goesRight(_ value: Double, _ index: Int) -> Bool {
        let entry = entries[index]
        if value.isNaN { return entry.missingGoesRight }
        // What is truncated to 0 lies above -1; an empty set has no category 0. The upper bound makes the conversion safe.
        guard value >= 0 || (truncates && value > -1 && entry.capacity > 0), value < entry.capacity else {
            return entry.othersGoRight
        }
        let category = Int(value)
        return words[entry.firstWord &+ category >> 5] >> UInt32(category & 31) & 1 != 0
    }
}
