/// A machine as EC2 describes it.
package struct EC2Instance: Sendable, Hashable {
    package enum State: String, Sendable, Hashable, CaseIterable {
        case pending, running, stopping, stopped, terminated
        case shuttingDown = "shutting-down"
        /// The description has none, or one we do not know: nothing may be concluded from it.
        case unknown
    }

    package enum Lifecycle: String, Sendable, Hashable, CaseIterable {
        case onDemand = "on-demand"
        case spot = "spot"
        case scheduled = "scheduled"
        case capacityBlock = "capacity-block"
    }

    package struct BlockDevice: Sendable, Hashable {
        package var deviceName: String
        package var volumeID: String
        /// Nothing when the description does not say.
        package var deleteOnTermination: Bool?

        package init(deviceName: String = "", volumeID: String, deleteOnTermination: Bool? = nil) {
            self.deviceName = deviceName
            self.volumeID = volumeID
            self.deleteOnTermination = deleteOnTermination
        }
    }

    package var id: String
    /// Empty when it is not known.
    package var type = ""
    package var state = State.unknown
    package var launchTime: Timestamp?
    package var tags: Labels = [:]
    package var zone: String?
    package var lifecycle = Lifecycle.onDemand
    package var spotRequestID: String?
    /// Whether the spot request would start another machine; nothing when it was not supplied.
    package var isPersistentSpotRequest: Bool?
    package var privateDNSName = ""
    package var privateIP = ""
    package var publicIP: String?
    /// The ARN or the name.
    package var iamInstanceProfile = ""
    package var blockDevices: [BlockDevice] = []
    /// From the tag that EC2 Auto Scaling writes, or from describe-auto-scaling-instances.
    package var autoScalingGroup: String?
    /// Its state within that group, such as `InService`, `Standby` or `Warmed:Stopped`, when supplied.
    package var autoScalingLifecycleState: String?
    /// Nothing when it was not supplied.
    package var isTerminationProtected: Bool?
    /// `Linux` or `Windows`.
    package var operatingSystem = "Linux"
    /// In the names of Kubernetes: `amd64`, `arm64`; nothing when not given.
    package var architecture: String?
    /// Bytes are not known from the description; only whether it boots from disks that vanish with it.
    package var bootsFromInstanceStore = false
    /// Why it is in its state, such as `User initiated (2026-01-31 08:30:00 GMT)`.
    package var stateReason = ""

    package init(id: String) { self.id = id }

    /// The region its zone lies in.
    package var region: String? { zone.flatMap { RegionName.region(ofZone: $0) } }
    package var isSpot: Bool { lifecycle == .spot }
}
