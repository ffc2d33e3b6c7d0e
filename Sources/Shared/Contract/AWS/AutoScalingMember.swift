/// A machine's membership in an EC2 Auto Scaling group.
package struct AutoScalingMember: Sendable, Hashable {
    package var instanceID: String
    package var group: String
    /// `InService`, `Standby`, `Pending:Wait`, `Warmed:Stopped` and the like; empty when not given.
    package var lifecycleState = ""
    package var isProtectedFromScaleIn = false

    package init(instanceID: String, group: String) {
        self.instanceID = instanceID
        self.group = group
    }
}
