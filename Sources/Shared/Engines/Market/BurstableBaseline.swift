extension InstanceSpec {
    /// The share of each vCPU that a burstable type may use all the time, 0 to 1.
    ///
    /// Credits earned per hour over vCPUs over 60 minutes, as the EC2 user guide lists them; not linear in size.
    ///
    /// - Returns: 1 for a type that is not burstable; nothing for a burstable one that is not listed.
    package var baselineShare: Double? {
        guard isBurstable else { return 1 }
        let size = name.drop { $0 != "." }.dropFirst()
        switch (family, size) {
        case ("t2", "xlarge"): return 0.225
        case ("t2", "2xlarge"): return 0.17
        case (_, "xlarge"), (_, "2xlarge"): return ["t3", "t3a", "t4g"].contains(family) ? 0.40 : nil
        default: break
        }
        guard ["t2", "t3", "t3a", "t4g"].contains(family) else { return nil }
        switch size {
        case "nano": return 0.05
        case "micro": return 0.10
        case "small", "medium": return 0.20
        case "large": return 0.30
        default: return nil
        }
    }

    /// Millicores that a burstable type may use all the time.
    package var baselineMillicores: Int? {
        baselineShare.map { Int(($0 * Double(vcpus) * 1000).rounded(.down)) }
    }
}
