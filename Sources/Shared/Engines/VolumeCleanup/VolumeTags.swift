import Contract

/// What the tags of a disk say: who made it, who keeps it, when it was last used.
struct VolumeTags: Sendable, Hashable {
    /// The claim it was made for.
    private(set) var claim: ObjectKey?
    private(set) var persistentVolume: String?
    /// Whether a cluster made it.
    private(set) var isOfCluster = false
    /// The tag by which somebody keeps it.
    private(set) var keeper: String?
    private(set) var lastAttach: Timestamp?
    private(set) var ownership: ClusterOwnership

    /// Words that keep a disk when they stand alone in a key.
    private static let keepWords: Set<String> = [
        "keep", "retain", "preserve", "backup", "backups", "dlm", "donotdelete", "nodelete", "protected", "protection",
        "deletionprotection", "terminationprotection", "legalhold",
    ]

    init(_ volume: EBSVolume) {
        self.init(volume.tags)
        // The small shape has it as a member; a value that cannot be read is nobody's knowledge.
        if lastAttach == nil, let text = volume.flat["last_attach_time"]?.string { lastAttach = Self.time(text) }
    }

    init(_ tags: Labels) {
        ownership = ClusterOwnership(tags)
        var claimName: String?
        var claimNamespace: String?
        for tag in tags {
            switch tag.key {
            case "kubernetes.io/created-for/pvc/name": claimName = tag.value
            case "kubernetes.io/created-for/pvc/namespace": claimNamespace = tag.value
            case "kubernetes.io/created-for/pv/name", "CSIVolumeName": persistentVolume = persistentVolume ?? tag.value
            case "ebs.csi.aws.com/cluster": isOfCluster = isOfCluster || tag.value.lowercased() != "false"
            case "LastAttachTime", "lastattachtime", "last_attach_time": lastAttach = Self.time(tag.value)
            default: if keeper == nil, Self.keeps(tag.key, tag.value) { keeper = "\(tag.key)=\(tag.value)" }
            }
        }
        if let claimName { claim = ObjectKey(namespace: claimNamespace ?? "default", name: claimName) }
        isOfCluster = isOfCluster || claimName != nil || persistentVolume != nil || !ownership.isNone
    }

    private static func keeps(_ key: String, _ value: String) -> Bool {
        let small = key.lowercased()
        // What a backup service writes keeps, whatever its value.
        if small.hasPrefix("aws:backup") || small.hasPrefix("aws:dlm") || small.hasPrefix("dlm:") { return true }
        if saysNo(value.lowercased()) { return false }
        let words = small.split { !($0.isLetter || $0.isNumber) }
        if words.contains(where: { keepWords.contains(String($0)) }) { return true }
        // do-not-delete, deletion_protection, do not delete
        return keepWords.contains(words.joined()) || small.contains("backup") || small.contains("donotdelete")
    }

    /// An instant in any form; EC2 and people write GMT or UTC behind the time.
    private static func time(_ text: String) -> Timestamp? {
        for suffix in [" GMT", " UTC"] where text.hasSuffix(suffix) { return Timestamp(loose: text.dropLast(4) + "Z") }
        return Timestamp(loose: text)
    }

    private static func saysNo(_ value: String) -> Bool {
        TagGuard.saysNo(value) || value == "none" || value == "disabled" || value == "never"
    }
}
