/// One value of a pickle, inert: what refers to others refers to them by their place in an arena.
package enum PickleValue: Sendable {
    case none
    case bool(Bool)
    case int(Int64)
    /// An integer beyond 64 bits; only its size is kept, and whoever needs the value refuses it.
    case bigInt(byteCount: Int32)
    case float(Double)
    case bytes(ByteRange)
    case text(ByteRange)
    /// Index into the graph's lists.
    case list(Int32)
    /// Place and count in the graph's tuple items.
    case tuple(start: Int32, count: Int32)
    /// Index into the graph's lists: key, value, key, value.
    case dict(Int32)
    /// Index into the graph's lists.
    case set(Int32)
    /// Index into ``AllowedGlobal/all``.
    case global(Int32)
    /// Index into the graph's objects.
    case object(Int32)
    /// Index into the graph's arrays.
    case array(Int32)
    /// Index into the graph's data types.
    case dataType(Int32)
}

/// An instance of an allowed class, or the result of an allowed call that we keep as it was written.
package struct PickleObject: Sendable {
    /// Index into ``AllowedGlobal/all``.
    let global: Int32
    /// The tuple of arguments, -1 without.
    let arguments: Int32
    /// What BUILD gave it, -1 before.
    var state: Int32 = -1
    /// Index into the graph's lists, for classes that are dictionaries; -1 without.
    var items: Int32 = -1
    /// Where in the file it was made.
    let offset: Int32
}
