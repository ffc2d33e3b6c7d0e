/// A class or function that a file may name, and what it may do with it.
package struct AllowedGlobal: Sendable {
    package enum Role: Sendable, Equatable {
        /// May be named, as a base class or a number type, never called.
        case marker
        /// One of the few functions whose effect the machine imitates.
        case call(Call)
        /// A class that is made without arguments and then given its state.
        case object
        /// A class that is a dictionary as well.
        case mapping
        /// Anything made of it is never read: losses, random generators, search trees.
        case inert
    }

    /// The calls that the machine imitates, each for one shape of arguments.
    package enum Call: Sendable, Equatable {
        case encode, byteArray, bytes, set, frozenSet, slice, reconstructObject, orderedDict, defaultDict, dateTime
        case partial, reconstructArray, fromBuffer, scalar, dataType, index, tree
    }

    package let module: String
    package let name: String
    let role: Role

    package var fullName: String { module + "." + name }

    /// Every name there is.
    ///
    /// A pair is looked up whole: no prefix, no attribute of anything.
    package static let all: [AllowedGlobal] = AllowedGlobals.parse()

    private static let places: [String: Int32] = {
        var places: [String: Int32] = [:]
        for (index, global) in all.enumerated() { places[global.module + "\n" + global.name] = Int32(index) }
        return places
    }()

    /// The place in ``all`` of the pair, by exact comparison of its bytes.
    ///
    /// Text comparison in Swift would take canonically equal spellings for each other; names are ASCII, so anything
    /// else is unknown.
    static func place(module: ArraySlice<UInt8>, name: ArraySlice<UInt8>) -> Int32? {
        guard module.count + name.count <= 200,
            module.allSatisfy({ $0 > 0x20 && $0 < 0x7F }), name.allSatisfy({ $0 > 0x20 && $0 < 0x7F })
        else { return nil }
        return places[String(decoding: module, as: UTF8.self) + "\n" + String(decoding: name, as: UTF8.self)]
    }
}
