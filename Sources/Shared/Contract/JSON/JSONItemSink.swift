/// Takes the items of long lists out of a document while it is being parsed.
///
/// A tree of values needs three times the room of its text. Items that are wanted as something else anyway are handed
/// over one by one, and only a null stays in the tree in the place of each.
protocol JSONItemSink: AnyObject {
    /// Asked once for every list that lies only below objects.
    ///
    /// - Parameter keys: The members that lead to it, outermost first; at most ``JSONScanner/deepestSinkList``.
    /// - Returns: True when the items are wanted.
    func wantsItems(below keys: [String]) -> Bool

    /// Takes an item of the list last asked about; lists that are wanted do not nest.
    ///
    /// - Returns: True when the item need not stay in the tree.
    func take(_ item: JSONValue, at index: Int) -> Bool
}
