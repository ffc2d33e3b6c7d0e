/// How many steps walks make.
struct TreeDepth {
    /// After so many it is worth a look whether all have arrived.
    var usual: Int32
    /// The deepest leaf.
    var most: Int32
}
