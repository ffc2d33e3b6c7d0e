/// What a pickle remembers under numbers.
///
/// Writers count from 0, so an array serves them; a number out of turn goes to a dictionary and costs one entry, not as
/// much memory as it is large.
struct PickleMemo {
    private var dense: [Int32] = []
    private var sparse: [UInt64: Int32] = [:]

    /// MEMOIZE stores under it.
    var count: Int { dense.count + sparse.count }

    subscript(index: UInt64) -> Int32? {
        get { index < UInt64(dense.count) ? dense[Int(index)] : sparse[index] }
        set {
            guard let newValue else { return }
            if index < UInt64(dense.count) {
                dense[Int(index)] = newValue
            } else if index == UInt64(dense.count), sparse.isEmpty || sparse[index] == nil {
                dense.append(newValue)
            } else {
                sparse[index] = newValue
            }
        }
    }
}
