import Contract

/// The annotations by which people steer single objects, in kube-downscaler's words.
enum DownscalerMarks {
    static let originalReplicas = ["downscaler/original-replicas", "cloudoptim.io/original-replicas"]
    static let excludedUntil = ["downscaler/exclude-until"]
    static let downtimeReplicas = ["downscaler/downtime-replicas"]
    static let uptime = "downscaler/uptime"
    static let downtime = "downscaler/downtime"
    /// Whole schedules in any syntax.
    static let schedules = ["cloudoptim.io/schedule", "maid_offhours"]
    /// Known there, not here: an object that carries one is left alone rather than misread.
    static let unsupported = ["downscaler/upscale-period", "downscaler/downscale-period"]

    /// The annotation that keeps the object out; any value but `false` does.
    static func exclusion(_ annotations: Labels) -> String? {
        guard let value = annotations["downscaler/exclude"], value.lowercased() != "false" else { return nil }
        return "downscaler/exclude=\(value.prefix(32))"
    }

    static func forcesUptime(_ annotations: Labels) -> Bool {
        annotations["downscaler/force-uptime"]?.lowercased() == "true"
    }

    static func first(_ keys: [String], in annotations: Labels) -> String? {
        guard !annotations.isEmpty else { return nil }
        for key in keys {
            if let value = annotations[key] { return value }
        }
        return nil
    }

    /// A number of replicas; nothing for what is none.
    static func count(_ text: String?) -> Int64? {
        text.flatMap { $0.utf8.count <= 9 && $0.utf8.allSatisfy { $0 &- 0x30 < 10 } ? Int64($0) : nil }
    }
}
