/// The kinds of values between Swift and the sandbox; Sources/Sandbox/wire.h describes the form.
enum WireTag: UInt8 {
    case null, no, yes, integer, double, text, list, object
    /// A table of Lua without members: a list or an object, nobody can tell.
    case empty
}
