/// Why a file is not a model that we run.
///
/// The message names the class and the place, never the file's content at length: it is shown on a screen.
package struct ModelRejection: Error, Equatable, Sendable {
    /// What kind of rule the file breaks.
    package enum Reason: String, Sendable, CaseIterable {
        /// A class or function outside the allow-list is named.
        case forbiddenGlobal = "forbidden-global"
        /// An allowed name is called, built or used in a way that the allow-list does not permit.
        case forbiddenCall = "forbidden-call"
        /// An opcode that is never legitimate here.
        case forbiddenOpcode = "forbidden-opcode"
        /// The bytes are not one well-formed file of the kind they claim to be.
        case malformed
        /// A shape, data type or size that does not hold.
        case invalidArray = "invalid-array"
        /// A readable model whose numbers cannot be right.
        case invalidModel = "invalid-model"
        /// A budget would be exceeded.
        case limit = "limit-exceeded"
        /// Not a container that we read.
        case badContainer = "bad-container"
        /// A class that is not supported, harmless as it may be.
        case unsupported = "unsupported-class"
    }

    package let reason: Reason
    package let message: String
    /// Where in the bytes, counted from 0; nil for faults of the model as a whole.
    package let offset: Int?

    package init(_ reason: Reason, _ message: String, at offset: Int? = nil) {
        self.reason = reason
        self.message = message
        self.offset = offset
    }
}
