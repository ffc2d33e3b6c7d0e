/// How many steps walks make.
struct TreeDepth {
    /// After so many it is worth a look whether all have arrived.
    var usual: Int32
    /// The deepest leaf.
    var most: Int32

    /// What is left after some levels.
    func below(_ levels: Int32) -> TreeDepth { TreeDepth(usual: max(0, usual - levels), most: max(0, most - levels)) }
}
