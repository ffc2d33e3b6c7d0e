/// JSON that is passed through without being parsed again: a stored result can be large.
package struct JSONFragment: Sendable, Hashable {
    /// One valid JSON value, written by us.
    package let bytes: [UInt8]

    /// Takes bytes that are known to be one JSON value; they are not checked.
    package init(trusted bytes: [UInt8]) { self.bytes = bytes }
    package init(_ value: JSONValue) { bytes = value.bytes() }
}
