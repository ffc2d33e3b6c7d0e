/// Items of several sizes, bins of several kinds: put every item into a bin at the least cost.
///
/// Sizes and capacities are vectors of whole numbers in any units, the same unit in the same place everywhere. A vector
/// that is too short ends in zeros. Neither the order of the classes nor how equal items are spread over them matters.
package struct PackingProblem: Sendable, Hashable {
    package struct ItemClass: Sendable, Hashable {
        /// A negative part gives room to the other items of its bin, each of which must fit such a bin alone as well.
        package var size: [Int64]
        /// None of them when it is 0 or negative.
        package var count: Int64

        package init(size: [Int64], count: Int64 = 1) {
            self.size = size
            self.count = count
        }
    }

    package struct BinClass: Sendable, Hashable {
        /// A negative part counts as 0: only items that need nothing there fit.
        package var capacity: [Int64]
        /// Of one bin, in whole units such as micro-dollars; a negative cost counts as 0, which is free.
        package var cost: Int64
        /// How many there are; nil is any number.
        package var available: Int64?
        /// Indices of the item classes that may go in; nil is all of them.
        package var compatible: ClassSet?

        package init(capacity: [Int64], cost: Int64 = 1, available: Int64? = nil, compatible: ClassSet? = nil) {
            self.capacity = capacity
            self.cost = cost
            self.available = available
            self.compatible = compatible
        }
    }

    package var items: [ItemClass]
    package var bins: [BinClass]

    package init(items: [ItemClass], bins: [BinClass]) {
        self.items = items
        self.bins = bins
    }

    /// The longest vector; at least 1.
    package var dimensions: Int {
        max(1, items.reduce(0) { max($0, $1.size.count) }, bins.reduce(0) { max($0, $1.capacity.count) })
    }
}
