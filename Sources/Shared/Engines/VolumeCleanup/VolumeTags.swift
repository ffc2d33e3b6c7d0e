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
            case "LastAttachTime", "lastattachtime", "last_attach_time": lastAttach = Moments.read(tag.value)
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

    private static func saysNo(_ value: String) -> Bool {
        TagGuard.saysNo(value) || value == "none" || value == "disabled" || value == "never"
    }
}

/// Instants in all the forms that tags and lists hold them.
enum Moments {
    /// `2026-01-31T08:30:00Z`, with an offset, with fractions, with a blank for the T, or a date alone: its midnight UTC.
    static func read(_ text: String) -> Timestamp? {
        if let instant = Timestamp(text) { return instant }
        if text.utf8.count == 10 { return Timestamp(text + "T00:00:00Z") }
        // EC2 and people write GMT or UTC after the time.
        for suffix in [" GMT", " UTC"] where text.hasSuffix(suffix) { return Timestamp(text.dropLast(4) + "Z") }
        // An offset without a colon, as strftime's %z gives it.
        guard text.utf8.count > 20, let sign = text.dropLast(4).last, sign == "+" || sign == "-" else { return nil }
        return Timestamp("\(text.dropLast(2)):\(text.suffix(2))")
    }
}
