/// A public address that is kept, whether or not it is used.
package struct ElasticAddress: Sendable, Hashable {
    package var publicIP: String
    package var allocationID = ""
    /// Nothing when it is not associated with anything.
    package var associationID: String?
    package var instanceID: String?
    package var networkInterfaceID: String?
    package var tags: Labels = [:]

    package init(publicIP: String) { self.publicIP = publicIP }

    package var isAssociated: Bool { associationID != nil || instanceID != nil || networkInterfaceID != nil }
}
