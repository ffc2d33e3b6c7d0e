/// What the labels and the provider id of a node tell.
extension Node {
    /// Fills what nothing else has said yet.
    mutating func deriveFromNames() {
        instanceType = instanceType ?? label(["node.kubernetes.io/instance-type", "beta.kubernetes.io/instance-type"])
        region =
            region ?? label(["topology.kubernetes.io/region", "failure-domain.beta.kubernetes.io/region"])
        zone =
            zone
            ?? label([
                "topology.kubernetes.io/zone", "failure-domain.beta.kubernetes.io/zone",
                "topology.ebs.csi.aws.com/zone",
            ])
        let provider = Self.provider(providerID)
        zone = zone ?? provider.zone
        if region == nil { region = zone.flatMap { RegionName.region(ofZone: $0) } }
        instanceID = instanceID ?? provider.instanceID
        architecture = (label(["kubernetes.io/arch", "beta.kubernetes.io/arch"]) ?? architecture)
            .map(Self.architecture)
        operatingSystem = operatingSystem ?? label(["kubernetes.io/os", "beta.kubernetes.io/os"])
        if capacityType == .unknown { capacityType = Self.capacityType(labels) }
        let computeType = labels["eks.amazonaws.com/compute-type"]
        isFargate =
            isFargate || computeType == "fargate" || name.hasPrefix("fargate-") || providerID.contains("/fargate-")
        isHybrid = isHybrid || computeType == "hybrid" || providerID.hasPrefix("eks-hybrid:")
    }

    private func label(_ names: [String]) -> String? {
        for name in names {
            if let value = labels[name], !value.isEmpty { return value }
        }
        return nil
    }

    /// Both vocabularies are in use: that of Go and that of the kernel.
    static func architecture(_ name: String) -> String {
        switch name.lowercased() {
        case "x86_64", "x86-64", "amd64": "amd64"
        case "aarch64", "arm64": "arm64"
        case let other: other
        }
    }

    /// `aws:///us-east-1a/i-0123…`, `aws://us-east-1a/i-0123…`, or the bare id.
    static func provider(_ text: String) -> (zone: String?, instanceID: String?) {
        let parts = text.split(separator: "/")
        guard let last = parts.last.map(String.init), isInstanceID(last) else { return (nil, nil) }
        let zone = parts.dropLast().last.map(String.init)
        return (zone.flatMap { RegionName.region(ofZone: $0) != nil ? $0 : nil }, last)
    }

    /// `i-` and 8 or 17 hexadecimal digits; made-up ids of other lengths pass as well.
    static func isInstanceID(_ text: String) -> Bool {
        let digits = text.utf8.dropFirst(2)
        return text.hasPrefix("i-") && (1...32).contains(digits.count)
            && digits.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x7A).contains($0 | 0x20) }
    }

    /// How the node is paid for, by the labels of EKS, Karpenter, kOps, Spot by NetApp, CAST AI and older conventions.
    static func capacityType(_ labels: Labels) -> CapacityType {
        let names = [
            "karpenter.sh/capacity-type", "eks.amazonaws.com/capacityType", "node.kubernetes.io/lifecycle",
            "spotinst.io/node-lifecycle", "kops.k8s.io/lifecycle", "node-lifecycle", "nodelifecycle", "lifecycle",
            "kubernetes.azure.com/scalesetpriority",
        ]
        for name in names {
            if let type = labels[name].flatMap(capacityType(named:)) { return type }
        }
        if labels["scheduling.cast.ai/spot"] == "true" || labels["cloud.google.com/gke-spot"] == "true"
            || labels["node-role.kubernetes.io/spot-worker"] != nil
        {
            return .spot
        }
        return .unknown
    }

    static func capacityType(named name: String) -> CapacityType? {
        switch name.lowercased().filter({ $0 != "-" && $0 != "_" && $0 != " " }) {
        case "spot", "ec2spot", "preemptible", "spotinstance": .spot
        case "ondemand", "od", "normal", "regular", "reserved", "capacityblock": .onDemand
        default: nil
        }
    }
}
